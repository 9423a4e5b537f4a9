// SPDX-License-Identifier: Apache-2.0
// What goes wrong. Each fault begins, lasts and ends within its call, and leaves a daemon that should be well again.
import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { pause } from '../../e2e/support/process.mjs';
import { afterPowerCut, readFolder, writeFolder } from './power.mjs';
import { errors } from './shim.mjs';

const minutes = 60_000;

async function kill(world, daemon) {
  await daemon.kill();
  ++world.counts.kills;
}

/** A knob of the shim, turned for a while. */
const turned = (knobs) => async (world, { lasts }) => {
  world.shim.set(knobs(world));
  await pause(lasts);
  world.shim.set({ sync: 0, error: errors.none, clock: 0 });
};
const sends = (trouble) => async ({ platform }, { lasts, share }) => {
  platform.set(trouble, share);
  await pause(lasts);
  platform.set(null);
};
const lasting = (least, most) => (random) => ({ lasts: random.whole(least, most) });
const sending = (random) => ({ lasts: random.whole(500, 2500), share: random.one([0.3, 0.7, 1]) });
const jump = (sign) => ({
  plan: (random) => ({ lasts: random.whole(500, 2000), by: sign * random.one([5_000, 90_000, 11 * minutes, 60 * minutes, 1440 * minutes]) }),
  run: (world, { lasts, by }) => turned(() => ({ clock: by }))(world, { lasts }),
});

async function killRepeatedly(world, { pauses }) {
  for (const between of pauses) {
    await pause(between);
    const daemon = world.random.one(world.daemons);
    await kill(world, daemon);
    if (world.random.chance(0.25)) {
      await daemon.stumble(world.random.whole(0, 1000));
      ++world.counts.kills;
    }
    await daemon.relaunch();
  }
}

/** The process goes and with it what the disk had not; then it starts on what is left. Syncs take a moment, or no cut would ever find one under way. */
async function powerCuts(world, { pauses, sync }) {
  const [daemon] = world.daemons;
  world.shim.set({ sync });
  await kill(world, daemon);
  let files = readFolder(daemon.state);
  for (const between of pauses) {
    world.logging = true;
    await daemon.relaunch();
    await pause(between);
    await daemon.kill();
    ++world.counts.powerCuts;
    const left = afterPowerCut(files, world.shim.log(), world.random);
    world.counts.writesLost += left.lost;
    files = left.files;
    world.emptyState();
    writeFolder(daemon.state, files);
  }
  world.logging = false;
  world.shim.set({ sync: 0 });
  await daemon.relaunch();
}

/** On a tmpfs of our own it is full in earnest: it is made as small as what is in it. */
async function fullDisk(world, { lasts, room }) {
  const [{ state }] = world.daemons;
  if (world.mounted) {
    const { bsize, blocks, bfree } = statfsSync(state);
    const used = (blocks - bfree) * bsize;
    const resize = (bytes) => spawnSync('mount', ['-o', `remount,size=${bytes}`, state], { encoding: 'utf8' });
    const shrunk = resize(used + room);
    if (shrunk.status !== 0) throw new Error(shrunk.stderr);
    await pause(lasts);
    resize(world.mounted);
  } else await turned(() => ({ error: errors.full }))(world, { lasts });
}

async function reloads(world, { many, between }) {
  for (let i = 0; i < many; ++i) {
    world.random.one(world.daemons).reload();
    await pause(between);
  }
}

async function platformDown({ platform }, { lasts }) {
  await platform.down();
  await pause(lasts);
  await platform.up();
}

const pauses = (least, most, shortest, longest) => (random) => ({ pauses: Array.from({ length: random.whole(least, most) }, () => random.whole(shortest, longest)) });

const everywhere = {
  kills: { plan: pauses(3, 9, 10, 400), run: killRepeatedly },
  reload_storm: { plan: (random) => ({ many: random.whole(10, 60), between: random.whole(2, 40) }), run: reloads },
  platform_down: { plan: lasting(300, 2500), run: platformDown },
  platform_slow: { plan: sending, run: sends('slow') },
  platform_lost: { plan: sending, run: sends('lost') },
  platform_cut: { plan: sending, run: sends('cut') },
  platform_half: { plan: sending, run: sends('half') },
  platform_429: { plan: sending, run: sends('too_many') },
  platform_5xx: { plan: sending, run: sends('failing') },
};

/** One daemon and its file. */
export const sqliteFaults = {
  ...everywhere,
  power_cuts: { plan: (random) => ({ ...pauses(1, 4, 150, 1200)(random), sync: random.whole(2, 20) }), run: powerCuts },
  full_disk: { plan: (random) => ({ lasts: random.whole(300, 2000), room: 4096 * random.whole(0, 64) }), run: fullDisk },
  read_only: { plan: lasting(300, 2000), run: turned(() => ({ error: errors.read_only })) },
  broken_disk: { plan: lasting(200, 1000), run: turned(() => ({ error: errors.input_output })) },
  slow_sync: { plan: lasting(1000, 3000), run: turned(() => ({ sync: 200 })) },
  clock_ahead: jump(1),
  clock_back: jump(-1),
};

/** Several daemons on one database, behind a proxy that the test holds. */
export const postgresFaults = {
  ...everywhere,
  database_restart: {
    plan: lasting(0, 1500),
    run: async (world, { lasts }) => {
      world.postgres.crash();
      await pause(lasts);
      world.postgres.recover();
      ++world.counts.databaseRestarts;
    },
  },
  connections_cut: {
    plan: pauses(3, 10, 20, 300),
    run: async (world, { pauses: between }) => {
      for (const milliseconds of between) {
        world.proxy.cut();
        await pause(milliseconds);
      }
    },
  },
  network_stalls: {
    plan: lasting(500, 4000),
    run: async (world, { lasts }) => {
      world.proxy.stall(true);
      await pause(lasts);
      world.proxy.stall(false);
    },
  },
  all_killed: {
    plan: lasting(0, 1500),
    run: async (world, { lasts }) => {
      await Promise.all(world.daemons.map((daemon) => kill(world, daemon)));
      await pause(lasts);
      await Promise.all(world.daemons.map((daemon) => daemon.relaunch()));
    },
  },
  node_away: { // the long time is longer than its lease: the others take over what it was sending
    plan: (random) => ({ lasts: random.one([2500, 17_000]) }),
    run: async (world, { lasts }) => {
      const daemon = world.random.one(world.daemons);
      await kill(world, daemon);
      await pause(lasts);
      await daemon.relaunch();
    },
  },
};

/** While a fault lasts, the process may be killed too, and the platform be in trouble. */
export async function inject(world, { fault, kills, also, ...parameters }, faults) {
  const running = [faults[fault].run(world, parameters)];
  if (kills) running.push(killRepeatedly(world, { pauses: kills }));
  if (also) running.push(faults[also.fault].run(world, also));
  await Promise.all(running);
}

const killsOfItsOwn = new Set(['kills', 'power_cuts', 'node_away', 'all_killed']);

/** Faults one after the other, each kind once before any comes again. `seconds` is an upper bound of what they need: the run stops when the time is over. */
export function makePlan(random, faults, seconds) {
  const plan = [];
  let order = [];
  for (let time = 0; time < seconds; time += 1.5) {
    if (order.length === 0) order = random.shuffled(Object.keys(faults));
    const fault = order.pop();
    const own = random.branch();
    const round = { fault, ...faults[fault].plan(own), before: own.whole(100, 600), seed: own.whole(0, 0xffffffff) };
    if (!killsOfItsOwn.has(fault) && own.chance(0.3)) round.kills = Array.from({ length: own.whole(1, 3) }, () => own.whole(50, 600));
    if (!fault.startsWith('platform') && own.chance(0.3)) {
      const other = own.one(Object.keys(faults).filter((name) => name.startsWith('platform')));
      round.also = { fault: other, ...faults[other].plan(own) };
    }
    plan.push(round);
  }
  return plan;
}
