// SPDX-License-Identifier: Apache-2.0
// The demo's day: the same for the same seed, and played through the real binary without anything refused.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDay } from '../demo/day.mjs';
import { photo } from '../demo/platform.mjs';
import { faketime, play } from '../demo/play.mjs';
import { Process, binary } from './support/kefud.mjs';

const end = Date.UTC(2026, 10, 20, 10); // 18:00 in Taipei

test('the same seed makes the same day, another seed another', () => {
  assert.deepEqual(makeDay({ seed: 1, end }), makeDay({ seed: 1, end }));
  assert.notDeepEqual(makeDay({ seed: 1, end }).messages, makeDay({ seed: 2, end }).messages);
});

test('a day is in order, lies in its 24 hours, and has all languages, both platforms and photos', () => {
  const { begin, messages, orders } = makeDay({ seed: 1, end });
  assert.equal(orders.length, 180);
  messages.forEach(({ at }, index) => assert.ok(at >= begin && at < end && (index === 0 || at >= messages[index - 1].at)));
  assert.deepEqual([...new Set(messages.map(({ language }) => language))].sort(), ['cs', 'en', 'zh-Hans', 'zh-Hant']);
  assert.deepEqual([...new Set(messages.map(({ channel }) => channel))].sort(), ['line', 'web']);
  assert.ok(messages.some(({ photos }) => photos > 1));
});

test('photos are pictures, each its own', () => {
  assert.deepEqual([...photo(1).subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  assert.notDeepEqual(photo(1), photo(2));
});

test('a played day leaves cases closed and cases waiting, at the times of the day', { timeout: 180_000, ...(faketime() ? {} : { skip: 'libfaketime is not installed' }) }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kefud-demo-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { day, counts, team, log } = await play({ kefud: binary, folder, end, customers: 60 });
  assert.deepEqual(log.filter((line) => / (warn|error) /.test(line)), []);
  assert.ok(counts.replies > 30 && counts.webhooks > 30, JSON.stringify(counts));
  assert.ok(team.claimed > 5 && team.replied >= team.claimed && team.resolved > 2, JSON.stringify(team));

  // On the real clock again, as `./dev run --demo` goes on.
  const daemon = new Process(['run', '--config', join(folder, 'kefud.yaml')]);
  t.after(() => daemon.stop());
  const [, port] = await daemon.line(/ready.*port=(\d+)/);
  const get = async (path) => (await fetch(`http://127.0.0.1:${port}/api/v1${path}`, { headers: { authorization: 'Bearer demo-agent-token' } })).json();
  const queues = await get('/queues');
  assert.equal(queues.waiting + queues.person + queues.bot + queues.closed, new Set(day.messages.map(({ customer }) => customer)).size);
  assert.ok(queues.closed > 0 && queues.waiting + queues.person > 0, JSON.stringify(queues));
  const { conversations } = await get('/conversations?limit=1000');
  const times = conversations.map((one) => Date.parse(one.last_message_at));
  assert.ok(times.every((at) => at >= day.begin && at < end), 'times of the day that was played, not of today');
});
