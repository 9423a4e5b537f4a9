// SPDX-License-Identifier: Apache-2.0
// The simulated power cut itself: what was synced stays, what was not may go.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { afterPowerCut, readFolder, recordsOf, writeFolder } from './support/power.mjs';
import { Random } from './support/random.mjs';
import { Shim } from './support/shim.mjs';

const folder = mkdtempSync(join(tmpdir(), 'kefud-power-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const record = (op, path, { offset = 0, data = '', thread = 1 } = {}) => {
  const head = Buffer.alloc(25);
  head.write(op, 'latin1');
  head.writeUInt32LE(path.length, 1);
  head.writeUInt32LE(thread, 5);
  head.writeBigUInt64LE(BigInt(offset), 9);
  head.writeBigUInt64LE(BigInt(data.length), 17);
  return Buffer.concat([head, Buffer.from(path), Buffer.from(data)]);
};
const left = (records, seed = 1, files = []) => afterPowerCut(new Map(files), Buffer.concat(records), new Random(seed)).files;

test('what was synced is there after every cut', () => {
  for (let seed = 0; seed < 50; ++seed)
    assert.equal(left([record('W', 'a', { data: 'old' }), record('B', 'a'), record('E', 'a'), record('W', 'b', { data: 'x' })], seed).get('a').toString(), 'old');
});

test('what was not synced is lost in some cuts and there in others, also when a later write is there', () => {
  const seen = new Set();
  for (let seed = 0; seed < 100; ++seed)
    seen.add(left([record('W', 'a', { data: 'AA' }), record('B', 'a'), record('E', 'a'), record('W', 'a', { data: 'b' }), record('W', 'a', { offset: 1, data: 'c' })], seed).get('a').toString());
  for (const outcome of ['AA', 'bA', 'Ac', 'bc']) assert.ok(seen.has(outcome), outcome);
});

test('a sync that had not ended keeps nothing, and one that began before a write does not keep that write', () => {
  const outcomes = (records) => new Set(Array.from({ length: 60 }, (_, seed) => left(records, seed).get('a').toString()));
  assert.ok(outcomes([record('W', 'a', { data: 'x' }), record('B', 'a')]).has(''));
  assert.ok(outcomes([record('B', 'a'), record('W', 'a', { data: 'x', thread: 2 }), record('E', 'a')]).has(''));
});

test('a large write is torn at a sector in some cuts', () => {
  const lengths = new Set();
  for (let seed = 0; seed < 200; ++seed) {
    const bytes = left([record('W', 'a', { data: 'x'.repeat(4096) })], seed).get('a');
    lengths.add(bytes.length % 512);
    if (bytes.length > 0 && (bytes.length < 4096 || bytes.includes(0))) lengths.add('torn');
  }
  assert.deepEqual([...lengths].sort(), [0, 'torn']);
});

test('a record that the kill cut off is no record', () => {
  const whole = record('W', 'a', { data: 'x' });
  assert.equal([...recordsOf(Buffer.concat([whole, whole.subarray(0, 20)]))].length, 1);
});

test("a program's writes, syncs and clock are seen and changed by the shim", () => {
  const shim = new Shim(folder);
  const state = join(folder, 'state');
  writeFolder(state, new Map([[join(state, 'base'), Buffer.from('before')]]));
  const script = join(folder, 'write.py');
  writeFileSync(script, [
    'import os, sys, time',
    'file = os.open(sys.argv[1] + "/kept", os.O_RDWR | os.O_CREAT, 0o600)',
    'os.write(file, b"synced"); os.fsync(file); os.pwrite(file, b"SYNCED", 0)',
    'print(int(time.time()))',
  ].join('\n'));
  const base = readFolder(state);
  shim.set({ clock: 3_600_000 });
  const ran = spawnSync('python3', [script, state], { encoding: 'utf8', env: { ...process.env, ...shim.environment(state, { log: true }) } });
  assert.equal(ran.status, 0, ran.stderr);
  assert.ok(Math.abs(Number(ran.stdout) - Date.now() / 1000 - 3600) < 60, ran.stdout);
  assert.equal(readFileSync(join(state, 'kept'), 'utf8'), 'SYNCED');
  const seen = new Set();
  for (let seed = 0; seed < 40; ++seed) {
    const { files } = afterPowerCut(base, shim.log(), new Random(seed));
    assert.equal(files.get(join(state, 'base')).toString(), 'before');
    seen.add(files.get(join(state, 'kept')).toString());
  }
  assert.ok(seen.has('synced') && seen.has('SYNCED'), [...seen].join(' '));
  shim.set({ clock: 0, error: 28 });
  const full = spawnSync('python3', [script, state], { encoding: 'utf8', env: { ...process.env, ...shim.environment(state) } });
  assert.match(full.stderr, /No space left on device/);
});
