// SPDX-License-Identifier: Apache-2.0
// Bridges over WebSocket: what they bring is stored before it is acknowledged, what they are given is typed once, whatever ends in between.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { Bridge, account, bridgeChannel, conversation, question, token } from './support/bridge.mjs';
import { Daemon, Loopback, pause } from './support/kefud.mjs';

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
const view = async (daemon, talk = conversation) => (await daemon.api('GET', `/conversation?id=${encodeURIComponent(`taobao/${account}/${talk}`)}`)).body;

test('a message is acknowledged, answered in its language and known as delivered', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url);
  const welcome = await bridge.connect();
  assert.equal(welcome.resumed, false);
  assert.deepEqual(welcome.accounts, [{ id: account, accepted: true }]);
  const seq = bridge.says(question, { id: 'm1' });
  await bridge.until(() => bridge.typed.length === 1, 'an answer');
  assert.match(bridge.texts().join(), /订单/);
  const [send] = bridge.typed;
  assert.equal(send.conversation, conversation);
  assert.equal(send.in_reply_to, 'm1');
  assert.equal(send.guard.last_message, 'm1');
  assert.ok(send.deadline > Date.now());
  await bridge.until(() => bridge.unacked.length === 0, 'acks of the message and the result');
  assert.ok(bridge.frames.some((frame) => frame.type === 'ack' && frame.seq >= seq));
  await daemon.process.line(/reply_sent/);
  const seen = await view(daemon);
  assert.deepEqual(seen.history.map((line) => line.state).filter(Boolean), ['delivered']);
});

test('the same message twice is answered once, also in another session', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url);
  await bridge.connect();
  for (let i = 0; i < 3; ++i) bridge.says(question, { id: 'same' });
  await bridge.until(() => bridge.typed.length > 0 && bridge.unacked.length === 0, 'an answer');
  bridge.close();
  const restarted = new Bridge(daemon.url);
  await restarted.connect();
  restarted.says(question, { id: 'same' });
  restarted.says(question, { id: 'other', talk: 'another' });
  await restarted.until(() => restarted.texts('another').length > 0, 'the answer to another customer');
  assert.equal(restarted.texts(conversation).length + bridge.typed.length, 1);
});

test('kill -9 of the daemon: the session is resumed, nothing is lost and nothing is typed twice', { timeout: 120_000 }, async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url, { capabilities: { send: ['text'], delivery: 'accepted', max_sends: 8 }, onSend: () => ({ status: 'accepted' }) });
  await bridge.connect();
  const talks = Array.from({ length: 60 }, (_, i) => `buyer-${i}`);
  const rounds = 6;
  for (let round = 0; round < rounds; ++round) {
    for (const talk of talks.slice(round * 10, round * 10 + 10)) bridge.says(question, { talk, id: `q-${talk}` });
    await pause(20 + Math.random() * 120);
    await daemon.kill();
    bridge.cut();
    daemon.settings.listen.port = 0;
    await daemon.launch();
    bridge.url = daemon.url.replace('http', 'ws') + '/bridge/v1/ws';
    const welcome = await bridge.connect();
    assert.ok(welcome.last_seq <= bridge.seq);
  }
  await bridge.until(() => talks.every((talk) => bridge.texts(talk).length > 0), 'an answer for everybody', 60_000);
  await bridge.until(() => bridge.unacked.length === 0, 'acks of everything');
  for (const talk of talks) assert.equal(bridge.typed.filter((send) => send.conversation === talk).length, 1, talk);
});

test('a send without a result is repeated under its id in the same session, and typed once', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url, { onSend: () => null });
  await bridge.connect();
  bridge.says(question);
  await bridge.until(() => bridge.typed.length === 1, 'a send');
  const [{ id }] = bridge.typed;
  bridge.cut();
  await daemon.kill();
  await daemon.launch();
  bridge.url = daemon.url.replace('http', 'ws') + '/bridge/v1/ws';
  bridge.done.set(id, { status: 'delivered', platform_message_id: 'p1' });
  const welcome = await bridge.connect();
  assert.equal(welcome.resumed, true);
  await bridge.until(() => bridge.frames.filter((frame) => frame.type === 'send' && frame.id === id).length === 2, 'the same send again');
  await daemon.process.line(/reply_sent/);
  assert.equal(bridge.typed.length, 1);
});

test('a send without a result stays unknown when the bridge restarted and does not remember; people are told', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url, { onSend: () => null });
  await bridge.connect();
  bridge.says(question);
  await bridge.until(() => bridge.typed.length === 1, 'a send');
  bridge.cut();
  const restarted = new Bridge(daemon.url);
  await restarted.connect();
  await daemon.process.line(/reply_outcome_unknown.*interrupted/);
  await platform.until((calls) => calls.some(({ call, body }) => call === 'notify' && /not known whether/.test(body.data.what)), 'a notice');
  assert.deepEqual(restarted.typed, []);
});

test('durable_sends: a restarted bridge is asked again', async (t) => {
  const daemon = await start(t);
  const capabilities = { send: ['text'], delivery: 'accepted', durable_sends: true };
  const bridge = new Bridge(daemon.url, { onSend: () => null, capabilities });
  await bridge.connect();
  bridge.says(question);
  await bridge.until(() => bridge.typed.length === 1, 'a send');
  bridge.cut();
  const restarted = new Bridge(daemon.url, { capabilities });
  await restarted.connect();
  await restarted.until(() => restarted.typed.length === 1, 'the send again');
  assert.equal(restarted.typed[0].id, bridge.typed[0].id);
  assert.equal(restarted.typed[0].attempt, 2);
});

test('who writes in the platform\'s own client takes over; our own echoes do not', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url);
  await bridge.connect();
  bridge.says(question);
  await bridge.until(() => bridge.typed.length === 1, 'an answer');
  const [send] = bridge.typed;
  bridge.says(send.parts[0].text, { role: 'bot', echo_of: send.id });
  bridge.says(` ${send.parts[0].text}😊 `, { role: 'agent' }); // not linked, and changed on its way
  bridge.says('提醒：请尽快回复买家', { role: 'system' });
  await bridge.until(() => bridge.unacked.length === 0, 'acks');
  assert.notEqual((await view(daemon)).owner, 'person');
  bridge.says('亲，我来为您处理', { role: 'agent' });
  await bridge.until(() => bridge.unacked.length === 0, 'acks');
  const seen = await view(daemon);
  assert.equal(seen.owner, 'person');
  assert.ok(seen.history.some((line) => line.who === 'agent' && line.text === '亲，我来为您处理'));
  const typed = bridge.typed.length;
  bridge.says('还在吗？我的包裹在哪里？');
  bridge.says(question, { talk: 'another' });
  await bridge.until(() => bridge.texts('another').length > 0, 'the answer to another customer');
  assert.equal(bridge.typed.length, typed + 1);
});

test('what is loaded from the past is kept for people and not answered', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url);
  await bridge.connect();
  bridge.says('昨天的问题：我的包裹在哪里？', { history: true, time: Date.now() - 86_400_000 });
  bridge.says('谁写的不知道：我的包裹在哪里？', { role: 'unknown' });
  bridge.says(question, { talk: 'another' });
  await bridge.until(() => bridge.texts('another').length > 0, 'the answer to another customer');
  assert.deepEqual(bridge.texts(conversation), []);
  assert.equal((await view(daemon)).history.length, 2);
});

test('results decide what happens: superseded is decided anew, a customer that cannot be reached is for people', async (t) => {
  const daemon = await start(t);
  let first = true;
  const bridge = new Bridge(daemon.url, {
    onSend: (send) => {
      if (send.conversation === 'gone') return { status: 'failed', code: 'blocked_by_customer', retryable: false, untyped: true };
      if (!first) return { status: 'accepted' };
      first = false;
      bridge.says('订单号是 88420001', { id: 'newer' });
      return { status: 'failed', code: 'superseded', untyped: true };
    },
  });
  await bridge.connect();
  bridge.says(question, { id: 'older' });
  await bridge.until(() => bridge.typed.length > 0, 'an answer to both');
  assert.equal(bridge.typed[0].in_reply_to, 'newer');
  bridge.says(question, { talk: 'gone' });
  await daemon.process.line(/reply_refused.*blocked_by_customer/);
  assert.equal((await view(daemon, 'gone')).reachable, false);
});

test('who may connect: tokens, accounts, protocol versions, web pages', async (t) => {
  const daemon = await start(t, { bridge: 'qn-pc-07', origins: ['https://chat.example.com'] });
  const wrong = 'kfb_ffffffffffffffffffffffffffffffffffffffff';
  assert.deepEqual(await new Bridge(daemon.url, { token: wrong }).connect(), { refused: 401 });
  assert.deepEqual(await new Bridge(daemon.url).connect({ headers: {}, hello: { token: wrong } }), { closed: 4001 });
  assert.deepEqual(await new Bridge(daemon.url, { id: 'another-program' }).connect(), { closed: 4001 });
  assert.deepEqual(await new Bridge(daemon.url).connect({ hello: { protocol: { min: 2, max: 3 } } }), { closed: 4002 });
  assert.deepEqual(await new Bridge(daemon.url).connect({ headers: { authorization: `Bearer ${token}`, origin: 'https://evil.example' } }), { closed: 4001 });
  const page = new Bridge(daemon.url);
  const welcome = await page.connect({ headers: { origin: 'https://chat.example.com' }, hello: { token, accounts: [{ id: account }, { id: 'another' }] } });
  assert.deepEqual(welcome.accounts, [{ id: account, accepted: true }, { id: 'another', accepted: false, code: 'unknown_account' }]);
  const plain = await new Promise((done) => {
    const ws = new WebSocket(page.url, { headers: { authorization: `Bearer ${token}` } });
    ws.on('error', () => {});
    ws.on('unexpected-response', (request, response) => (done(response.statusCode), ws.terminate()));
  });
  assert.equal(plain, 400);
});

test('one account is served by one connection: a newer one of the same bridge takes over, another bridge is refused', async (t) => {
  const daemon = await start(t);
  const old = new Bridge(daemon.url);
  await old.connect();
  assert.deepEqual(await new Bridge(daemon.url, { id: 'another-program' }).connect(), { closed: 4009 });
  const newer = new Bridge(daemon.url);
  await newer.connect();
  await old.until(() => old.closed, 'the end of the old connection');
  assert.equal(old.closed, 4003);
  assert.ok(old.frames.some((frame) => frame.type === 'error' && frame.code === 'replaced'));
  newer.says(question);
  await newer.until(() => newer.typed.length === 1, 'an answer');
});

test('a frame that cannot be taken is refused by its number, one that is no frame ends the connection', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url, { checks: false });
  await bridge.connect();
  const bad = bridge.reliable({ type: 'event', event: 'message', id: '', account });
  const foreign = bridge.says('hi', { account: 'another' });
  const later = bridge.reliable({ type: 'event', event: 'dance', id: 'd', account, time: 1 });
  const good = bridge.says(question);
  await bridge.until(() => bridge.frames.some((frame) => frame.type === 'ack' && frame.seq >= good), 'an ack beyond them');
  const refused = Object.fromEntries(bridge.frames.filter((frame) => frame.type === 'nack').map(({ seq, code }) => [seq, code]));
  assert.deepEqual(refused, { [bad]: 'bad_frame', [foreign]: 'unknown_account', [later]: 'unsupported_event' });
  bridge.ws.send(JSON.stringify({ type: 'ping', ts: 5 }));
  await bridge.until(() => bridge.frames.some((frame) => frame.type === 'pong' && frame.ts === 5), 'a pong');
  bridge.ws.send('[1,2,3]');
  await bridge.until(() => bridge.closed, 'the end');
  assert.equal(bridge.closed, 4006);
  const huge = new Bridge(daemon.url);
  await huge.connect();
  huge.ws.send('x'.repeat(262_145));
  await huge.until(() => huge.closed, 'the end');
  assert.equal(huge.closed, 1009);
  const flood = new Bridge(daemon.url);
  await flood.connect();
  for (let i = 0; i < 1500; ++i) flood.says('hi', { role: 'system', talk: `t${i}` });
  await flood.until(() => flood.closed, 'the end');
  assert.ok([4008, 4011].includes(flood.closed), String(flood.closed));
});

test('a reload keeps the connection; a changed token ends it; a stop says when to come back', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url);
  await bridge.connect();
  assert.equal((await daemon.reload())[1], 'reloaded');
  bridge.says(question);
  await bridge.until(() => bridge.typed.length === 1, 'an answer');
  const other = 'kfb_00000000000000000000000000000000000000ff';
  daemon.settings.channels[0].bridge.tokens = [other];
  daemon.write();
  await daemon.reload();
  await bridge.until(() => bridge.closed, 'the end');
  assert.equal(bridge.closed, 1012);
  assert.deepEqual(await bridge.connect(), { refused: 401 });
  bridge.token = other;
  assert.equal((await bridge.connect()).resumed, true);
  const stopped = daemon.process.stop();
  await bridge.until(() => bridge.closed === 1012 && bridge.frames.some((frame) => frame.type === 'bye' && frame.retry_after_ms > 0), 'a goodbye');
  assert.equal((await stopped).code, 0);
});

test('a file that the bridge uploaded is kept with the message that names it', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url);
  await bridge.connect();
  const upload = (bytes, bearer = token) => fetch(`${daemon.url}/bridge/v1/blobs`, { method: 'POST', body: bytes, headers: { authorization: `Bearer ${bearer}`, 'content-type': 'image/png' } });
  assert.equal((await upload('PNG', 'kfb_' + 'f'.repeat(40))).status, 401);
  assert.equal((await upload('')).status, 400);
  const answer = await (await upload('the bytes of a picture')).json();
  assert.match(answer.url, /^kefud-blob:[0-9a-f]{64}$/);
  assert.ok(answer.expires_at > Date.now());
  bridge.says('[图片]', { parts: [{ type: 'image', url: answer.url }] });
  let media = [];
  for (let tries = 0; media.length === 0 && tries < 400; ++tries) {
    await pause(25);
    media = ((await view(daemon)).history ?? []).flatMap((line) => line.media ?? []);
  }
  assert.equal(media.length, 1);
  assert.equal(readFileSync(join(daemon.state, 'media', media[0]), 'utf8'), 'the bytes of a picture');
  bridge.close();
});

test('a result that comes after kefud had given up settles what was unknown', async (t) => {
  const daemon = await start(t);
  const first = new Bridge(daemon.url, { onSend: () => null });
  await first.connect();
  first.says('你好');
  await first.until(() => first.frames.some(({ type }) => type === 'send'), 'a send');
  const send = first.frames.find(({ type }) => type === 'send');
  first.cut();
  const second = new Bridge(daemon.url); // it has forgotten what the first one did
  await second.connect();
  const states = async () => (await view(daemon)).history.map((line) => line.state);
  const until = async (state) => {
    for (let tries = 0; tries < 400; ++tries, await pause(25)) if ((await states()).includes(state)) return;
    assert.fail(`${state}: ${JSON.stringify(await states())}`);
  };
  await until('unknown');
  second.result(send.id, { status: 'delivered', message_id: 'late-1' });
  await until('delivered');
  second.close();
});

test('a claim at kefud calls back what is on its way, and typing goes both ways', async (t) => {
  const daemon = await start(t);
  const bridge = new Bridge(daemon.url, { capabilities: { send: ['text'], delivery: 'accepted', max_sends: 4, typing: true }, onSend: () => null });
  await bridge.connect();
  bridge.says('你好');
  await bridge.until(() => bridge.frames.some(({ type }) => type === 'send'), 'a send');
  const send = bridge.frames.find(({ type }) => type === 'send');
  bridge.raw({ type: 'typing', account, conversation, state: 'on', role: 'customer' });
  let typing = false;
  for (let tries = 0; !typing && tries < 100; ++tries, await pause(10)) typing = (await view(daemon)).typing;
  assert.equal(typing, true);
  const id = `taobao/${account}/${conversation}`;
  await daemon.api('POST', '/typing', { conversation: id });
  await bridge.until(() => bridge.frames.some(({ type, role }) => type === 'typing' && role === 'agent'), 'that a colleague writes');
  assert.equal((await daemon.api('POST', '/claim', { conversation: id })).status, 200);
  await bridge.until(() => bridge.frames.some((frame) => frame.type === 'cancel' && frame.id === send.id), 'a cancel');
  bridge.close();
});

test('the second channel of a path is served as the first is; a reload that takes it away ends its connection', async (t) => {
  const first = bridgeChannel({ accounts: ['tb-other'], tokens: ['kfb_00000000000000000000000000000000000000ff'] }, { id: 'tmall' });
  const daemon = await Daemon.start({ platform, settings: { channels: [first, bridgeChannel()] } });
  t.after(() => daemon.kill());
  const bridge = new Bridge(daemon.url, { capabilities: { send: ['text'], delivery: 'accepted', max_sends: 4, typing: true }, onSend: () => null });
  await bridge.connect();
  bridge.says('你好');
  await bridge.until(() => bridge.frames.some(({ type }) => type === 'send'), 'a send');
  const send = bridge.frames.find(({ type }) => type === 'send');
  const id = `taobao/${account}/${conversation}`;
  await daemon.api('POST', '/typing', { conversation: id });
  await bridge.until(() => bridge.frames.some(({ type, role }) => type === 'typing' && role === 'agent'), 'that a colleague writes');
  assert.equal((await daemon.api('POST', '/reply', { conversation: id, text: '我来处理' })).status, 200);
  await bridge.until(() => bridge.frames.some((frame) => frame.type === 'cancel' && frame.id === send.id), 'a cancel');
  daemon.settings.channels.pop();
  daemon.write();
  assert.equal((await daemon.reload())[1], 'reloaded');
  await bridge.until(() => bridge.closed, 'the end');
  assert.equal(bridge.closed, 1012);
  assert.deepEqual(await bridge.connect(), { refused: 401 });
});
