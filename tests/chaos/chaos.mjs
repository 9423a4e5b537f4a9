// SPDX-License-Identifier: Apache-2.0
// A daemon under load, faults one after the other, and a checker that asks nothing of it:
//   node tests/chaos/chaos.mjs [SECONDS [SEED [PLAN]]]
// The same seed makes the same plan, unless one is given as a file; what happens between two faults is the machine's. docs/reliability.md says what is checked.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { running } from '../e2e/support/process.mjs';
import { count } from './support/check.mjs';
import { Daemon } from './support/daemon.mjs';
import { makePlan, postgresFaults, sqliteFaults } from './support/faults.mjs';
import { Postgres, Proxy } from './support/postgres.mjs';
import { Random } from './support/random.mjs';
import { Shim } from './support/shim.mjs';
import { PostgresReader, SqliteReader } from './support/store.mjs';
import { World } from './support/world.mjs';

const diskSize = '2g';
const customersPerSecond = 15;
const nodes = 3;
const sqliteShare = 0.6; // of the time

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 1e6));
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('usage: chaos.mjs [SECONDS [SEED [PLAN]]]');
  process.exit(2);
}

/** A disk that can be full in earnest, where we may make one. */
function mount(folder) {
  mkdirSync(folder, { recursive: true });
  return process.getuid() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskSize}`, 'tmpfs', folder]).status === 0 ? diskSize : null;
}

async function sqlitePart(world, plan, limits) {
  const state = join(world.folder, 'state');
  const mounted = mount(state);
  try {
    const shim = new Shim(world.folder);
    await world.platform.start();
    const daemon = new Daemon({ folder: world.folder, state, platform: world.platform, environment: () => shim.environment(state, { log: world.logging === true }) });
    await daemon.launch();
    const emptyState = () => readdirSync(state).forEach((name) => rmSync(join(state, name), { recursive: true, force: true }));
    world.open({ daemons: [daemon], reader: new SqliteReader(join(state, 'kefud.sqlite3')), shim, mounted, emptyState });
    await world.run(plan, sqliteFaults, limits);
  } finally {
    if (world.wrong.length > 0) spawnSync('cp', ['-r', state, join(world.folder, 'kept-state')]);
    await world.close();
    if (mounted) spawnSync('umount', ['-l', state]);
  }
}

async function postgresPart(world, plan, limits) {
  const postgres = Postgres.begin(world.folder);
  if (!postgres) return console.log('chaos: no PostgreSQL here, its part is left out');
  const proxy = new Proxy();
  try {
    await proxy.start(postgres.socket);
    await world.platform.start();
    const store = { type: 'postgresql', url: `postgresql://127.0.0.1:${proxy.port}/kefud?user=kefud`, tls: 'disable', lease: '15s', timeout: '3s' };
    const daemons = [];
    for (let i = 0; i < nodes; ++i) {
      const daemon = new Daemon({ folder: join(world.folder, `node${i}`), platform: world.platform, store: { ...store, node: `node${i}` } });
      await daemon.launch();
      daemons.push(daemon);
    }
    world.open({ daemons, reader: new PostgresReader(postgres.url), postgres, proxy, everything: true });
    await world.run(plan, postgresFaults, limits);
  } finally {
    await world.close();
    proxy.stop();
    postgres.end();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'kefud-chaos-'));
const random = new Random(seed);
const counts = { kills: 0, powerCuts: 0, faults: 0, writesLost: 0, databaseRestarts: 0 };
const began = Date.now();
const made = { sqlite: makePlan(random.branch(), sqliteFaults, seconds), postgres: makePlan(random.branch(), postgresFaults, seconds) };
const plans = process.argv[4] ? JSON.parse(readFileSync(process.argv[4], 'utf8')) : made;
writeFileSync(join(folder, 'plan.json'), JSON.stringify({ seed, seconds, ...plans }, null, 1));

const worlds = [];
let failure = null;
const parts = [[sqlitePart, plans.sqlite, sqliteShare], [postgresPart, plans.postgres, 1]];
for (const [part, plan, share] of parts) {
  const world = new World({ folder: join(folder, part.name), random: random.branch(), counts });
  worlds.push(world);
  try {
    await part(world, plan, { until: began + seconds * 1000 * share, perSecond: customersPerSecond });
  } catch (error) {
    failure = error;
  }
  if (failure || world.wrong.length > 0) break;
}
running.forEach((child) => child.kill('SIGKILL'));

const wrong = worlds.flatMap((world) => world.wrong);
const failed = failure !== null || wrong.length > 0;
for (const world of worlds.filter((one) => one.evidence)) console.log(world.evidence);
if (failure) console.log(failure);
if (failed) {
  worlds.forEach((world) => world.daemons && world.keep());
  console.log(`the plan, the trace and the state are in ${folder}; again: ./dev chaos ${seconds} ${seed}`);
} else rmSync(folder, { recursive: true, force: true });
const total = (list) => worlds.reduce((sum, world) => sum + world.trace[list].length, 0);
const repeated = worlds.reduce((sum, world) => sum + (world.crowd?.repeated ?? 0), 0);
const unknown = worlds.reduce((sum, world) => sum + world.unknown, 0);
console.log(`chaos: ${repeated} repeated deliveries, ${total('sends')} sends seen, ${unknown} of unknown outcome, ${total('claims')} claims, ${counts.writesLost} writes lost or torn, ${counts.databaseRestarts} database restarts`);
const found = count(wrong);
console.log(
  `chaos: seed ${seed}, ${Math.round((Date.now() - began) / 1000)} s, kills ${counts.kills}, power cuts ${counts.powerCuts}, faults ${counts.faults}, messages ${total('messages')}, ` +
    `lost ${found.lost}, doubled ${found.doubled}, order ${found.order}, bot-after-claim ${found['bot-after-claim']}`,
);
process.exit(failed ? 1 : 0);
