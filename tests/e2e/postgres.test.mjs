// SPDX-License-Identifier: Apache-2.0
// The store in PostgreSQL: one daemon on it, and several that share the work.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, Loopback, pause, texts, ulid, userId } from './support/kefud.mjs';
import { database, needsPostgres, query } from './support/postgres.mjs';

const question = '我的包裹在哪裡';
const answersTo = (calls, event) => calls.filter((call) => call.replyToken === `reply-${event}`);

/** Delivers a message to one of the daemons after the other until it gets a 200, as a platform behind a balancer does. */
async function deliver(daemons, message, first = 0) {
  for (let tries = 0; tries < 4000; ++tries) {
    try {
      const response = await daemons[(first + tries) % daemons.length].say(message.text, { ...message, redelivery: tries > 0 });
      if (response.status === 200) return;
    } catch {
      // that one was killed
    }
    await pause(20);
  }
  throw new Error('nobody takes messages');
}

test('a daemon on PostgreSQL answers, survives kill -9 and knows a redelivery', { timeout: 120_000, ...needsPostgres }, async () => {
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform, settings: { store: database() } });
  const message = { user: userId(), event: ulid() };
  assert.equal((await daemon.say(question, message)).status, 200);
  await platform.until((all) => answersTo(all, message.event).length > 0, 'an answer');
  await daemon.kill();
  await daemon.launch();
  assert.equal((await daemon.say(question, { ...message, redelivery: true })).status, 200);
  const later = { user: message.user, event: ulid() };
  assert.equal((await daemon.say('轉真人客服', later)).status, 200);
  const calls = await platform.until((all) => answersTo(all, later.event).length > 0, 'an answer to the next message');
  assert.equal(answersTo(calls, message.event).length, 1);
  const shown = await daemon.api('GET', `/conversation?id=${encodeURIComponent(`line-test/${message.user}`)}`);
  assert.equal(shown.status, 200);
  assert.deepEqual(shown.body.history.filter(({ who }) => who === 'customer').map(({ text }) => text), [question, '轉真人客服']);
  await daemon.stop();
  await platform.stop();
});

test('commands beside the daemon read and change the same database', { timeout: 120_000, ...needsPostgres }, async () => {
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform, settings: { store: database() } });
  assert.match(daemon.command('pause').stdout, /nothing is sent on any channel/);
  const message = { user: userId(), event: ulid() };
  assert.equal((await daemon.say(question, message)).status, 200);
  const added = daemon.command('user', 'add', 'ann', '--role', 'admin');
  assert.equal(added.status, 0, added.stderr);
  assert.match(daemon.command('user', 'list').stdout, /ann +admin/);
  const dossier = daemon.command('evidence', '--out', join(daemon.folder, 'dossier'), `line-test/${message.user}`);
  assert.equal(dossier.status, 0, dossier.stderr);
  assert.deepEqual(texts(await platform.sent()), []);
  assert.match(daemon.command('resume').stdout, /resumed/);
  await platform.until((all) => answersTo(all, message.event).length > 0, 'an answer after the pause');
  await daemon.stop();
  await platform.stop();
});

test('a database that goes away means 503, and what comes again is taken when it is back', { timeout: 120_000, ...needsPostgres }, async () => {
  const platform = await Loopback.start();
  const store = database();
  const daemon = await Daemon.start({ platform, settings: { store } });
  const name = store.url.match(/\/\/\/(\w+)\?/)[1];
  const elsewhere = store.url.replace(`///${name}?`, '///postgres?');
  assert.equal((await daemon.say(question)).status, 200);
  const closed = query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`, elsewhere);
  assert.equal(closed.status, 0, closed.stderr);
  query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`, elsewhere);
  const message = { text: question, user: userId(), event: ulid() };
  assert.equal((await daemon.say(question, message)).status, 503);
  const opened = query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`, elsewhere);
  assert.equal(opened.status, 0, opened.stderr);
  await deliver([daemon], message);
  await platform.until((all) => answersTo(all, message.event).length === 1, 'an answer when it is back');
  await daemon.stop();
  await platform.stop();
});

/** KEFUD_CHAOS_SECONDS makes it longer. */
test('three daemons share the work while one after the other is killed: nothing lost, doubled or out of order', { timeout: 600_000, ...needsPostgres }, async () => {
  const seconds = Number(process.env.KEFUD_CHAOS_SECONDS ?? 10);
  const folder = mkdtempSync(join(tmpdir(), 'kefud-e2e-chaos-'));
  const platform = await Loopback.start({ record: join(folder, 'sent.jsonl') });
  const store = database();
  const daemons = [];
  for (let i = 0; i < 3; ++i) {
    const state = mkdtempSync(join(tmpdir(), `kefud-e2e-node${i}-`));
    daemons.push(await Daemon.start({ platform, folder: state, keep: true, settings: { store: { ...store, node: `node${i}` } } }));
  }
  const end = Date.now() + seconds * 1000;
  const customers = [];
  const workers = Array.from({ length: 12 }, async (_, worker) => {
    while (Date.now() < end) {
      const user = userId();
      const events = [ulid(), ulid()];
      customers.push({ user, events });
      for (const [i, event] of events.entries()) await deliver(daemons, { text: question, user, event }, worker + i);
    }
  });
  let kills = 0;
  while (Date.now() < end) {
    await pause(1500 + Math.random() * 1500);
    const victim = daemons[kills++ % daemons.length];
    await victim.kill();
    await pause(300);
    await victim.launch();
  }
  await Promise.all(workers);
  const answered = (all) => {
    const tokens = new Set(all.map((call) => call.replyToken));
    const receivers = new Set(all.map((call) => call.to));
    return customers.filter(({ user, events }) => !tokens.has(`reply-${events[1]}`) && !receivers.has(user));
  };
  const calls = await platform.until((all) => answered(all).length === 0, 'an answer to the last message of each customer', 90_000);
  const places = new Map();
  calls.forEach((call, at) => places.set(call.replyToken, [...(places.get(call.replyToken) ?? []), at]));
  const doubled = customers.flatMap(({ events }) => events).filter((event) => (places.get(`reply-${event}`) ?? []).length > 1);
  const disordered = customers.filter(({ events }) => {
    const [first, second] = events.map((event) => places.get(`reply-${event}`)?.[0]);
    return first !== undefined && second !== undefined && first > second;
  });
  const journaled = Number(query('SELECT count(*) FROM journal WHERE kind = 1', store.url).stdout);
  console.log(`chaos: ${kills} kills, ${customers.length * 2} messages, lost 0, doubled ${doubled.length}, out of order ${disordered.length}`);
  assert.deepEqual(doubled, []);
  assert.deepEqual(disordered, []);
  assert.equal(journaled, customers.length * 2);
  for (const daemon of daemons) {
    await daemon.stop();
    rmSync(daemon.folder, { recursive: true, force: true });
  }
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});
