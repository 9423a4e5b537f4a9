// SPDX-License-Identifier: Apache-2.0
// The chat on the shop's pages, without a browser: what a visitor says arrives once and in order, whatever ends in between.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, pause } from './support/kefud.mjs';
import { Storage, Visitor, chatChannel, shop } from './support/web_chat.mjs';

const question = '我的包裹在哪里？';
let platform;
before(async () => {
  platform = await Loopback.start();
});
after(() => platform?.stop());

async function start(t, settings, more = {}) {
  const listen = { address: '127.0.0.1', port: 0, threads: 2 }; // pages arrive on both
  const daemon = await Daemon.start({ platform, settings: { listen, channels: [chatChannel(settings)], ...more } });
  t.after(() => daemon.kill());
  return daemon;
}
function visit(t, daemon, options) {
  const visitor = new Visitor(daemon.url, options);
  t.after(() => visitor.leave());
  return visitor;
}
const conversations = async (daemon) => (await daemon.api('GET', '/conversations')).body.conversations;
const view = async (daemon, id) => (await daemon.api('GET', `/conversation?id=${encodeURIComponent(id)}`)).body;

test('a visitor is answered in their language, and the shop sees what they read', { timeout: 60_000 }, async (t) => {
  const daemon = await start(t);
  const visitor = visit(t, daemon);
  visitor.say(question);
  await visitor.until(() => visitor.answers.length > 0, 'an answer');
  assert.match(visitor.answers[0].text, /订单/);
  assert.equal(visitor.answers[0].from, 'assistant');
  assert.equal(visitor.welcome.title, 'Test shop');
  visitor.session.read(visitor.session.last);
  const [{ conversation: id }] = await conversations(daemon);
  for (;;) {
    const { history } = await view(daemon, id);
    if (history.some((line) => line.state === 'read')) break;
    await pause(20);
  }
});

test('an agent claims, answers as a person, and the bot is silent', { timeout: 60_000 }, async (t) => {
  const daemon = await start(t);
  const visitor = visit(t, daemon);
  visitor.say('我要投诉你们，我要找真人！');
  await visitor.until(() => visitor.answers.length > 0, 'an answer');
  const [{ conversation: id }] = await conversations(daemon);
  assert.equal((await daemon.api('POST', '/claim', { conversation: id })).status, 200);
  assert.equal((await daemon.api('POST', '/reply', { conversation: id, text: '您好，我是小美，我来帮您。' })).status, 200);
  await visitor.until(() => visitor.answers.at(-1).from === 'person', 'a person');
  assert.equal(visitor.answers.at(-1).text, '您好，我是小美，我来帮您。');
  const before = visitor.lines.length;
  visitor.session.typing();
  while (!(await view(daemon, id)).typing) await pause(20);
  const typed = visitor.typed;
  assert.equal((await daemon.api('POST', '/typing', { conversation: id })).status, 200);
  await visitor.until(() => visitor.typed > typed, 'the agent writing');
  visitor.say(question);
  await visitor.until(() => visitor.stored.length === 2, 'the message is stored');
  await daemon.api('POST', '/reply', { conversation: id, text: '请稍等' });
  await visitor.until(() => visitor.lines.length > before, 'the next answer');
  assert.equal(visitor.lines.at(-1).text, '请稍等');
});

test('kill -9 of the daemon, again and again: nothing is lost, nothing comes twice, the order stays', { timeout: 120_000 }, async (t) => {
  const daemon = await start(t, { messages_per_minute_per_address: 60_000 });
  daemon.settings.listen.port = Number(new URL(daemon.url).port);
  daemon.write();
  const visitors = Array.from({ length: 12 }, () => visit(t, daemon));
  const said = visitors.map(() => []);
  for (let round = 0; round < 5; ++round) {
    visitors.forEach((visitor, i) => said[i].push(`${i}-${round}-a`, `${i}-${round}-b`));
    visitors.forEach((visitor, i) => said[i].slice(-2).forEach((text) => visitor.say(text)));
    await pause(20 + Math.random() * 150);
    await daemon.kill();
    await daemon.launch();
    visitors.forEach((visitor) => visitor.session.wake());
  }
  await Promise.all(visitors.map((visitor) => visitor.until(() => visitor.storage.queue.length === 0 && visitor.session.state === 'online', 'all stored', 60_000)));
  for (const [i, visitor] of visitors.entries()) {
    // What a page that is opened now shows is the whole truth.
    const reopened = visit(t, daemon, { storage: visitor.storage });
    await reopened.until(() => reopened.welcome, 'a welcome');
    assert.deepEqual(reopened.lines.filter((line) => line.from === 'customer').map((line) => line.text), said[i]);
    const numbers = visitor.answers.map((line) => line.number);
    assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
    await visitor.until(() => visitor.session.last === reopened.session.last, 'what the new page has');
    reopened.leave();
  }
});

test('what is written without a connection waits in the browser and is sent once, in order', async (t) => {
  const daemon = await start(t);
  const port = Number(new URL(daemon.url).port);
  const visitor = visit(t, daemon);
  await visitor.until(() => visitor.session.state === 'online', 'a connection');
  await daemon.kill();
  await visitor.until(() => visitor.session.state === 'offline', 'the loss of it');
  for (const text of ['1', '2', '3']) assert.ok(visitor.say(text));
  assert.equal(visitor.storage.queue.length, 3);
  visitor.leave(); // the page is closed, and opened later
  daemon.settings.listen.port = port;
  daemon.write();
  await daemon.launch();
  const later = visit(t, daemon, { storage: visitor.storage });
  await later.until(() => later.stored.length === 3, 'all stored');
  const reopened = visit(t, daemon, { storage: visitor.storage });
  await reopened.until(() => reopened.welcome, 'a welcome');
  assert.deepEqual(reopened.lines.filter((line) => line.from === 'customer').map((line) => line.text), ['1', '2', '3']);
});

test('the queue is bounded: the fifty-first message is refused at once', async (t) => {
  const visitor = visit(t, { url: 'http://127.0.0.1:9' });
  for (let i = 0; i < 50; ++i) assert.ok(visitor.say(`${i}`));
  assert.equal(visitor.say('one more'), '');
});

test('who writes too fast is slowed down and loses nothing', async (t) => {
  const daemon = await start(t, { messages_per_minute: 120 });
  const visitor = visit(t, daemon);
  for (let i = 0; i < 12; ++i) visitor.say(`${i}`);
  await visitor.until(() => visitor.stored.length === 12, 'all stored');
  assert.ok(visitor.waiting.length > 0);
  assert.deepEqual(visitor.failed, []);
});

test('a customer whom the shop knows has one conversation on all devices; a wrong signature has none', async (t) => {
  const daemon = await start(t, { identity_secrets: ['identity'] });
  const signature = createHmac('sha256', 'identity').update('4711').digest('hex');
  const laptop = visit(t, daemon, { identity: { user: '4711', signature } });
  laptop.say(question);
  await laptop.until(() => laptop.answers.length > 0, 'an answer');
  const phone = visit(t, daemon, { identity: { user: '4711', signature } });
  await phone.until(() => phone.lines.length === laptop.lines.length + 1, 'the same conversation'); // the laptop's own line is drawn by the page
  assert.equal((await conversations(daemon))[0].conversation, 'chat/user:4711');
  const thief = visit(t, daemon, { identity: { user: '4712', signature } });
  await thief.until(() => thief.states.includes('refused'), 'a refusal');
  assert.equal(thief.welcome, undefined);
});

test('a photo goes into the media folder, whatever its name says; anything else is refused', { timeout: 60_000 }, async (t) => {
  const daemon = await start(t);
  const visitor = visit(t, daemon);
  await visitor.until(() => visitor.welcome, 'a welcome');
  const send = (bytes) => fetch(`${daemon.url}/chat/files?channel=chat&ticket=${encodeURIComponent(visitor.welcome.ticket)}`, { method: 'POST', body: bytes, headers: { origin: shop } });
  assert.equal((await send('<script>alert(1)</script>')).status, 415);
  const photo = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(20_000, 7)]);
  const { id } = await (await send(photo)).json();
  visitor.say('这是坏的', [{ id, name: '../../evil.exe' }]);
  const [{ conversation: talk }] = await (async () => {
    await visitor.until(() => visitor.stored.length === 1, 'stored');
    return conversations(daemon);
  })();
  let line;
  while (!(line = (await view(daemon, talk)).history.find((one) => one.media?.length))) await pause(20);
  assert.match(line.media[0], /^[0-9a-f]{2}\/[0-9a-f]{32}\.png$/);
  assert.deepEqual(readFileSync(join(daemon.state, 'media', line.media[0])), photo);
  while (readdirSync(join(daemon.state, 'media', 'uploads')).length > 0) await pause(20); // what is kept waits no more
});

test('an idle chat is closed, and goes on when somebody is there again', async (t) => {
  const daemon = await start(t, { idle: '60s' });
  const visitor = visit(t, daemon);
  await visitor.until(() => visitor.session.state === 'online', 'a connection');
  visitor.session.bye = { code: 'idle' }; // what the daemon says before it closes
  visitor.session.socket.close();
  await visitor.until(() => visitor.session.state === 'asleep', 'sleep');
  visitor.say(question);
  await visitor.until(() => visitor.answers.length > 0, 'an answer');
});

test('a draft that is approved after a later line went out is shown, too, and the page goes on behind it', { timeout: 60_000 }, async (t) => {
  const daemon = await Daemon.start({ platform, settings: { channels: [chatChannel({}, { mode: 'draft' })] } });
  t.after(() => daemon.kill());
  const visitor = visit(t, daemon);
  visitor.say(question);
  let drafted;
  while (!(drafted = (await conversations(daemon))[0]?.draft)) await pause(20);
  const line = { type: 'line', from: 'assistant', number: 9, at: Date.now(), parts: [{ text: 'one moment' }] };
  visitor.session.take(line);
  visitor.session.take(line);
  const [{ conversation }] = await conversations(daemon);
  assert.equal((await daemon.api('POST', '/draft/approve', { conversation, draft: drafted.id })).status, 200);
  await visitor.until(() => visitor.answers.length === 2, 'the approved draft');
  assert.deepEqual(visitor.answers.map((one) => one.text).filter((text) => text === 'one moment'), ['one moment']);
  assert.ok(visitor.session.last < 9);
});

test('the storage of a browser that keeps nothing lasts as long as the page', () => {
  const broken = { getItem: () => { throw new Error('forbidden'); }, setItem: () => { throw new Error('forbidden'); } };
  const storage = new Storage('chat', broken);
  storage.enqueue({ id: 'a', text: 'kept' });
  storage.token = 't';
  assert.equal(storage.queue[0].text, 'kept');
  assert.equal(storage.token, 't');
  const damaged = new Storage('chat', { getItem: () => '{"no":"list"}', setItem() {} });
  assert.deepEqual(damaged.queue, []);
});
