// SPDX-License-Identifier: Apache-2.0
// What an operator does with a daemon that runs: trace a message, back up and restore, ask the doctor, forget a person, read more of the log.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { faketime } from '../demo/play.mjs';
import { Daemon, Loopback, agentToken, binary, pause, ulid, userId } from './support/kefud.mjs';

const lines = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));

async function shop(use, settings = {}) {
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform, settings });
  const away = mkdtempSync(join(tmpdir(), 'kefud-operations-'));
  try {
    await use(daemon, platform, away);
  } finally {
    await daemon.stop();
    await platform.stop();
    rmSync(away, { recursive: true });
  }
}
const answered = (platform, count = 1) => platform.until((calls) => calls.filter((call) => call.replyToken).length >= count, `${count} answers`);

/** The end of a send is stored a moment after the platform saw it. */
async function traced(daemon, id, ...more) {
  for (let tries = 0; tries < 400; ++tries) {
    const shown = daemon.command('trace', id, ...more);
    if (/send_finished|escalation/.test(shown.stdout)) return shown;
    await pause(25);
  }
  return assert.fail(`no end of ${id}`);
}

test('kefud trace shows the way of a message from the webhook to the platform’s OK', () => shop(async (daemon, platform) => {
  const event = ulid();
  const user = userId();
  await daemon.say('我的包裹在哪裡？電話 0912345678', { user, event });
  await answered(platform);
  const shown = await traced(daemon, event);
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, new RegExp(`^line-test/${user}\\n`));
  assert.match(shown.stdout, /message_received\n[^]*decision\s+read as tracking [01]\.\d\d[^]*catalog\s+as installed/);
  assert.match(shown.stdout, /\+0\.\d{3} s\s+send_finished\n[^]*result\s+delivered/);
  assert.doesNotMatch(shown.stdout, /0912345678|包裹/);
  const plain = lines((await traced(daemon, event, '--plain', '--json')).stdout);
  assert.equal(plain[0].facts.text, '我的包裹在哪裡？電話 0912345678');
  assert.equal(daemon.command('trace', 'nothing-of-that-name').status, 1);
  assert.equal(daemon.command('trace').status, 2);
}));

const tomorrow = faketime() ? {} : { skip: 'libfaketime is not installed' };
test('kefud report writes what happened yesterday beside a running daemon, and lets old files go', tomorrow, () => shop(async (daemon, platform, away) => {
  await daemon.say('你好');
  await answered(platform);
  const report = (days, ...args) => spawnSync(binary, ['report', '--config', daemon.file, ...args], { encoding: 'utf8', env: { ...process.env, LD_PRELOAD: faketime(), FAKETIME: `+${days}d` } });
  const csv = report(1, '--name', 'overview', '--format', 'csv');
  assert.equal(csv.status, 0, csv.stderr);
  assert.match(csv.stdout, /^\uFEFF"?messages"?,.*\r\n1,1,/);
  for (const days of [1, 2, 3]) assert.equal(report(days, '--keep', '2', away).status, 0);
  writeFileSync(join(away, 'kefud-notes.xlsx'), 'mine');
  const last = report(4, '--keep', '2', away);
  assert.match(last.stdout, /kefud-\d{4}-\d\d-\d\d\.xlsx\nremoved .*\.xlsx\n$/);
  assert.equal(readdirSync(away).length, 3);
  assert.equal(report(1, '--span', 'last-month', '--format', 'csv', away).status, 0);
  assert.ok(readdirSync(away).some((name) => /^kefud-overview-\d{4}-\d\d\.csv$/.test(name)));
  assert.equal(report(1, '--name', 'all').status, 3);
  assert.equal(report(1, '--span', 'tomorrow', away).status, 2);
}));

test('a backup of a running daemon is whole, and a restored one goes on from there', () => shop(async (daemon, platform, away) => {
  await daemon.say('你好');
  await answered(platform);
  const made = daemon.command('backup', '--media', '--keep', '2', away);
  assert.equal(made.status, 0, made.stderr);
  const folder = join(away, readdirSync(away).find((name) => name.startsWith('kefud-')));
  assert.equal(daemon.command('restore', '--check', folder).status, 0);
  const refused = daemon.command('restore', folder);
  assert.equal(refused.status, 3);
  assert.match(refused.stderr, /another kefud is using this database/);

  const later = userId();
  await daemon.say('我的包裹在哪裡？', { user: later });
  await answered(platform, 2);
  daemon.keep = true;
  await daemon.stop();
  const restored = daemon.command('restore', folder);
  assert.equal(restored.status, 0, restored.stderr);
  assert.match(restored.stdout, /what was there is kept as .*\.before-restore-/);
  daemon.keep = false;
  await daemon.launch();
  assert.equal((await daemon.api('GET', `/conversation?id=line-test/${later}`)).status, 404, 'it came after the backup');
  assert.equal((await daemon.say('你好', { user: userId() })).status, 200);
  await answered(platform, 3);

  writeFileSync(join(folder, 'claim.key'), 'changed');
  const damaged = daemon.command('restore', '--check', folder);
  assert.equal(damaged.status, 1);
  assert.match(damaged.stderr, /claim\.key is not as it was/);
}));

test('the doctor finds a well daemon well, and says what to do about a sick one', () => shop(async (daemon, platform) => {
  await daemon.say('你好');
  await answered(platform);
  const found = lines(daemon.command('doctor', '--json').stdout);
  const of = (about) => found.filter((one) => one.about === about && one.kind !== 'ok').map((one) => one.what);
  assert.deepEqual([...of('store'), ...of('catalog'), ...of('daemon'), ...of('files')], []);
  assert.match(found.find((one) => one.about === 'daemon').what, /^runs as process \d+$/);
  assert.ok(found.every((one) => (one.kind === 'ok') === !('todo' in one)));

  daemon.keep = true;
  await daemon.stop();
  const stopped = daemon.command('doctor');
  assert.equal(stopped.status, 1);
  assert.match(stopped.stdout, /warning\s+daemon\s+does not run with this store\n\s+→ systemctl start kefud/);
  rmSync(daemon.folder, { recursive: true });
}));

test('a person is forgotten through the daemon that holds them, and nobody else is', () => shop(async (daemon, platform) => {
  const [mei, jan] = [userId(), userId()];
  await daemon.say('我的包裹在哪裡？', { user: mei });
  await daemon.say('我的包裹在哪裡？', { user: jan });
  await answered(platform, 2);
  const data = JSON.parse(daemon.command('export', mei).stdout);
  assert.equal(data.conversation, `line-test/${mei}`);
  assert.equal(data.events[0].fields.text, '我的包裹在哪裡？');

  const look = JSON.parse(daemon.command('forget', '--dry-run', mei).stdout);
  assert.equal(look.would_forget, `line-test/${mei}`);
  assert.ok(look.counts.events >= 3);
  assert.equal((await daemon.api('GET', `/conversation?id=line-test/${mei}`)).status, 200);

  const done = daemon.command('forget', mei);
  assert.equal(done.status, 0, done.stderr);
  assert.equal(JSON.parse(done.stdout).forgotten, `line-test/${mei}`);
  assert.equal((await daemon.api('GET', `/conversation?id=line-test/${mei}`)).status, 404);
  assert.equal((await daemon.api('GET', `/conversation?id=line-test/${jan}`)).status, 200);
  assert.equal(daemon.command('forget', mei).status, 1, 'nobody is called that any more');

  // Who comes back is a new customer, also for the daemon's memory.
  await daemon.say('你好', { user: mei });
  const { body } = await daemon.api('GET', `/conversation?id=line-test/${mei}`);
  assert.equal(body.history.filter((line) => line.who === 'customer').length, 1);
}));

test('a person is forgotten without a daemon too', () => shop(async (daemon, platform) => {
  const mei = userId();
  await daemon.say('我要去消基會投訴你們', { user: mei });
  await answered(platform);
  daemon.keep = true;
  await daemon.stop();
  const done = daemon.command('forget', `line-test/${mei}`);
  assert.equal(done.status, 0, done.stderr);
  assert.equal(JSON.parse(done.stdout).counts.escalations, 1);
  assert.equal(readFileSync(join(daemon.folder, 'kefud.sqlite3')).includes(Buffer.from('消基會')), false);
  assert.equal(existsSync(join(daemon.folder, 'kefud.sqlite3-wal')), false);
  rmSync(daemon.folder, { recursive: true });
}));

test('only admins forget, export or change the log', () => shop(async (daemon) => {
  const user = userId();
  await daemon.say('你好', { user });
  for (const [method, path, body] of [
    ['POST', '/person/forget', { conversation: `line-test/${user}` }],
    ['GET', `/person/export?id=line-test/${user}`],
    ['POST', '/log-level', { level: 'debug' }],
  ])
    assert.equal((await daemon.api(method, path, body, agentToken)).status, 403, path);
}));

test('signals make the log tell more, and less again', () => shop(async (daemon) => {
  const tell = async (signal, level) => {
    const from = daemon.process.lines.length;
    daemon.process.child.kill(signal);
    await daemon.process.line(new RegExp(`log_level level=${level}`), from);
  };
  await tell('SIGUSR1', 'debug');
  await tell('SIGUSR2', 'info');
}));

test('what comes too often in the log is counted instead', () => shop(async (daemon) => {
  for (let i = 0; i < 60; ++i) await daemon.postLine('{"destination":"x","events":[]}', { signature: 'nonsense' });
  await daemon.process.line(/webhook_refused more=40 what="40 more like this in 10 s"/);
  assert.equal(daemon.process.lines.filter((line) => /webhook_refused path/.test(line)).length, 20);
}));

test('the daemon finds no difference between what it accepted and what it did', () => shop(async (daemon, platform) => {
  const said = ['你好', '我的包裹在哪裡？', '我要退款', '我要去消基會投訴你們', 'asdf qwer', 'Kde je sakra moje objednávka???', '真人客服', '謝謝'];
  for (const text of said) await daemon.say(text, { user: userId() });
  await answered(platform, 6);
  const [, port] = await daemon.process.line(/metrics .*port=(\d+)/);
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  // Three looks past the patience: the journal is looked through, and nothing is left lying.
  const end = Date.now() + 30_000;
  let text = await read();
  while (!/^kefud_watch_lag_events 0$/m.test(text) && Date.now() < end) {
    await pause(200);
    text = await read();
  }
  assert.match(text, /^kefud_watch_lag_events 0$/m);
  for (const kind of ['unanswered', 'send_lost', 'nobody_called', 'outbox_late', 'timers_late'])
    assert.match(text, new RegExp(`^kefud_watch_differences\\{difference="${kind}"\\} 0$`, 'm'));
  assert.deepEqual(daemon.process.lines.filter((line) => /self_watch/.test(line)), []);
}, { metrics: { serve: 'own', port: 0 }, watch: { patience: '2s' } }));
