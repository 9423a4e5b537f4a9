// SPDX-License-Identifier: Apache-2.0
// OneBot 11 and 12 both ways, against a stand-in for the implementation that has the account.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, pause } from './support/kefud.mjs';
import { account, Implementation, oneBotChannel, secret, token } from './support/onebot.mjs';

const question = '我的包裹在哪裡';
const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
let pictures, loopback, daemon, forward, two, api11, api12, forward12, polled, refusing;

before(async () => {
  pictures = createServer((request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(pixel));
  await new Promise((done) => pictures.listen(0, '127.0.0.1', done));
  loopback = await Loopback.start();
  forward = new Implementation(11);
  two = new Implementation(11);
  refusing = new Implementation(11);
  api11 = new Implementation(11);
  api12 = new Implementation(12);
  forward12 = new Implementation(12);
  polled = new Implementation(12, { onAction: ({ action }) => (action === 'get_latest_events' ? [] : undefined) });
  const twoUrl = await two.listen();
  daemon = await Daemon.start({
    platform: loopback,
    settings: {
      channels: [
        oneBotChannel('q11', { answer: '1s' }),
        oneBotChannel('q11-pair'),
        oneBotChannel('q11-forward', { connect: await forward.listen() }),
        oneBotChannel('q11-two', { connect: twoUrl + '/api', connect_events: twoUrl + '/event' }),
        oneBotChannel('q11-refused', { connect: await refusing.listen({ refuse: true }) }),
        oneBotChannel('q11-http', { secrets: [secret], api: await api11.serve() }),
        oneBotChannel('q12', { version: 'v12', platform: 'qq' }),
        oneBotChannel('q12-forward', { version: 'v12', platform: 'qq', connect: await forward12.listen() }),
        oneBotChannel('q12-poll', { version: 'v12', platform: 'qq', api: await polled.serve() }),
        oneBotChannel('q12-http', { version: 'v12', platform: 'qq', api: await api12.serve() }),
      ],
    },
  });
});
after(async () => {
  await daemon?.stop();
  for (const one of [forward, two, refusing, api11, api12, forward12, polled]) await one?.stop();
  pictures?.close();
  await loopback?.stop();
});

const view = async (id) => (await daemon.api('GET', `/conversation?id=${encodeURIComponent(id)}`)).body;
const stateOf = async (id) => (await view(id)).history.find(({ who }) => who === 'bot').state;
/** The files of a conversation, as soon as there are some. */
const mediaOf = async (id) => {
  for (const end = Date.now() + 30_000; ; await pause(20)) {
    const files = ((await view(id)).history ?? []).flatMap((line) => line.media ?? []);
    if (files.length > 0) return files;
    assert.ok(Date.now() < end, 'no file was stored');
  }
};
const picture = () => `http://127.0.0.1:${pictures.address().port}/photo?key=1`;
const place = (channel) => `${daemon.url}/webhook/${channel}`;
const connected = async (channel, version = 11, options = {}) => {
  const implementation = new Implementation(version);
  assert.equal(await implementation.connect(place(channel), options), 'open');
  return implementation;
};
/** Another customer's answer shows that what came before has been dealt with. */
const settled = async (implementation) => {
  const { user_id: other } = implementation.emit(implementation.message(question));
  await implementation.until((it) => it.sent(other).length > 0, 'the answer to another customer');
};

// v11, reverse -------------------------------------------------------------------------------------------------------------------------

test('OneBot 11: a question over a reverse WebSocket is answered once, however often it comes', async () => {
  const napcat = await connected('q11');
  const event = napcat.emit(napcat.message(question));
  const [answer] = await napcat.until((it) => it.sent(event.user_id).length > 0 && it.sent(event.user_id), 'an answer');
  assert.equal(answer.action, 'send_private_msg');
  assert.ok(Array.isArray(answer.params.message));
  napcat.emit(event);
  await settled(napcat);
  const texts = napcat.texts(event.user_id);
  assert.equal(new Set(texts).size, texts.length);
  napcat.cut();
});

test('OneBot 11: without the token, or for another account, the upgrade is refused', async () => {
  const stranger = new Implementation(11);
  assert.equal(await stranger.connect(place('q11'), { token: null }), 401);
  assert.equal(await stranger.connect(place('q11'), { token: '' }), 401);
  assert.equal(await stranger.connect(place('q11'), { token: 'wrong' }), 403);
  const twelve = new Implementation(12);
  assert.equal(await twelve.connect(place('q11')), 400);
  for (const headers of [{ authorization: `Token ${token}` }, { authorization: `bearer ${token}` }]) {
    const other = new Implementation(11);
    assert.equal(await other.connect(place('q11'), { token: null, headers }), 'open');
    other.cut();
  }
  const query = new Implementation(11);
  assert.equal(await query.connect(`${place('q11')}?access_token=${token}`, { token: null }), 'open');
  query.cut();
});

test('OneBot 11: events and actions may have a connection each', async () => {
  const pair = await connected('q11-pair', 11, { role: 'Event' });
  assert.equal(await pair.connect(place('q11-pair'), { role: 'api' }), 'open');
  pair.sockets[1].role = 'API';
  const { user_id: user } = pair.emit(pair.message(question));
  await pair.until((it) => it.sent(user).length > 0, 'an answer over the other connection');
  pair.cut();
});

test('OneBot 11: CQ codes are understood, and never sent', async () => {
  const old = await connected('q11');
  const event = old.emit(old.message('', { message: `[CQ:reply,id=-5]${question}&#91;1&#93;[CQ:face,id=3]` }));
  await old.until((it) => it.sent(event.user_id).length > 0, 'an answer');
  const talk = await view(`q11/private:${event.user_id}`);
  assert.equal(talk.history[0].text, `${question}[1]`);
  old.cut();
});

test('OneBot 11: in a group only who calls the bot is answered, with a quotation', async () => {
  const napcat = await connected('q11');
  const group = 87654321;
  napcat.emit(napcat.message(question, { group }));
  napcat.emit(napcat.message(question, { group, message: [{ type: 'at', data: { qq: 'all' } }, { type: 'text', data: { text: question } }] }));
  await settled(napcat);
  assert.equal(napcat.sent(group).length, 0);
  const asked = napcat.emit(napcat.message(question, { group, id: -2087154320, message: [{ type: 'at', data: { qq: account } }, { type: 'text', data: { text: ' ' + question } }] }));
  const [answer] = await napcat.until((it) => it.sent(group).length > 0 && it.sent(group), 'an answer in the group');
  assert.equal(answer.action, 'send_group_msg');
  assert.deepEqual(answer.params.message[0], { type: 'reply', data: { id: String(asked.message_id) } });
  napcat.cut();
});

test('OneBot 11: when the answer to a send is lost, nobody knows, and it is not sent again', async () => {
  const napcat = await connected('q11');
  napcat.faults.push('silence');
  const { user_id: user } = napcat.emit(napcat.message(question));
  await napcat.until((it) => it.sent(user).length > 0, 'a send');
  await daemon.process.line(/reply_outcome_unknown/);
  await settled(napcat);
  assert.equal(napcat.sent(user).length, 1);
  assert.equal(await stateOf(`q11/private:${user}`), 'unknown');
  // Its words come back after all.
  const [text] = napcat.texts(user);
  napcat.emit(napcat.own(text, user));
  await settled(napcat);
  assert.equal(await stateOf(`q11/private:${user}`), 'delivered');
  napcat.cut();
});

test('OneBot 11: a connection that is cut in the middle of a send leaves its outcome unknown', async () => {
  const napcat = await connected('q11');
  const from = daemon.process.lines.length;
  napcat.onAction = ({ action }) => void (/^send_/.test(action) && napcat.cut());
  const { user_id: user } = napcat.emit(napcat.message(question));
  await daemon.process.line(/reply_outcome_unknown.*connection was lost/, from);
  const again = await connected('q11');
  await settled(again);
  assert.equal(again.sent(user).length, 0);
  again.cut();
});

test('OneBot 11: who writes on the phone takes over; our own words coming back do not', async () => {
  const napcat = await connected('q11');
  const { user_id: user } = napcat.emit(napcat.message(question));
  const [text] = await napcat.until((it) => it.texts(user).length > 0 && it.texts(user), 'an answer');
  napcat.emit(napcat.own(text, user));
  await settled(napcat);
  assert.notEqual((await view(`q11/private:${user}`)).owner, 'person');
  const before = napcat.sent(user).length;
  napcat.emit(napcat.own('我來處理，請稍等', user));
  napcat.emit(napcat.message('我要退款', { user }));
  await settled(napcat);
  assert.equal((await view(`q11/private:${user}`)).owner, 'person');
  assert.equal(napcat.sent(user).length, before);
  napcat.cut();
});

test('OneBot 11: what a customer takes back is redacted', async () => {
  const napcat = await connected('q11');
  const event = napcat.emit(napcat.message(question));
  await napcat.until((it) => it.sent(event.user_id).length > 0, 'an answer');
  napcat.emit({ time: napcat.now(), self_id: Number(account), post_type: 'notice', notice_type: 'friend_recall', user_id: event.user_id, message_id: event.message_id });
  await settled(napcat);
  const talk = await view(`q11/private:${event.user_id}`);
  assert.ok(talk.history.every((line) => line.text !== question));
  napcat.cut();
});

test('OneBot 11: a newer connection takes the place of the older one', async () => {
  const first = await connected('q11');
  const second = await connected('q11');
  await first.until((it) => it.closed !== undefined, 'the end of the older connection');
  assert.equal(first.closed, 1000);
  await settled(second);
  second.cut();
});

test('OneBot 11: what was missed is asked for after a gap, where there is a history', async () => {
  const napcat = await connected('q11');
  const { user_id: user } = napcat.emit(napcat.message(question));
  await napcat.until((it) => it.sent(user).length > 0, 'an answer');
  napcat.cut();
  const missed = napcat.message('我要退款，東西壞了', { user });
  const back = new Implementation(11);
  back.onAction = ({ action, params }) => (action === 'get_friend_msg_history' ? { messages: params.user_id === user ? [missed] : [] } : undefined);
  assert.equal(await back.connect(place('q11')), 'open');
  await back.until((it) => it.sent(user).length > 0, 'an answer to what was missed');
  back.cut();
});

test('OneBot 11: a heartbeat that says offline holds what would be sent', async () => {
  const napcat = await connected('q11');
  const heartbeat = (online) => (napcat.online = online, napcat.emit({ time: napcat.now(), self_id: Number(account), post_type: 'meta_event', meta_event_type: 'heartbeat', status: { online, good: online }, interval: 15000 }));
  const from = daemon.process.lines.length;
  heartbeat(false);
  const { user_id: user } = napcat.emit(napcat.message(question));
  await daemon.process.line(/channel_cannot_send.*logged out/, from);
  assert.equal(napcat.sent(user).length, 0);
  heartbeat(true);
  await napcat.until((it) => it.sent(user).length > 0, 'the answer once it is online');
  napcat.cut();
});

test('OneBot 11: frames that make no sense harm nobody', async () => {
  const napcat = await connected('q11');
  for (const text of ['', '{', '[]', 'null', '{"post_type":7}', '{"retcode":0}', '{"post_type":"message","message_type":"private"}', '{"a":'.repeat(200)]) napcat.raw(text);
  napcat.raw(JSON.stringify({ status: 'ok', retcode: 0, data: {}, echo: 'k1' }));
  await settled(napcat);
  napcat.raw('x'.repeat(17 << 20));
  await napcat.until((it) => it.closed !== undefined, 'the end of the connection');
  assert.equal(napcat.closed, 1009);
});

test('OneBot 11: pictures are fetched, by their address or from inside the message', async () => {
  const napcat = await connected('q11');
  const linked = napcat.emit(napcat.message('', { message: [{ type: 'image', data: { file: 'A1.image', url: picture() } }] }));
  const inside = napcat.emit(napcat.message('', { message: [{ type: 'image', data: { file: 'base64://' + pixel.toString('base64') } }] }));
  await mediaOf(`q11/private:${linked.user_id}`);
  await mediaOf(`q11/private:${inside.user_id}`);
  napcat.cut();
});

test('OneBot 11: answers may come in any order, and late ones belong to nobody', async () => {
  const napcat = await connected('q11');
  const held = [];
  const { answer } = napcat;
  napcat.answer = function (frame) {
    const reply = answer.call(this, frame);
    if (/^send_/.test(frame.action)) return held.push(reply), 'silence';
    return reply;
  };
  const users = [1, 2, 3].map(() => napcat.emit(napcat.message(question)).user_id);
  await napcat.until(() => held.length === 3, 'three sends');
  held.reverse().forEach((reply) => [reply, reply].forEach((one) => napcat.raw(JSON.stringify(one))));
  napcat.answer = answer;
  await napcat.until((it) => users.every((user) => it.sent(user).length > 1), 'the second part for each');
  for (const user of users) assert.notEqual(await stateOf(`q11/private:${user}`), 'unknown');
  napcat.cut();
});

// v11, forward -------------------------------------------------------------------------------------------------------------------------

test('OneBot 11: a frame that is cut in the middle, or is binary, ends its connection and nothing else', async () => {
  const cut = await connected('q11');
  const { ws } = cut.sockets[0];
  ws._socket.write(Buffer.from([0x81, 0xfe, 0x10, 0x00, 1, 2, 3, 4, 5]));
  ws._socket.destroy();
  const binary = await connected('q11');
  binary.sockets[0].ws.send(Buffer.from([1, 2, 3]));
  await binary.until((it) => it.closed !== undefined, 'the end of the connection');
  assert.equal(binary.closed, 1003);
  const napcat = await connected('q11');
  await settled(napcat);
  napcat.cut();
});

test('OneBot 11: kefud connects to the implementation, and again when the connection is lost', async () => {
  await forward.until((it) => it.sockets.length > 0, 'a connection');
  assert.equal(forward.dials[0].headers.authorization, `Bearer ${token}`);
  await settled(forward);
  forward.cut();
  await forward.until((it) => it.dials.length > 1 && it.sockets.length > 0, 'another connection');
  await settled(forward);
});

test('OneBot 11: forward with a connection for events and one for actions', async () => {
  await two.until((it) => it.sockets.length === 2, 'both connections');
  await settled(two);
});

test('OneBot 11: a token refused after the upgrade is not tried again at once', async () => {
  const [, at] = await daemon.process.line(/^(\S+).*onebot_token_refused.*q11-refused/);
  assert.ok(refusing.dials.length <= 1 + (Date.now() - Date.parse(at)) / 60_000);
});

// v11, HTTP ----------------------------------------------------------------------------------------------------------------------------

test('OneBot 11: events are posted with a signature, actions go over HTTP', async () => {
  const event = api11.message(question);
  assert.equal((await api11.post(place('q11-http'), event, { key: null })).status, 401);
  assert.equal((await api11.post(place('q11-http'), event, { key: 'wrong' })).status, 403);
  assert.equal((await api11.post(place('q11-http'), event)).status, 204);
  const [answer] = await api11.until((it) => it.sent(event.user_id).length > 0 && it.sent(event.user_id), 'an answer');
  assert.equal(answer.action, 'send_private_msg');
  assert.equal((await api11.post(place('q11-http'), event)).status, 204);
  assert.equal((await api11.post(place('q11-http'), { post_type: 'message', message_type: 'private' })).status, 400);
});

// v12 ----------------------------------------------------------------------------------------------------------------------------------

test('OneBot 12: a question over a reverse WebSocket is answered', async () => {
  const wechat = await connected('q12', 12);
  assert.equal(wechat.sockets[0].ws.protocol, '12.demo-impl');
  const event = wechat.emit(wechat.message(question));
  const [answer] = await wechat.until((it) => it.sent(event.user_id).length > 0 && it.sent(event.user_id), 'an answer');
  assert.deepEqual([answer.action, answer.params.detail_type, answer.self], ['send_message', 'private', { platform: 'qq', user_id: account }]);
  wechat.emit(event);
  const group = wechat.emit(wechat.message(question, { group: 77, message: [{ type: 'mention', data: { user_id: account } }, { type: 'text', data: { text: question } }] }));
  const [inGroup] = await wechat.until((it) => it.sent(77).length > 0 && it.sent(77), 'an answer in the group');
  assert.deepEqual(inGroup.params.message[0], { type: 'reply', data: { message_id: group.message_id } });
  wechat.cut();
});

test('OneBot 12: what it cannot show is sent as plain text, once', async () => {
  const wechat = await connected('q12', 12);
  wechat.faults.push({ status: 'failed', retcode: 10005 });
  wechat.emit(wechat.message(question, { group: 78, message: [{ type: 'mention', data: { user_id: account } }, { type: 'text', data: { text: question } }] }));
  const sends = await wechat.until((it) => it.sent(78).length > 1 && it.sent(78), 'the second try');
  assert.deepEqual(sends[1].params.message.map(({ type }) => type), ['text']);
  wechat.cut();
});

test('OneBot 12: pictures are asked for by their id', async () => {
  const wechat = await connected('q12', 12);
  wechat.onAction = ({ action, params }) => (action === 'get_file' && params.file_id === 'f-1' ? { name: 'photo.png', url: picture() } : undefined);
  const event = wechat.emit(wechat.message('', { message: [{ type: 'image', data: { file_id: 'f-1' } }] }));
  await mediaOf(`q12/qq/${account}/private:${event.user_id}`);
  wechat.cut();
});

test('OneBot 12: kefud connects to the implementation', async () => {
  await forward12.until((it) => it.sockets.length > 0, 'a connection');
  await settled(forward12);
});

test('OneBot 12: webhook and HTTP', async () => {
  const event = api12.message(question);
  assert.equal((await api12.post(place('q12-http'), event, { token: null })).status, 401);
  assert.equal((await api12.post(place('q12-http'), event, { token: 'wrong' })).status, 403);
  assert.equal((await api12.post(place('q12-http'), event)).status, 204);
  await api12.until((it) => it.sent(event.user_id).length > 0, 'an answer');
});

test('OneBot 12: events in a buffer are fetched', async () => {
  const event = polled.message(question);
  const waiting = [event];
  polled.onAction = ({ action }) => (action === 'get_latest_events' ? waiting.splice(0) : undefined);
  await polled.until((it) => it.sent(event.user_id).length > 0, 'an answer');
});

// The daemon ---------------------------------------------------------------------------------------------------------------------------

test('OneBot: connections outlive a reload, and the daemon stops with all of them open', async () => {
  const napcat = await connected('q11');
  await daemon.reload();
  await settled(napcat);
  await settled(forward);
  const { code } = await daemon.stop();
  assert.equal(code, 0);
  daemon = null;
});
