// SPDX-License-Identifier: Apache-2.0
// What the pages say, tried: settings are checked, commands are run, generated pages are what the program says today.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { allFiles, blocksOf, pages, textOf } from './support/documents.mjs';
import { binary, kefud } from './support/kefud.mjs';
import { catalogFiles, keysOf, reference } from './support/reference.mjs';
import { missing, stepsOf, tryPage } from './support/try_page.mjs';

for (const [name, make] of Object.entries(reference))
  test(`docs/reference/${name} says what the program says`, () => assert.equal(textOf(`docs/reference/${name}`), make(), 'node tests/e2e/support/reference.mjs writes it anew'));

test('every key that a file of the catalog may have is written about', () => {
  const known = catalogFiles.flatMap(({ reads }) => reads);
  const loaders = allFiles().filter((file) => /^(replies|intents|daemon)\/.*\.cpp$/.test(file) && textOf(file).includes('yaml::Object'));
  assert.deepEqual(loaders.filter((file) => !known.includes(file)), [], 'a loader that tests/e2e/support/reference.mjs does not know');
  for (const one of catalogFiles) {
    const keys = Object.keys(keysOf(one));
    assert.ok(keys.length > 4, one.file);
    const text = textOf(one.page);
    assert.deepEqual(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(text)), [], one.page);
  }
});

test('help prints the pages and lists them', () => {
  const topics = pages().filter((page) => /^docs\/(zh-Hant\/)?[^/]+$/.test(page)); // the reference pages come from the program in other ways
  const list = kefud(['help']).stdout;
  for (const page of topics) {
    const topic = page.slice('docs/'.length, -'.md'.length);
    assert.match(list, new RegExp(`^${topic} +\\S`, 'm'));
    assert.equal(kefud(['help', topic]).stdout, textOf(page));
  }
  assert.equal(kefud(['help', 'no-such-page']).status, 2);
});

// A block is kefud.yaml, or a part of it, when all its keys are ones that kefud.yaml may have.
test('kefud check accepts every piece of kefud.yaml that a page shows', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kefud-docs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const known = Object.keys(JSON.parse(kefud(['schema', 'json']).stdout).properties);
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets);
  let checked = 0;
  for (const page of pages())
    for (const { line, info, lines } of blocksOf(textOf(page))) {
      const keys = lines.flatMap((words) => words.match(/^(\w+):/)?.[1] ?? []);
      if (info !== 'yaml' || keys.length === 0 || keys.some((key) => !known.includes(key))) continue;
      for (const [, name] of lines.join('\n').matchAll(/credential:([\w-]+)/g)) writeFileSync(join(secrets, name), example(name));
      const file = join(folder, 'kefud.yaml');
      writeFileSync(file, lines.join('\n').replaceAll(/file:[^\s'"\]}]+/g, `file:${join(secrets, 'any')}`));
      writeFileSync(join(secrets, 'any'), example(''));
      const { status, stderr } = spawnSync(binary, ['check', '--config', file], { encoding: 'utf8', env: { ...process.env, CREDENTIALS_DIRECTORY: secrets } });
      assert.equal(status, 0, `${page}:${line}: ${stderr}`);
      ++checked;
    }
  assert.ok(checked > 10, `${checked} pieces`);
});

/** What a secret of that name might be: each its own. */
function example(name) {
  if (/hook|flow|robot$/.test(name)) return `https://hooks.example.com/${name}`;
  return `whsec_${createHash('sha256').update(name).digest('base64')}`;
}

for (const page of pages()) {
  const steps = stepsOf(textOf(page));
  if (steps.some(({ command }) => command)) test(`${page}: its commands do what it says`, { timeout: 300_000 }, () => tryPage(page, textOf(page)));
}

test('what a command prints is compared in order, and ... stands for anything', () => {
  assert.equal(missing(['a ... c', '...', 'e'], ['a b c', 'd', 'e']), undefined);
  assert.equal(missing(['e', 'a b c'], ['a b c', 'd', 'e']), 'a b c');
  assert.equal(missing(['a'], ['a b']), 'a');
});

test('a page whose commands do not hold is found out', async () => {
  const block = (...lines) => ['```console', ...lines, '```'].join('\n');
  await assert.rejects(tryPage('page', block('$ echo one', 'two'), 500), /page:2: .*nothing says "two"/s);
  await assert.rejects(tryPage('page', block('$ true', '$ false')), /page:3: .*exit code 1/s);
  await tryPage('page', `${'```yaml\n# deep/one.yaml\nkey: 8080\n```\n'}${block('$ wc -l < deep/one.yaml', '2', '$ sleep 300 &', '$ echo "port $(sed -n s/key:.//p deep/one.yaml)"', 'port 8080')}`);
});
