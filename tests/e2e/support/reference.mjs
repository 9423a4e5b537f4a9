// SPDX-License-Identifier: Apache-2.0
// Writes docs/reference/*.md from what the program says of itself and from the catalog that is built in:
//   node tests/e2e/support/reference.mjs
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import YAML from 'yaml';
import { tree } from './documents.mjs';
import { kefud } from './kefud.mjs';

const said = (...args) => {
  const { status, stdout, stderr } = kefud(args);
  if (status !== 0) throw new Error(`kefud ${args.join(' ')}: ${stderr}`);
  return stdout;
};
const madeFrom = (sources) => `Made from ${sources} by \`node tests/e2e/support/reference.mjs\`; a test holds it to them.\n`;
/** Text of one cell: a bar would end it. */
const cell = (text) => String(text ?? '').replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (heads, rows) =>
  rows.length === 0 ? '' : `\n${[heads, heads.map(() => '---'), ...rows].map((row) => `|${row.map((text) => ` ${cell(text)} `.replace(/^ +$/, ' ')).join('|')}|`).join('\n')}\n`;
const code = (text) => (text === '' || text === undefined ? '' : `\`${text}\``);
const codes = (list = []) => list.map(code).join(', ');

/** Every command with what its --help says. */
export function commandsPage() {
  const subcommands = (help) => [...(help.split('Subcommands:\n')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name);
  const footer = /\n\n\nExit codes:[^]*$|\n\nExit codes:[^]*$/;
  const sections = (path) => {
    const help = said(...path, '--help').replace(footer, '');
    const [meaning, ...rest] = help.split('\n');
    return [`\n## ${['kefud', ...path].join(' ')}\n\n${meaning}\n\n\`\`\`text\n${rest.join('\n').trim()}\n\`\`\`\n`, ...subcommands(help).flatMap((name) => sections([...path, name]))];
  };
  return ['# Commands\n', madeFrom('`kefud COMMAND --help`'), 'Exit codes: 0 ok, 1 findings, 2 usage, 3 environment.\n', ...subcommands(said('--help')).flatMap((name) => sections([name]))].join('\n').replace(/\n{3,}/g, '\n\n');
}

/** The HTTP API, from the document that the daemon serves at /api/openapi.json. */
export function apiPage() {
  const api = JSON.parse(readFileSync(join(tree, 'daemon/console/openapi.json'), 'utf8'));
  const nameOf = (ref) => ref.split('/').at(-1);
  const typeOf = (schema) => {
    if (!schema) return '';
    if (schema.$ref) return `[${nameOf(schema.$ref)}](#${nameOf(schema.$ref).toLowerCase()})`;
    if (schema.enum) return codes(schema.enum);
    if (schema.anyOf ?? schema.oneOf) return (schema.anyOf ?? schema.oneOf).map(typeOf).join(' or ');
    if (schema.type === 'array') return `list of ${typeOf(schema.items) || 'values'}`;
    if (schema.format === 'date-time') return 'time';
    return [schema.type ?? 'any'].flat().join(' or ');
  };
  const members = (schema, before = '') =>
    Object.entries(schema?.properties ?? {}).flatMap(([name, inner]) => {
      const list = inner.type === 'array';
      const path = `${before}${name}${list ? '[]' : ''}`;
      const row = [code(path), typeOf(inner), schema.required?.includes(name) ? 'yes' : '', inner.description ?? ''];
      return [row, ...members(list ? inner.items : inner, `${path}.`)];
    });
  const heads = ['member', 'type', 'always', 'meaning'];
  const operation = (method, path, one) => {
    const body = one.requestBody?.content['application/json']?.schema;
    const asked = [...(one.parameters ?? []).map(({ name, required, schema, description }) => [code(name), typeOf(schema), required ? 'yes' : '', description ?? '']), ...members(body)];
    const answers = Object.entries(one.responses).filter(([status]) => status < 400);
    const given = answers.map(([status, { description, content = {} }]) => {
      const schema = content['application/json']?.schema;
      const other = Object.keys(content).filter((type) => type !== 'application/json');
      return [`${status}: ${[typeOf(schema) || description, ...codes(other).split(', ').filter(Boolean)].join(', ')}`, schema?.$ref ? '' : table(heads, members(schema))];
    });
    const problems = Object.keys(one.responses).filter((status) => status >= 400);
    return [
      `\n#### ${method.toUpperCase()} ${path}\n\n${one.summary}. ${one.description ?? ''}`.trimEnd() + '\n',
      table(['parameter', 'type', 'needed', 'meaning'], asked),
      `\nAnswers ${given.map(([line]) => line).join('; ')}${problems.length ? `; problems: ${problems.join(', ')}` : ''}.\n`,
      ...given.map(([, rows]) => rows),
    ].join('');
  };
  const operations = Object.entries(api.paths).flatMap(([path, item]) => Object.entries(item).map(([method, one]) => ({ method, path, one })));
  return [
    '# The API\n', madeFrom('[`daemon/console/openapi.json`](../../daemon/console/openapi.json), which the daemon serves at `/api/openapi.json`'),
    `Paths begin with \`${api.servers[0].url}\`. ${api.info.description}\n`,
    '## Calls\n',
    ...api.tags.map(({ name }) => [`### Calls: ${name}\n`, ...operations.filter(({ one }) => one.tags.includes(name)).map(({ method, path, one }) => operation(method, path, one))].join('')),
    '## Values\n',
    ...Object.entries(api.components.schemas).map(([name, schema]) => `### ${name}\n\n${[schema.description, schema.properties ? '' : typeOf(schema)].filter(Boolean).join(': ')}\n${table(heads, members(schema))}`),
  ].join('\n').replace(/\n{3,}/g, '\n\n').trimEnd() + '\n';
}

/** The files of a catalog: who reads them, and the page that says what their keys mean. */
export const catalogFiles = [
  { file: 'replies/<locale>.yaml', what: 'texts', reads: ['replies/load_template.cpp'], page: 'replies/README.md' },
  { file: 'playbooks/*.yaml', what: 'playbooks', reads: ['replies/load_playbook.cpp', 'replies/load_slot.cpp'], page: 'replies/README.md' },
  { file: 'policy.yaml', what: 'rules, teams, limits, hours; of these, calendars have theirs too', reads: ['replies/load_policy.cpp', 'replies/load_hours.cpp'], page: 'replies/policy.yaml' },
  { file: 'guard.yaml', what: 'what no text may promise', reads: ['replies/guard.cpp'], page: 'replies/README.md' },
  { file: 'tests/*.yaml', what: 'conversation tests', reads: ['daemon/load_conversation_tests.cpp'], page: 'replies/README.md' },
  { file: 'intents/<language>.yaml', what: 'packs, and topics.yaml beside them', reads: ['intents/load_pack.cpp'], page: 'intents/README.md' },
];

/** The keys that the loaders ask for, in their order: {key: whether it is needed wherever it may stand}. Anything else in a file is an error. */
export function keysOf({ reads }) {
  const keys = {};
  for (const source of reads)
    for (const [, how, key] of readFileSync(join(tree, source), 'utf8').matchAll(/\b(get|require|read_\w+)\((?:object, )?"(\w+)"/g)) keys[key] = (keys[key] ?? true) && how === 'require';
  return keys;
}

/** What the catalog that is built in has: topics and what is done about each, texts, playbooks, the guard's rules, calendars. */
export function catalogPage() {
  const yaml = (path) => YAML.parse(readFileSync(join(tree, path), 'utf8'), { merge: true });
  const all = (folder) => readdirSync(join(tree, folder)).filter((file) => file.endsWith('.yaml')).sort().map((file) => [basename(file, '.yaml'), yaml(join(folder, file))]);
  const { topics } = yaml('intents/packs/topics.yaml');
  const { rules, tiers } = yaml('replies/policy.yaml');
  const rest = Object.keys(topics).map((topic) => ({ topic, ...rules.find((rule) => rule.topic === topic) })).sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0));
  const packs = all('replies/packs');
  const ids = [...new Set(packs.flatMap(([, { templates }]) => Object.keys(templates)))].sort();
  const placeholders = (id) =>
    [...new Set(packs.flatMap(([, { templates }]) => [...JSON.stringify(templates[id] ?? {}).matchAll(/\{([a-z_]+)[,}]/g)].map(([, name]) => name)))].sort();
  const playbooks = all('replies/playbooks').flatMap(([file, { playbooks: inFile }]) => Object.entries(inFile).map(([name, one]) => ({ file, name, ...one })));
  const uses = (steps, key) => [...new Set(steps.flatMap((step) => [...(key in step ? [step[key]].flat() : []), ...uses(step.steps ?? [], key)]))];
  return [
    '# The shipped catalog\n', `\n${madeFrom('`intents/packs` and `replies`')}\n`,
    'What is built in, and lies in `/usr/share/kefud/catalog` to copy from. How each kind of file is written: [replies/README.md](../../replies/README.md), [intents/README.md](../../intents/README.md).\n\n',
    '## Keys\n\nEvery key that a file may have, those in bold wherever they may stand; `kefud check` names any other with its place. What they mean is on the page.\n',
    table(['file', 'keys', 'page'], catalogFiles.map((one) => [
      `${code(one.file)}: ${one.what}`, Object.entries(keysOf(one)).map(([key, needed]) => (needed ? `**${code(key)}**` : code(key))).join(', '), `[${one.page}](../../${one.page})`])),
    '\n## Topics, and what is done about each\n\nOf several topics in a message the highest priority goes first. Without a rule a topic only colours what is said.\n',
    table(['topic', 'labels', 'anger', 'priority', 'answer', 'a person', 'team'], rest.map(({ topic, priority, reply, playbook, hand_over, tier }) => [
      code(topic), (topics[topic].labels ?? []).join(', '), topics[topic].anger?.level ?? '', priority ?? '',
      playbook ? `playbook ${code(playbook)}` : code(reply), { always: 'at once', second_time: 'the second time' }[hand_over] ?? '', tier ?? ''])),
    '\n## Teams\n', table(['team', 'answers within', 'authority for one order', 'refunds'], tiers.map(({ name, answer_within, authority = {} }) => {
      const amounts = (of = {}) => Object.entries(of).map(([currency, amount]) => `${amount} ${currency}`).join(', ');
      return authority === 'unlimited' ? [name, answer_within, 'unlimited', 'unlimited'] : [name, answer_within, amounts(authority.per_order), amounts(authority.refunds)];
    })),
    '\n## Playbooks\n', table(['playbook', 'file', 'asks for', 'says', 'calls a person because'], playbooks.map(({ file, name, steps }) => [
      code(name), `playbooks/${file}.yaml`, codes(uses(steps, 'ask')), codes(uses(steps, 'say')), uses(steps, 'call').join(', ')])),
    '\n## Texts\n\nA text that no value is known for is passed over, so each has a variant that needs none.\n',
    table(['template', 'placeholders', 'in'], ids.map((id) => [code(id), codes(placeholders(id)), packs.filter(([, { templates }]) => id in templates).map(([locale]) => locale).join(', ')])),
    '\n## What no text may promise\n', table(['rule', 'why'], yaml('replies/guard.yaml').rules.map(({ id, why }) => [code(id), why])),
    '\n## Calendars\n', table(['calendar', 'days off', 'weekend days worked'], all('replies/calendars').map(([name, calendar]) => {
      const [off, work] = ['holidays', 'workdays'].map((kind) => Object.keys(calendar[kind] ?? {}).length);
      return [code(name), off, work];
    })),
  ].join('').replace(/\n{3,}/g, '\n\n');
}

export const reference = { 'settings.md': () => said('schema', 'markdown'), 'commands.md': commandsPage, 'api.md': apiPage, 'catalog.md': catalogPage };

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = join(tree, 'docs/reference');
  mkdirSync(folder, { recursive: true });
  for (const [name, make] of Object.entries(reference)) writeFileSync(join(folder, name), make());
}
