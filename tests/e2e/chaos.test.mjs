// SPDX-License-Identifier: Apache-2.0
// A short run of ./dev chaos: every promise, whatever breaks. docs/reliability.md says more.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './support/kefud.mjs';

const seconds = 30;

test('half a minute of faults: nothing lost, doubled, out of order, or said after a claim', { timeout: 300_000 }, (context) => {
  const ran = spawnSync(process.execPath, [join(root, 'tests/chaos/chaos.mjs'), String(seconds)], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const lines = ran.stdout.trim().split('\n');
  context.diagnostic(lines.at(-1));
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  assert.match(lines.at(-1), /^chaos: seed \d+, \d+ s, kills \d+, power cuts \d+, faults [1-9]\d*, messages [1-9]\d*, lost 0, doubled 0, order 0, bot-after-claim 0$/);
});
