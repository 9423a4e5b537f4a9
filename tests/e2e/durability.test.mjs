// SPDX-License-Identifier: Apache-2.0
// The promises that matter most: nothing lost, nothing answered twice, whatever happens to the process or the disk.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, Loopback, pause, root, texts, ulid, userId } from './support/kefud.mjs';

/** Sends one message until it gets a 200, as a platform with redelivery on does. */
async function deliver(daemon, message, stopped) {
  for (let tries = 0; !stopped() && tries < 4000; ++tries) {
    try {
      const response = await daemon.say(message.text, { ...message, redelivery: tries > 0 });
      if (response.status === 200) return true;
    } catch {
      // the daemon is down: it was killed
    }
    await pause(20);
  }
  return false;
}

const answers = (calls, { user, event }) => calls.filter((call) => call.to === user || call.replyToken === `reply-${event}`);

test('kill -9 at random points under load: nothing is lost, nothing is answered twice', { timeout: 180_000 }, async () => {
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform, keep: true });
  const messages = Array.from({ length: 400 }, () => ({ user: userId(), event: ulid(), text: '我的包裹在哪裡' }));
  const queue = [...messages];
  let finished = 0;
  const workers = Array.from({ length: 8 }, async () => {
    while (queue.length > 0) {
      const message = queue.shift();
      assert.equal(await deliver(daemon, message, () => false), true);
      ++finished;
    }
  });
  let kills = 0;
  while (finished < messages.length) {
    await pause(30 + Math.random() * 250);
    await daemon.kill();
    ++kills;
    await daemon.launch();
  }
  await Promise.all(workers);
  const calls = await platform.until((all) => messages.every((message) => answers(all, message).length > 0), 'an answer to each message', 60_000);
  const doubled = messages.filter((message) => answers(calls, message).length > 1);
  assert.deepEqual(doubled, []);
  assert.ok(kills >= 3, `only ${kills} kills`);
  await daemon.stop();
  rmSync(daemon.folder, { recursive: true, force: true });
  await platform.stop();
});

test('kill -9 while LINE has an answer but has not confirmed it: not sent twice, and flagged as unknown', { timeout: 60_000 }, async (t) => {
  const calls = [];
  const line = createServer((request, response) => {
    request.resume();
    if (request.method === 'GET') return response.writeHead(404).end('{}'); // what the account is asked about itself
    calls.push(request.url);
    if (calls.length === 1) line.emit('taken');
    else response.writeHead(400, { 'content-type': 'application/json' }).end('{"message":"Invalid reply token"}');
  });
  await once(line.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    line.closeAllConnections();
    line.close();
  });
  const daemon = await Daemon.start({ platform: { url: `http://127.0.0.1:${line.address().port}` }, settings: { notifiers: [] } });
  const user = userId();
  const taken = once(line, 'taken');
  assert.equal((await daemon.say('我的包裹在哪裡', { user })).status, 200);
  await taken;
  await daemon.kill();
  await daemon.launch();
  await daemon.process.line(/reply_outcome_unknown/);
  let states;
  do {
    const shown = await daemon.api('GET', `/conversation?id=${encodeURIComponent(`line-test/${user}`)}`);
    states = shown.body.history.map(({ state }) => state).filter(Boolean);
  } while (states.includes('in_flight')); // the outcome is stored after it is logged
  assert.deepEqual(states, ['unknown']);
  assert.equal((await daemon.api('GET', '/status')).body.dispatch.unknown, 1);
  assert.deepEqual(calls, ['/v2/bot/message/reply', '/v2/bot/message/reply']);
  await daemon.stop();
});

test('a full disk gives 503, and what then comes again is taken and answered', { timeout: 120_000, skip: process.getuid() === 0 ? false : 'mounting a small tmpfs needs root' }, async (t) => {
  const state = mkdtempSync(join(tmpdir(), 'kefud-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', state], { stdio: 'pipe' });
  } catch {
    t.skip('this machine does not let us mount a tmpfs');
    return;
  }
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform, state });
  try {
    const filler = join(state, 'filler');
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'pipe' });
    const taken = [];
    let refused = null;
    for (let i = 0; i < 400 && refused === null; ++i) {
      const message = { user: userId(), event: ulid(), text: '我的包裹在哪裡' };
      const { status } = await daemon.say(message.text, message);
      if (status === 200) taken.push(message);
      else {
        assert.equal(status, 503);
        refused = message;
      }
    }
    assert.notEqual(refused, null, 'the disk never filled');
    rmSync(filler);
    assert.equal(await deliver(daemon, refused, () => false), true);
    const calls = await platform.until((all) => [...taken, refused].every((message) => answers(all, message).length > 0), 'answers after the disk has room', 30_000);
    for (const message of [...taken, refused]) assert.equal(answers(calls, message).length, 1);
  } finally {
    await daemon.stop();
    await platform.stop();
    execFileSync('umount', ['-l', state]);
    rmSync(state, { recursive: true, force: true });
  }
});

test('a reload under load swaps the texts and refuses nobody; a broken one changes nothing', { timeout: 60_000 }, async () => {
  const platform = await Loopback.start();
  const catalog = mkdtempSync(join(tmpdir(), 'kefud-catalog-'));
  mkdirSync(join(catalog, 'intents'));
  mkdirSync(join(catalog, 'replies'));
  cpSync(join(root, 'intents/packs'), join(catalog, 'intents'), { recursive: true });
  cpSync(join(root, 'replies/packs'), join(catalog, 'replies'), { recursive: true });
  for (const folder of ['playbooks', 'calendars']) cpSync(join(root, 'replies', folder), join(catalog, folder), { recursive: true });
  for (const file of ['policy.yaml', 'guard.yaml']) cpSync(join(root, 'replies', file), join(catalog, file));
  const daemon = await Daemon.start({ platform, settings: { catalog: { path: catalog } } });
  let going = true;
  const statuses = new Map();
  const load = (async () => {
    while (going) {
      const status = await daemon.say('我的包裹在哪裡').then((response) => response.status, (error) => error.cause?.code ?? error.message);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  })();

  const pack = join(catalog, 'replies/en.yaml');
  const original = readFileSync(pack, 'utf8');
  writeFileSync(pack, original + '\n  broken: [');
  assert.match((await daemon.reload())[0], /reload_refused/);
  assert.ok(daemon.process.lines.some((line) => /en\.yaml:\d+:\d+/.test(line)), 'the log names the place');
  const event = ulid();
  await daemon.say('Do you have an invoice?', { event });
  await platform.until((all) => all.some((call) => call.replyToken === `reply-${event}`), 'an answer with the old texts');

  const before_ = 'A new sentence after the reload.';
  writeFileSync(pack, original.replace(/(\n  bot_answer:\n    variants:\n)(      - .*\n)+/, `$1      - '${before_}'\n`));
  assert.match((await daemon.reload())[0], /reloaded/);
  const later = ulid();
  await daemon.say('Are you a robot?', { event: later });
  const calls = await platform.until((all) => all.some((call) => call.replyToken === `reply-${later}`), 'an answer with the new texts');
  assert.ok(texts(calls.filter((call) => call.replyToken === `reply-${later}`)).includes(before_));
  going = false;
  await load;
  assert.deepEqual([...statuses.keys()], [200]);
  await daemon.stop();
  await platform.stop();
  rmSync(catalog, { recursive: true, force: true });
});

test('a storm of reload signals is one reload or two, and a stop does not wait behind it', { timeout: 60_000 }, async () => {
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform });
  const reloads = () => daemon.process.lines.filter((line) => / reloaded /.test(line)).length;
  for (let i = 0; i < 30; ++i) {
    daemon.process.child.kill('SIGHUP');
    await pause(5);
  }
  await daemon.process.line(/ reloaded /);
  const ended = await daemon.process.stop('SIGTERM');
  assert.deepEqual(ended, { code: 0, signal: null });
  assert.ok(reloads() <= 3, `${reloads()} reloads`);
  rmSync(daemon.folder, { recursive: true, force: true });
  await platform.stop();
});

test('SIGTERM drains: what was taken is answered before or after the restart, and the exit code is 0', { timeout: 60_000 }, async () => {
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform, keep: true });
  const messages = Array.from({ length: 50 }, () => ({ user: userId(), event: ulid(), text: '我的包裹在哪裡' }));
  const sending = Promise.all(messages.map((message) => deliver(daemon, message, () => false)));
  await pause(20);
  const ended = await daemon.process.stop('SIGTERM');
  assert.deepEqual(ended, { code: 0, signal: null });
  await daemon.launch();
  await sending;
  const calls = await platform.until((all) => messages.every((message) => answers(all, message).length > 0), 'every answer', 30_000);
  for (const message of messages) assert.equal(answers(calls, message).length, 1);
  await daemon.stop();
  rmSync(daemon.folder, { recursive: true, force: true });
  await platform.stop();
});
