// SPDX-License-Identifier: Apache-2.0
// Manual pages and completions: made from the commands, and what the tools that read them say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { kefud, root } from './support/kefud.mjs';

const needs = (program) => (spawnSync(program, ['--version']).error ? { skip: `${program} is not installed` } : {});
const pages = () => ({
  'kefud.1': kefud(['manual', 'kefud.1']).stdout,
  'kefud.yaml.5': kefud(['manual', 'kefud.yaml.5']).stdout,
  'kefud-catalog.7': readFileSync(join(root, 'config/package/kefud-catalog.7'), 'utf8'),
});
const commands = () => [...kefud(['--help']).stdout.split('Subcommands:')[1].matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name);

test('every command has its section in kefud(1), its options too', () => {
  const page = pages()['kefud.1'].replaceAll('\\-', '-');
  assert.ok(commands().length > 10);
  for (const name of commands()) {
    const section = page.split(`.SS kefud ${name}\n`)[1]?.split(/^\.S[SH]/m)[0];
    assert.ok(section, name);
    for (const [option] of kefud([name, '--help']).stdout.matchAll(/--[a-z-]+/g)) if (option !== '--help') assert.ok(section.includes(`\\fB${option}\\fR`), `${name} ${option}`);
  }
});

test('every key of the schema has its place in kefud.yaml(5)', () => {
  const page = pages()['kefud.yaml.5'];
  const keys = (schema) => Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [key, ...keys(inner), ...keys(inner.items ?? {})]);
  const all = keys(JSON.parse(kefud(['schema', 'json']).stdout));
  assert.ok(all.length > 100);
  for (const key of all) assert.ok(page.includes(`\\fB${key}\\fR: `) || new RegExp(`^\\.SS .*\\b${key}(\\[\\])?$`, 'm').test(page), key);
});

test('groff has nothing to complain of', needs('groff'), () => {
  for (const [name, input] of Object.entries(pages())) {
    const { status, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input, encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, ''], name);
  }
});

test('bash completes commands, options, values and folders', needs('bash'), () => {
  const completed = (...words) => {
    const script = `${kefud(['manual', 'bash']).stdout}\nCOMP_WORDS=(kefud "$@"); COMP_CWORD=$#; _kefud; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8', cwd: root });
    assert.equal(stderr, '');
    return stdout.trim().split('\n');
  };
  assert.deepEqual(completed('ev'), ['evidence']);
  assert.deepEqual(completed('evidence', '--l'), ['--list']);
  assert.deepEqual(completed('evidence', 'v'), ['verify']);
  assert.deepEqual(completed('schema', 'm'), ['markdown', 'metrics']);
  assert.deepEqual(completed('run', '--state', 'syst'), ['systemd']);
  assert.deepEqual(completed('check', '-c', 'READ'), ['README.md']);
});

for (const shell of ['zsh', 'fish']) {
  test(`${shell} understands its completions`, needs(shell), (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kefud-manual-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, shell);
    writeFileSync(file, kefud(['manual', shell]).stdout);
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });
}
