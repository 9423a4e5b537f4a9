// SPDX-License-Identifier: Apache-2.0
// The pure functions of the console's page, and its words. No browser, no daemon.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from './support/kefud.mjs';

const page = join(root, 'daemon/console/page');
const built = existsSync(join(page, 'node_modules/esbuild')) ? {} : { skip: 'npm ci in daemon/console/page to run this' };
const modules = ['lib/spans', 'lib/window', 'lib/chart', 'lib/format', 'lib/pack_texts', 'inbox/order', 'inbox/summary', 'inbox/wanted', 'state/route', 'state/settings', 'words/en', 'words/cs', 'words/zh-Hant', 'words/zh-Hans'];
const of = {};
let folder;
before(async () => {
  if (built.skip) return;
  folder = mkdtempSync(join(tmpdir(), 'kefud-page-'));
  const { build } = createRequire(join(page, 'package.json'))('esbuild');
  await build({ absWorkingDir: page, entryPoints: modules.map((name) => `src/${name}.ts`), outbase: 'src', outdir: folder, bundle: true, format: 'esm', outExtension: { '.js': '.mjs' }, logLevel: 'error' });
  for (const name of modules) of[name] = await import(pathToFileURL(join(folder, `${name}.mjs`)));
});
after(() => folder && rmSync(folder, { recursive: true, force: true }));

test('a text is cut where something was found, and overlaps meet in one piece', built, () => {
  const { cut } = of['lib/spans'];
  assert.deepEqual(cut('abcdef', [{ start: 1, end: 4, what: 'x' }, { start: 3, end: 5, what: 'y' }]), [
    { text: 'a', found: [] }, { text: 'bc', found: ['x'] }, { text: 'd', found: ['x', 'y'] }, { text: 'e', found: ['y'] }, { text: 'f', found: [] },
  ]);
  assert.deepEqual(cut('', []), []);
  assert.deepEqual(cut('ab', [{ start: 1, end: 9, what: 'outside' }, { start: 1, end: 1, what: 'empty' }]), [{ text: 'ab', found: [] }]);
});

test('neighbours that look the same are shown as one', built, () => {
  const { cut, joined } = of['lib/spans'];
  const pieces = cut('abcdef', [{ start: 0, end: 3, what: 'x' }, { start: 2, end: 5, what: 'y' }]);
  assert.deepEqual(joined(pieces, (found) => (found.length ? 'found' : '')), [{ text: 'abcde', found: ['x', 'x', 'y', 'y'] }, { text: 'f', found: [] }]);
});

test('only web addresses become links, without the sentence around them', built, () => {
  const { addresses } = of['lib/spans'];
  const text = '看這裡https://a.example/x，或 (http://b.example/y). javascript:alert(1)';
  assert.deepEqual(addresses(text).map(({ what }) => what), ['https://a.example/x', 'http://b.example/y']);
  for (const { start, end, what } of addresses(text)) assert.equal(text.slice(start, end), what);
});

test('only the rows in sight and some around exist', built, () => {
  const { rowsInSight, scrollTo } = of['lib/window'];
  assert.deepEqual(rowsInSight(0, 800, 80, 10_000, 5), { first: 0, end: 15 });
  assert.deepEqual(rowsInSight(8_000, 800, 80, 10_000, 5), { first: 95, end: 115 });
  assert.deepEqual(rowsInSight(1e9, 800, 80, 10, 5), { first: 10, end: 10 });
  assert.equal(scrollTo(0, 500, 800, 80), 0);
  assert.equal(scrollTo(100, 0, 800, 80), 100 * 80 + 80 - 800);
  assert.equal(scrollTo(3, 0, 800, 80), 0);
});

const item = (conversation, anger, answer_by, more = {}) => ({ conversation, channel: 'c', customer: 'u', name: '', language: 'en', owner: 'waiting', agent: '', anger, topic: '', order: '', tier: '', last_message_at: '', tags: [], draft: false, ...(answer_by ? { answer_by } : {}), ...more });

test('a queue is angriest first, then by the nearest deadline, and a change finds its place', built, () => {
  const { before: order, placed, belongs } = of['inbox/order'];
  const list = [item('a', 0.9, '2026-01-01T10:00:00Z'), item('b', 0.9, '2026-01-01T11:00:00Z'), item('c', 0.9), item('d', 0.2, '2026-01-01T09:00:00Z')];
  assert.deepEqual([...list].reverse().sort(order), list);
  const moved = placed(list, item('d', 0.9, '2026-01-01T10:30:00Z'), true);
  assert.deepEqual(moved.map(({ conversation }) => conversation), ['a', 'd', 'b', 'c']);
  assert.deepEqual(placed(list, item('b', 1), false).map(({ conversation }) => conversation), ['a', 'c', 'd']);
  assert.equal(belongs(item('x', 0, '', { agent: 'mei' }), 'mine', 'mei'), true);
  assert.equal(belongs(item('x', 0, '', { agent: 'mei', owner: 'closed' }), 'mine', 'mei'), false);
  assert.equal(belongs(item('x', 0), 'bot', 'mei'), false);
});

test('a conversation is one plain sentence in each language', built, () => {
  const { inWords } = of['inbox/summary'];
  const summary = { anger: { level: 0.9, kinds: [] }, wants: ['anger', 'tracking', 'refund'], topic: 'where_is_order', language: 'en', order: '20261121-8842', order_facts: { status: 'shipped' } };
  const inLanguage = (tag) => inWords(of[`words/${tag}`].words, tag, summary);
  assert.equal(inLanguage('en'), 'angry 0.9 · wants: parcel, refund · order 20261121-8842, shipped');
  assert.equal(inLanguage('cs'), 'vztek 0,9 · chce: zásilka, vrácení peněz · objednávka 20261121-8842, odesláno');
  assert.equal(inLanguage('zh-Hant'), '憤怒 0.9 · 想要：查包裹、退款 · 訂單 20261121-8842 已出貨');
  assert.equal(inLanguage('zh-Hans'), '愤怒 0.9 · 诉求：查物流、退款 · 订单 20261121-8842 已发货');
  assert.equal(inWords(of['words/en'].words, 'en', { ...summary, wants: [], topic: 'a_new_topic', order: '' }), 'angry 0.9 · a new topic');
});

test('deadlines run down to the second and say how late they are', built, () => {
  const { countdown, relative, plural, span } = of['lib/format'];
  assert.equal(countdown(245_000, 0, 'en'), '4:05');
  assert.equal(countdown(3_729_000, 0, 'en'), '1:02:09');
  assert.equal(countdown(0, 61_000, 'en'), '−1:01');
  assert.match(countdown(183_600_000, 0, 'en'), /^2d 3h$/);
  assert.equal(relative(0, 120_000, 'en'), '2 min. ago');
  assert.equal(plural('cs', 3, { one: '# den', few: '# dny', other: '# dní' }), '3 dny');
  assert.equal(plural('cs', 5, { one: '# den', few: '# dny', other: '# dní' }), '5 dní');
  assert.equal(span(5400, 'en'), '1.5 hr');
});

test('an answer that is a slash and words looks for a suggestion', built, () => {
  const { wantedSuggestion } = of['inbox/wanted'];
  assert.equal(wantedSuggestion('/'), '');
  assert.equal(wantedSuggestion('/ refund '), 'refund');
  assert.equal(wantedSuggestion('and/or'), null);
  assert.equal(wantedSuggestion('/usr\nis a folder'), null);
});

test("suggestions about the case's matter come first", built, () => {
  const { nearest } = of['inbox/wanted'];
  const names = (topic) => nearest(['ask_order', 'handover', 'refund_status', 'refund_request'].map((template) => ({ template, text: '', locale: 'en' })), topic).map(({ template }) => template);
  assert.deepEqual(names('refund_request'), ['refund_request', 'refund_status', 'ask_order', 'handover']);
  assert.deepEqual(names(''), ['ask_order', 'handover', 'refund_status', 'refund_request']);
});

test('a place in the page survives as an address', built, () => {
  const { parseRoute, routeTo } = of['state/route'];
  assert.deepEqual(parseRoute(routeTo('inbox', 'mine', 'line/U4 af%')), ['inbox', 'mine', 'line/U4 af%']);
  assert.deepEqual(parseRoute('#/inbox/%zz'), ['inbox', '%zz']);
  assert.deepEqual(parseRoute(''), []);
});

test("the browser's languages choose one of ours", built, () => {
  const { fitting } = of['state/settings'];
  for (const [wanted, language] of [[['zh-TW', 'en'], 'zh-Hant'], [['zh-HK'], 'zh-Hant'], [['zh-Hant-HK'], 'zh-Hant'], [['zh-CN'], 'zh-Hans'], [['zh'], 'zh-Hans'], [['cs-CZ'], 'cs'], [['sk', 'cs'], 'cs'], [['ja'], 'en'], [[], 'en']])
    assert.equal(fitting(wanted), language, String(wanted));
});

test('an axis has round steps up to the highest value', built, () => {
  const { ticks, linePath, everyNth } = of['lib/chart'];
  assert.deepEqual(ticks(137), [0, 50, 100, 150]);
  assert.deepEqual(ticks(4), [0, 1, 2, 3, 4]);
  assert.deepEqual(ticks(0), [0, 1]);
  assert.deepEqual(ticks(0.3), [0, 0.1, 0.2, 0.3]);
  assert.equal(linePath([{ x: 0, y: 1 }, null, { x: 2, y: 3 }, { x: 4, y: 5 }]), 'M0.0 1.0M2.0 3.0L4.0 5.0');
  assert.equal(everyNth(100, 7), 15);
});

test('every template of the shipped packs is read, and one changed line is all that changes', built, () => {
  const { readPack, withMore, withTemplate, withVariant, withoutVariant } = of['lib/pack_texts'];
  for (const file of readdirSync(join(root, 'replies/packs'))) {
    const text = readFileSync(join(root, 'replies/packs', file), 'utf8');
    const pack = readPack(text);
    const lines = text.split('\n');
    assert.ok(pack.size > 50, file);
    for (const [id, places] of pack) {
      assert.ok(places?.length, `${file}: ${id}`);
      const [first] = places;
      const changed = withVariant(text, first, "It's {order} # new");
      assert.equal(changed.split('\n').filter((line, i) => line !== lines[i]).length, 1, `${file}: ${id}`);
      assert.equal(readPack(changed).get(id)[0].value, "It's {order} # new");
      assert.deepEqual(readPack(withVariant(text, first, first.value)).get(id).map(({ value }) => value), places.map(({ value }) => value));
    }
    const [id, places] = [...pack][0];
    const more = withMore(text, places[places.length - 1], 'one\ntwo');
    assert.deepEqual(readPack(more).get(id).map(({ value }) => value), [...places.map(({ value }) => value), 'one\ntwo']);
    assert.equal(withoutVariant(more, readPack(more).get(id)[places.length]), text);
    assert.equal(readPack(withTemplate(text, 'brand_new', 'Hi')).get('brand_new')[0].value, 'Hi');
  }
  const other = readPack("templates:\n  flow: {variants: ['a']}\n  block:\n    variants:\n      - |\n        text\n  fine:\n    variants:\n      - bare words # said so\n      - \"quoted \\\"too\\\"\"\n");
  assert.equal(other.get('block'), null);
  assert.deepEqual(other.get('fine').map(({ value }) => value), ['bare words', 'quoted "too"']);
});

test('each language says everything, in its own script', built, () => {
  const flat = (words, path = '') => Object.entries(words).flatMap(([key, value]) => (typeof value === 'object' && !Array.isArray(value) ? flat(value, `${path}${key}.`) : [[path + key, value]]));
  const english = new Map(flat(of['words/en'].words));
  for (const language of ['cs', 'zh-Hant', 'zh-Hans']) {
    const words = new Map(flat(of[`words/${language}`].words));
    assert.deepEqual([...english.keys()].filter((key) => !words.has(key)), [], `${language} lacks`);
    for (const [key, value] of words) {
      const text = typeof value === 'function' ? value(2, 3, 4) : Array.isArray(value) ? value.map(([, meaning]) => meaning).join() : value;
      assert.ok(text, `${language}: ${key}`);
      if (language.startsWith('zh')) assert.match(text, /\p{Script=Han}|^[\d/／]+$/u, `${language}: ${key} is '${text}'`);
    }
  }
  const simplified = JSON.stringify(of['words/zh-Hans'].words);
  const traditional = JSON.stringify(of['words/zh-Hant'].words);
  for (const character of '單這個們請說開關') assert.ok(!simplified.includes(character), `zh-Hans has ${character}`);
  for (const character of '单这个们请说开关') if (character !== '个') assert.ok(!traditional.includes(character), `zh-Hant has ${character}`);
});
