// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, agentToken, texts, ulid, userId } from './support/kefud.mjs';

let platform, daemon;
before(async () => {
  platform = await Loopback.start();
  daemon = await Daemon.start({ platform });
});
after(async () => {
  await daemon?.stop();
  await platform?.stop();
});

const conversationOf = (user) => `line-test/${user}`;
const sentTo = (calls, user, events) => calls.filter((call) => call.to === user || events.some((event) => call.replyToken === `reply-${event}`));

test('a threat is handed to people with the words that matched, and answered calmly', async () => {
  const user = userId();
  const event = ulid();
  await daemon.say('我要去消基會投訴你們', { user, event });
  const calls = await platform.until(
    (all) => all.some((call) => call.call === 'notify' && call.body.data.conversation === conversationOf(user)) && sentTo(all, user, [event]).length > 0, 'a notice and an answer');
  const notice = calls.find((call) => call.call === 'notify' && call.body.data.conversation === conversationOf(user)).body;
  assert.equal(notice.type, 'case.escalated');
  assert.equal(notice.data.escalation.reason, 'threat_agency');
  assert.equal(notice.data.escalation.tier, 'supervisor');
  assert.match(notice.data.evidence_words, /消基會/);
  assert.equal(notice.data.history.some((line) => line.text === '我要去消基會投訴你們'), true);
});

test('once a person has claimed the conversation the bot is silent, until it is handed back', async () => {
  const user = userId();
  const first = ulid();
  await daemon.say('我要找真人客服', { user, event: first });
  await platform.until((all) => sentTo(all, user, [first]).length > 0, 'the hand-over line');
  assert.equal((await daemon.api('POST', '/claim', { conversation: conversationOf(user) })).status, 200);
  const before_ = sentTo(await platform.sent(), user, [first]).length;
  const more = [ulid(), ulid()];
  for (const event of more) await daemon.say('我的包裹在哪裡', { user, event });
  assert.equal((await daemon.api('POST', '/claim', { conversation: conversationOf(user) }, agentToken + '-jan')).status, 409);

  const reply = await daemon.api('POST', '/reply', { conversation: conversationOf(user), text: '您好，我是小美，正在幫您查詢。' });
  assert.equal(reply.status, 200);
  let calls = await platform.until((all) => texts(sentTo(all, user, [first, ...more])).includes('您好，我是小美，正在幫您查詢。'), "the agent's words");
  assert.equal(sentTo(calls, user, [first, ...more]).length, before_ + 1);

  const promise = await daemon.api('POST', '/reply', { conversation: conversationOf(user), text: '我們今天一定會出貨' });
  assert.equal(promise.status, 409);
  assert.equal(promise.body.rule, 'dispatch_day');
  assert.ok(promise.body.why, 'in the words of guard.yaml');

  assert.equal((await daemon.api('POST', '/hand-back', { conversation: conversationOf(user) })).status, 200);
  const later = ulid();
  await daemon.say('請問發票怎麼開', { user, event: later });
  calls = await platform.until((all) => sentTo(all, 'nobody', [later]).length > 0, 'the bot again');
});

test("an agent's answer claims what the bot has, but not what a colleague has", async () => {
  const user = userId();
  await daemon.say('我的包裹在哪裡', { user, event: ulid() });
  const reply = await daemon.api('POST', '/reply', { conversation: conversationOf(user), text: '您好，我是小美。' });
  assert.deepEqual([reply.status, reply.body.owner, reply.body.agent], [200, 'person', 'mei']);
  const other = await daemon.api('POST', '/reply', { conversation: conversationOf(user), text: '我也來幫忙。' }, agentToken + '-jan');
  assert.equal(other.status, 409);
  assert.equal(other.body.detail, 'this conversation is with mei');
  await platform.until((all) => texts(all.filter((call) => call.to === user)).includes('您好，我是小美。'), "the agent's words");
});

test('the list shows who waits, angriest first, and needs a token', async () => {
  const user = userId();
  await daemon.say('你們這些騙子，垃圾店家，去死', { user, event: ulid() });
  await platform.until((all) => all.some((call) => call.call === 'notify' && call.body.data.conversation === conversationOf(user)), 'a notice');
  const list = await daemon.api('GET', '/conversations?owner=waiting');
  assert.equal(list.status, 200);
  const heats = list.body.conversations.map((conversation) => conversation.anger);
  assert.deepEqual(heats, [...heats].sort((a, b) => b - a));
  assert.equal((await daemon.api('GET', '/conversations', undefined, 'wrong')).status, 401);
  const shown = await daemon.api('GET', `/conversation?id=${encodeURIComponent(conversationOf(user))}`);
  assert.equal(shown.body.history[0].text, '你們這些騙子，垃圾店家，去死');
  assert.equal((await daemon.api('POST', '/claim', { conversation: conversationOf(user) })).status, 200);
  assert.equal((await daemon.api('POST', '/resolve', { conversation: conversationOf(user) })).status, 200);
  const resolved = await daemon.api('GET', `/conversation?id=${encodeURIComponent(conversationOf(user))}`);
  assert.equal(resolved.body.owner, 'closed');
});

test('pause stops every send at once, messages go on being journaled, resume sends what is fresh', async () => {
  const user = userId();
  const event = ulid();
  const paused = daemon.command('pause');
  assert.equal(paused.status, 0, paused.stderr);
  await daemon.say('我的包裹在哪裡', { user, event });
  assert.equal((await daemon.api('GET', '/status')).body.paused[0].channel, '*');
  const shown = await daemon.api('GET', `/conversation?id=${encodeURIComponent(conversationOf(user))}`);
  assert.equal(shown.body.history[0].text, '我的包裹在哪裡');
  assert.equal(sentTo(await platform.sent(), user, [event]).length, 0);
  assert.equal(daemon.command('resume').status, 0);
  await daemon.say('你好', { user: userId(), event: ulid() }); // wakes the dispatcher
  await platform.until((all) => sentTo(all, user, [event]).length === 1, 'the answer that waited');
});

test('pause and resume name the channels there are when they do not know the one that was given', async () => {
  for (const name of ['pause', 'resume']) {
    const { status, stderr } = daemon.command(name, 'line-tset');
    assert.equal(status, 2);
    assert.equal(stderr, "kefud: there is no channel 'line-tset'; there is: line-test, web-test\n");
  }
  assert.deepEqual((await daemon.api('GET', '/status')).body.paused, []);
});

test('the webhook channel answers where it was told to, signed, and knows repetitions', async () => {
  const conversation = `c-${ulid()}`;
  const id = `msg_${ulid()}`;
  const payload = { type: 'message.received', data: { conversation, id: 'm1', text: 'Where is my order?' } };
  for (let i = 0; i < 3; ++i) assert.equal((await daemon.postWebhook(payload, { id })).status, 200);
  const calls = await platform.until((all) => all.some((call) => call.call === 'webhook' && call.body.data.conversation === conversation), 'an answer');
  assert.equal(calls.filter((call) => call.call === 'webhook' && call.body.data.conversation === conversation).length, 1);
  assert.equal((await daemon.postWebhook(payload, { now: 1_000_000_000 })).status, 401);
  assert.equal((await daemon.postWebhook({ type: 'message.received', data: { id: 'm' } })).status, 400);
});
