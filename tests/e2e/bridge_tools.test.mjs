// SPDX-License-Identifier: Apache-2.0
// What who writes a bridge works with: the transcript, the example of the documentation, `kefud bridge-test`, and bridges without a WebSocket.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Bridge, account, bridgeChannel, conforms, conversation, question, token } from './support/bridge.mjs';
import { Daemon, Loopback, binary, needsShared, pause, root, sharedLines } from './support/kefud.mjs';

let platform;
before(async () => {
  platform = await Loopback.start();
});
after(() => platform?.stop());

async function start(t, settings, channel) {
  const daemon = await Daemon.start({ platform, settings: { channels: [bridgeChannel(settings, channel)] } });
  t.after(() => daemon.kill());
  return daemon;
}

test('the shipped transcript is understood frame by frame', needsShared, async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url, { checks: false, onSend: () => null });
  const frames = sharedLines('specs/kefud-bridge-v1-transcript.jsonl').filter(({ dir }) => dir === 'bridge->daemon');
  const [{ frame: hello }, ...rest] = frames;
  await bridge.connect({ hello });
  for (const { frame } of rest.filter(({ frame }) => frame.type !== 'hello')) bridge.ws.send(JSON.stringify(frame));
  await bridge.until(() => bridge.frames.some((frame) => frame.type === 'ack' && frame.seq === 12), 'an ack of the last');
  assert.deepEqual(bridge.frames.filter(({ type }) => type === 'nack').map(({ seq, code }) => [seq, code]), [[8, 'bad_frame']]);
  bridge.cut();
  const again = await bridge.connect({ hello: { ...frames.at(-1).frame } });
  assert.equal(again.resumed, true);
  assert.equal(again.last_seq, 12);
});

const copy = join(root, 'tests/e2e/node_modules/example-bridge.mjs'); // where it finds `ws`
function example(t, url) {
  copyFileSync(join(root, 'docs/example-bridge.mjs'), copy);
  const child = spawn(process.execPath, [copy], {
    stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, KEFUD_URL: url.replace('http', 'ws') + '/bridge/v1/ws', KEFUD_TOKEN: token, KEFUD_ACCOUNT: account },
  });
  t.after(() => child.kill());
  return child;
}

test('the example in the documentation works, and comes back after a restart of the daemon', async (t) => {
  const daemon = await start(t);
  const child = example(t, daemon.url);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = (id, text) => child.stdin.write(JSON.stringify({ id, conversation: 'c1', from: 'b1', text }) + '\n');
  const typed = async (pattern) => {
    for (;;) {
      const { conversation: talk, text } = JSON.parse((await lines.next()).value);
      assert.equal(talk, 'c1');
      if (pattern.test(text)) return;
    }
  };
  say(1, question);
  await typed(/订单/);
  const port = Number(new URL(daemon.url).port);
  await daemon.kill();
  daemon.settings.listen.port = port;
  daemon.write();
  say(2, '订单号 88420001');
  await daemon.launch();
  await typed(/./);
});

/** Runs `kefud bridge-test`; resolves with its exit code and lines. */
function bridgeTest(t, ...args) {
  const child = spawn(binary, ['bridge-test', ...args]);
  t.after(() => child.kill());
  const lines = [];
  const waiting = new Promise((done) => createInterface({ input: child.stdout }).on('line', (line) => (lines.push(line), /waiting/.test(line) && done(line.match(/ws:\/\/\S+/)[0]))));
  return { lines, waiting, ended: new Promise((done) => child.once('exit', (code) => done(code))) };
}

test('bridge-test: the example passes every check', { timeout: 60_000 }, async (t) => {
  const conformance = bridgeTest(t, 'ws://127.0.0.1:0/bridge/v1/ws');
  example(t, (await conformance.waiting).replace('/bridge/v1/ws', ''));
  const code = await conformance.ended;
  assert.deepEqual(conformance.lines.filter((line) => line.startsWith('FAIL')), []);
  assert.equal(code, 0);
  assert.ok(conformance.lines.filter((line) => line.startsWith('ok')).length >= 15, conformance.lines.join('\n'));
});

test('bridge-test: says what a careless bridge does wrong', { timeout: 60_000 }, async (t) => {
  const conformance = bridgeTest(t, 'ws://127.0.0.1:0/bridge/v1/ws');
  const bridge = new Bridge((await conformance.waiting).replace('ws:', 'http:').replace('/bridge/v1/ws', ''), { checks: false });
  bridge.answer = (send) => (bridge.typed.push(send), bridge.result(send.id, { status: 'accepted' })); // types everything again, whatever comes
  const redial = () => bridge.connect().then(() => bridge.ws.once('close', () => setTimeout(redial, 50)), () => {});
  redial();
  t.after(() => {
    bridge.connect = () => new Promise(() => {});
    bridge.cut();
  });
  assert.equal(await conformance.ended, 1);
  const failed = conformance.lines.filter((line) => line.startsWith('FAIL')).join('\n');
  for (const check of [/repeated send/, /same id with other content/, /deadline/, /part it cannot send/, /pause/, /4003/]) assert.match(failed, check);
  assert.doesNotMatch(failed, /numbered/);
});

test('bridge-test: a callback that keeps the protocol, and one that does not look at signatures', { timeout: 60_000 }, async (t) => {
  const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
  const done = new Map();
  const serve = (checksSignatures) => async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const [frame] = JSON.parse(body).frames;
    const key = Buffer.from(secret.slice(6), 'base64');
    const signature = createHmac('sha256', key).update(`${request.headers['webhook-id']}.${request.headers['webhook-timestamp']}.${body}`).digest('base64');
    if (checksSignatures && request.headers['webhook-signature'] !== `v1,${signature}`) return void response.writeHead(401).end();
    const before = done.get(frame.id);
    const result = before ? { ...before, duplicate: true }
      : frame.deadline < Date.now() ? { type: 'result', id: frame.id, status: 'failed', code: 'deadline_passed' } : { type: 'result', id: frame.id, status: 'accepted' };
    done.set(frame.id, result);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ frames: [result] }));
  };
  for (const checks of [true, false]) {
    const server = createServer(serve(checks));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const conformance = bridgeTest(t, `http://127.0.0.1:${server.address().port}/kefud`, '--secret', secret);
    assert.equal(await conformance.ended, checks ? 0 : 1, conformance.lines.join('\n'));
    assert.equal(conformance.lines.some((line) => /^FAIL.*not signed/.test(line)), !checks);
  }
});

test('without a WebSocket: signed requests in, sends by callback and by long poll', async (t) => {
  const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
  const daemon = await start(t, { secrets: [secret] });
  const post = (frames) => {
    const body = JSON.stringify({ protocol: 1, bridge: 'php', frames });
    const id = `msg_${randomUUID()}`, now = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${id}.${now}.${body}`).digest('base64');
    return fetch(`${daemon.url}/bridge/v1/events`, { method: 'POST', body, headers: { 'webhook-id': id, 'webhook-timestamp': now, 'webhook-signature': `v1,${signature}` } });
  };
  const message = (id) => ({ type: 'event', event: 'message', id, account, conversation: { id: conversation, kind: 'direct' }, sender: { id: 'b', role: 'customer' }, time: Date.now(), text: question });
  const poll = () => fetch(`${daemon.url}/bridge/v1/sends?account=${account}&wait=20`, { headers: { authorization: `Bearer ${token}` } });
  const waiting = poll();
  const taken = await post([message('w1')]);
  assert.deepEqual(await taken.json(), { ack: [{ id: 'w1', status: 'accepted' }] });
  const { frames: [send] } = await (await waiting).json();
  conforms(send, 'kefud');
  assert.equal(send.conversation, conversation);
  assert.equal((await post([{ type: 'result', id: send.id, status: 'delivered' }])).status, 200);
  await daemon.process.line(/reply_sent/);
  assert.deepEqual((await (await post([message('w1')])).json()).ack, [{ id: 'w1', status: 'duplicate' }]);

  const calls = [];
  const callback = createServer(async (request, response) => {
    const { frames: [frame] } = JSON.parse(Buffer.concat(await request.toArray()));
    calls.push(frame);
    response.end(JSON.stringify({ frames: [{ type: 'result', id: frame.id, status: 'accepted' }] }));
  });
  await once(callback.listen(0, '127.0.0.1'), 'listening');
  t.after(() => callback.close());
  daemon.settings.channels[0].bridge.callback = `http://127.0.0.1:${callback.address().port}/kefud`;
  daemon.write();
  assert.equal((await daemon.reload())[1], 'reloaded');
  const from = daemon.process.lines.length;
  await post([{ ...message('w2'), conversation: { id: 'another', kind: 'direct' } }]);
  await daemon.process.line(/reply_sent/, from);
  assert.deepEqual(calls.map((frame) => frame.conversation), ['another']);
  conforms(calls[0], 'kefud');
});
