// SPDX-License-Identifier: Apache-2.0
// The units as systemd's own tools judge them, and the daemon as a service: what it notifies, and the socket it is passed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, Loopback, Process, binary, destination, messageEvent, root, sign, ulid, userId } from './support/kefud.mjs';
import { Service } from './support/service.mjs';

const needs = (program) => (spawnSync(program, ['--version']).error ? { skip: `${program} is not installed` } : {});
const units = join(root, 'systemd');
const unit = (name) => readFileSync(join(units, name), 'utf8');

/** Posts one LINE message on a connection of its own; the status, or what went wrong. */
function say(where, text) {
  const event = ulid();
  const body = JSON.stringify({ destination, events: [messageEvent(text, { user: userId(), event, token: `reply-${event}` })] });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-line-signature': sign(body) };
  return new Promise((done) => {
    const sending = request({ ...where, agent: false, method: 'POST', path: '/webhook/line', headers }, (response) => {
      response.resume();
      response.once('end', () => done(response.statusCode));
    });
    sending.once('error', (error) => done(error.code ?? error.message));
    sending.end(body);
  });
}

test('systemd understands every unit', needs('systemd-analyze'), (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kefud-units-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of readdirSync(units)) copyFileSync(join(units, name), join(folder, name));
  const services = ['kefud.service', 'kefud@.service', 'kefud-backup.service', 'kefud-backup@.service', 'kefud-report.service', 'kefud-report@.service'];
  for (const name of services) writeFileSync(join(folder, name), unit(name).replaceAll('/usr/bin/kefud ', `${binary} `));
  const names = ['', '@shop'].flatMap((shop) => [`kefud${shop}.service`, `kefud${shop}.socket`, `kefud-backup${shop}.service`, `kefud-backup${shop}.timer`, `kefud-report${shop}.service`, `kefud-report${shop}.timer`]);
  const checked = spawnSync('systemd-analyze', ['verify', '--man=no', ...names.map((name) => join(folder, name))], { encoding: 'utf8' });
  assert.deepEqual([checked.status, checked.stderr], [0, '']);
});

test('an intruder in the daemon could do little: exposure at most 1.5 of 10', needs('systemd-analyze'), () => {
  for (const name of ['kefud.service', 'kefud@.service', 'kefud-backup.service', 'kefud-backup@.service', 'kefud-report.service', 'kefud-report@.service']) {
    const judged = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=15', '--no-pager', join(units, name)], { encoding: 'utf8' });
    assert.equal(judged.status, 0, judged.stdout + judged.stderr);
    assert.match(judged.stdout, /Overall exposure level/);
  }
});

test('kefud@.service is kefud.service, but for the name of the shop', () => {
  const settings = (text) => text.split('\n').filter((line) => line && !/^(#|Description=)/.test(line));
  assert.deepEqual(settings(unit('kefud@.service').replaceAll('@%i', '').replaceAll('/%i/', '/')), settings(unit('kefud.service')));
});

test('systemd-socket-activate starts it at the first connection, on a Unix socket too', needs('systemd-socket-activate'), async () => {
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform, keep: true });
  await daemon.stop();
  const socketPath = join(daemon.folder, 'kefud.sock');
  const activated = new Process(['--listen', socketPath, binary, 'run', '--config', daemon.file], { program: 'systemd-socket-activate' });
  await activated.line(/Listening on/);
  assert.equal(await say({ socketPath }, '我的包裹在哪裡'), 200);
  await activated.line(/ready.*kefud\.sock/);
  await platform.until((calls) => calls.some((call) => call.replyToken), 'an answer');
  assert.deepEqual(await activated.stop(), { code: 0, signal: null });
  rmSync(daemon.folder, { recursive: true });
  await platform.stop();
});

class Watched extends Service {
  watchdog = 200_000;
}

test('it tells systemd that it is ready, alive, reloading and stopping', needs('python3'), async () => {
  const platform = await Loopback.start();
  const service = await Watched.start({ platform });
  await service.notified(/STATUS=taking messages on 127\.0\.0\.1 port \d+$/);
  await service.notified(/WATCHDOG=1$/, service.process.lines.length);
  await service.notified(/WATCHDOG=1$/, service.process.lines.length);

  const reloaded = async (outcome) => {
    const from = service.process.lines.length;
    service.tell('SIGHUP');
    await service.notified(/RELOADING=1$/, from);
    await service.notified(/READY=1$/, from);
    const [, at] = await service.notified(/MONOTONIC_USEC=(\d+)$/, from);
    assert.ok(BigInt(at) * 1000n <= process.hrtime.bigint());
    await service.notified(new RegExp(`STATUS=${outcome}`), from);
  };
  await reloaded('reloaded$');
  writeFileSync(service.file, 'no: such');
  await reloaded('reload refused');

  service.tell('stop');
  await service.notified(/STOPPING=1$/);
  await service.process.line(/^exited 0$/);
  rmSync(service.folder, { recursive: true, force: true });
  await platform.stop();
});

test('restarts under load refuse nobody: the socket is systemd\'s', { timeout: 120_000, ...needs('python3') }, async (t) => {
  const platform = await Loopback.start();
  const service = await Service.start({ platform });
  const where = { host: '127.0.0.1', port: new URL(service.url).port };
  const outcomes = new Map();
  let going = true;
  const workers = Array.from({ length: 8 }, async () => {
    while (going) {
      const outcome = await say(where, '我的包裹在哪裡');
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  });
  const answered = () => outcomes.get(200) ?? 0;
  for (let restarts = 0; restarts < 5; ++restarts) {
    const from = service.process.lines.length;
    const before = answered();
    service.tell('restart');
    await service.process.line(/^exited 0$/, from);
    await service.notified(/READY=1$/, from);
    await platform.until(() => answered() > before + 100, 'webhooks are taken again');
  }
  going = false;
  await Promise.all(workers);
  t.diagnostic(`${answered()} webhooks, 5 restarts`);
  assert.deepEqual([...outcomes.keys()], [200]);
  service.tell('stop');
  await service.process.line(/^exited 0$/, service.process.lines.length - 1);
  rmSync(service.folder, { recursive: true, force: true });
  await platform.stop();
});
