// SPDX-License-Identifier: Apache-2.0
// All kinds of channels at once. KEFUD_LOAD="1000x60" is a thousand messages a second for a minute, which ./dev bench asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixedLoad, summary } from './support/mixed_load.mjs';

const [rate, seconds] = (process.env.KEFUD_LOAD ?? '100x10').split('x').map(Number);

test('with all kinds of channels at once nothing is lost, nothing is doubled and the order is kept', { timeout: 900_000 }, async (context) => {
  const run = await mixedLoad({ rate, seconds });
  context.diagnostic(summary(run));
  assert.deepEqual(run.wrong.slice(0, 5), []);
  // Short runs are over before the caches are full.
  if (seconds >= 60) assert.ok(run.last < run.middle * 1.15 + 10, `memory grows: ${run.middle} MB in the middle, ${run.last} MB at the end`);
});
