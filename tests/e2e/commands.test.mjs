// SPDX-License-Identifier: Apache-2.0
// The command line as a contract: scripts rely on it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { kefud, root } from './support/kefud.mjs';

const lines = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));

test('classify reads JSON lines and gives labels, language and evidence in bytes of the original text', () => {
  const text = 'Kde je sakra moje objednávka???';
  const { status, stdout, stderr } = kefud(['classify'], JSON.stringify({ id: '1', text }) + '\n');
  assert.equal(status, 0, stderr);
  const [result] = lines(stdout);
  assert.equal(result.id, '1');
  assert.equal(result.language, 'cs');
  assert.deepEqual(result.labels, ['anger', 'tracking']);
  const bytes = Buffer.from(text);
  for (const { start, end, text: words } of result.evidence) assert.equal(bytes.subarray(start, end).toString(), words);
  assert.ok(result.evidence.length >= 2);
});

test('classify says which input line it could not read, goes on, and exits with 1', () => {
  const { status, stdout, stderr } = kefud(['classify'], 'not json\n{"id":"2","text":"hello"}\n');
  assert.equal(status, 1);
  assert.match(stderr, /standard input:1: expected \{"id"/);
  assert.equal(lines(stdout)[0].id, '2');
});

test('classify explains one message', () => {
  const { status, stdout } = kefud(['classify', '我要去消基會投訴你們']);
  assert.equal(status, 0);
  assert.match(stdout, /labels\s+anger/);
  assert.match(stdout, /threat_agency/);
});

test('simulate gives one output per entry, events included, and is silent after a takeover', () => {
  const conversation = { id: 'c1', turns: [{ text: '人工' }, { event: 'human_joined' }, { text: '查下我那单' }, { event: 'human_left' }, { text: '可以开发票吗', gap: '5m' }] };
  const { status, stdout, stderr } = kefud(['simulate'], JSON.stringify(conversation) + '\n');
  assert.equal(status, 0, stderr);
  const [{ id, turns }] = lines(stdout);
  assert.equal(id, 'c1');
  assert.equal(turns.length, 5);
  assert.equal(turns[0].escalated, true);
  assert.equal(turns[0].reason, 'asks_human');
  assert.ok(turns[0].replies.length > 0);
  assert.deepEqual(turns[1].replies, []);
  assert.deepEqual(turns[2].replies, []);
  assert.ok(turns[4].replies.length > 0);
});

test('simulate answers a burst once', () => {
  const burst = ['在吗', '我的包裹', '到哪了'].map((text, i) => ({ text, gap: i === 0 ? '0s' : '1s' }));
  const { stdout } = kefud(['simulate'], JSON.stringify({ id: 'b', turns: burst }) + '\n');
  const replies = lines(stdout)[0].turns.map((turn) => turn.replies.length);
  assert.equal(replies[0], 0);
  assert.equal(replies[1], 0);
  assert.ok(replies[2] > 0);
});

test('chat holds a conversation in all four languages', () => {
  for (const [text, expected] of [['你好，我的包裹在哪裡？', /訂單/], ['亲，我的快递到哪了？', /订单/], ['Kde je můj balík?', /objedn/i], ['Where is my parcel?', /order/i]]) {
    const { status, stdout, stderr } = kefud(['chat'], text + '\n/state\n');
    assert.equal(status, 0, stderr);
    assert.match(stdout, expected);
  }
});

test('check names file, line and column of every mistake and exits with 1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kefud-check-'));
  const file = join(folder, 'kefud.yaml');
  writeFileSync(file, 'allow_plain_secrets: true\nlisten:\n  prot: 8080\nshop: {time_zone: Mars/Olympus}\n');
  const { status, stderr } = kefud(['check', '--config', file]);
  rmSync(folder, { recursive: true });
  assert.equal(status, 1);
  assert.match(stderr, /kefud\.yaml:3:3: unknown key 'prot' \(did you mean 'port'\?\)/);
});

test('check accepts what is shipped, from any folder', () => {
  for (const args of [['check'], ['check', '--config', join(root, 'config/demo.yaml')]]) {
    const { status, stdout, stderr } = kefud(args);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ok: /);
  }
});

test('wrong usage exits with 2, --help with 0', () => {
  assert.equal(kefud(['no-such-command']).status, 2);
  assert.equal(kefud([]).status, 2);
  assert.equal(kefud(['--help']).status, 0);
  assert.equal(kefud(['run', '--help']).status, 0);
});

test('schema prints a JSON Schema that knows every section', () => {
  const schema = JSON.parse(kefud(['schema']).stdout);
  for (const key of ['listen', 'shop', 'channels', 'notifiers', 'agents', 'store', 'log']) assert.ok(schema.properties[key], key);
});
