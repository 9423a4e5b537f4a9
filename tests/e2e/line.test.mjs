// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { validateSignature } from '@line/bot-sdk';
import { Daemon, Loopback, destination, messageEvent, needsShared, secret, sharedLines, sign, texts, ulid, userId } from './support/kefud.mjs';

let platform, daemon;
before(async () => {
  platform = await Loopback.start();
  daemon = await Daemon.start({ platform });
});
after(async () => {
  await daemon?.stop();
  await platform?.stop();
});

const answersTo = (token) => (calls) => calls.filter((call) => call.replyToken === token);

test('our signatures are what the official SDK accepts', () => {
  const body = JSON.stringify({ destination, events: [] });
  assert.equal(validateSignature(body, secret, sign(body)), true);
});

for (const [language, text, expected] of [
  ['Traditional Chinese', '請問我的包裹現在到哪裡了？', /訂單/],
  ['Czech', 'Dobrý den, kde je moje objednávka?', /objedn/i],
  ['English', 'Hi, where is my order?', /order/i],
]) {
  test(`a message in ${language} is answered in its language, through the reply token`, async () => {
    const event = ulid();
    assert.equal((await daemon.say(text, { event })).status, 200);
    const calls = await platform.until((all) => answersTo(`reply-${event}`)(all).length > 0, 'an answer');
    assert.match(texts(answersTo(`reply-${event}`)(calls)).join('\n'), expected);
  });
}

test('all signed samples are taken with 200', needsShared, async () => {
  const samples = sharedLines('specs/line-webhook-samples.jsonl');
  for (const { name, body, signature, secret: sampleSecret } of samples) {
    assert.equal(validateSignature(body, sampleSecret, signature), true, name);
    assert.equal((await daemon.postLine(body, { signature })).status, 200, name);
  }
});

test('all forged samples are refused with 401 and nothing is stored', needsShared, async () => {
  const before_ = (await daemon.api('GET', '/status')).body.intake.events;
  for (const { name, body, signature } of sharedLines('specs/line-webhook-samples-negative.jsonl')) {
    const headers = signature === undefined || signature === null ? {} : { signature };
    assert.equal((await daemon.postLine(body, { signature: signature ?? '', ...headers })).status, 401, name);
  }
  assert.equal((await daemon.api('GET', '/status')).body.intake.events, before_);
});

test('the verify button (no events) gets 200, broken JSON with a right signature 400, another account 200', async () => {
  assert.equal((await daemon.postLine(JSON.stringify({ destination, events: [] }))).status, 200);
  assert.equal((await daemon.postLine('{"destination":')).status, 400);
  assert.equal((await daemon.postLine(JSON.stringify({ destination: 'U' + 'f'.repeat(32), events: [] }))).status, 200);
});

test('the same event twice, also as a redelivery, is answered once', async () => {
  const event = ulid();
  const user = userId();
  for (const redelivery of [false, false, true]) assert.equal((await daemon.say('我的包裹在哪裡', { event, user, redelivery })).status, 200);
  await platform.until((all) => answersTo(`reply-${event}`)(all).length > 0, 'an answer');
  // Another customer's answer comes after anything the repetitions could have caused.
  const later = ulid();
  await daemon.say('我的包裹在哪裡', { event: later });
  const calls = await platform.until((all) => answersTo(`reply-${later}`)(all).length > 0, 'an answer');
  assert.equal(calls.filter((call) => call.replyToken === `reply-${event}` || call.to === user).length, 1);
});

test('every kind of event is accepted; unknown ones are counted and left alone', async () => {
  const source = { type: 'user', userId: userId() };
  const kinds = [
    { type: 'unsend', unsend: { messageId: '1' } }, { type: 'follow', replyToken: 'f', follow: { isUnblocked: false } }, { type: 'unfollow' },
    { type: 'join', replyToken: 'j' }, { type: 'leave' }, { type: 'memberJoined', replyToken: 'm', joined: { members: [] } }, { type: 'memberLeft', left: { members: [] } },
    { type: 'postback', replyToken: 'p', postback: { data: 'a=b' } }, { type: 'videoPlayComplete', replyToken: 'v', videoPlayComplete: { trackingId: 't' } },
    { type: 'beacon', replyToken: 'b', beacon: { hwid: 'h', type: 'enter' } }, { type: 'accountLink', link: { result: 'failed', nonce: 'n' } },
    { type: 'membership', replyToken: 's', membership: { type: 'joined', membershipId: 1 } }, { type: 'module', module: { type: 'attached', botId: 'U', scopes: [] } },
    { type: 'activated', chatControl: { expireAt: 1 } }, { type: 'deactivated' }, { type: 'botSuspended' }, { type: 'botResumed' },
    { type: 'delivery', delivery: { data: 'd' } }, { type: 'somethingNew', somethingNew: {} },
  ];
  const events = kinds.map((kind) => ({ mode: 'active', timestamp: Date.now(), source, webhookEventId: ulid(), deliveryContext: { isRedelivery: false }, ...kind }));
  const ignored = (await daemon.api('GET', '/status')).body.intake.ignored;
  assert.equal((await daemon.postLine(JSON.stringify({ destination, events }))).status, 200);
  assert.equal((await daemon.api('GET', '/status')).body.intake.ignored, ignored + 1);
});

test('in standby nothing is sent', async () => {
  const event = ulid();
  const user = userId();
  const body = { ...messageEvent('我的包裹在哪裡', { user, event, token: 'x' }), mode: 'standby' };
  delete body.replyToken;
  assert.equal((await daemon.postLine(JSON.stringify({ destination, events: [body] }))).status, 200);
  const later = ulid();
  await daemon.say('我的包裹在哪裡', { event: later });
  const calls = await platform.until((all) => answersTo(`reply-${later}`)(all).length > 0, 'an answer');
  assert.equal(calls.some((call) => call.to === user), false);
});

test('in a group only a mention is answered', async () => {
  const group = { type: 'group', groupId: 'C' + userId().slice(1), userId: userId() };
  const quiet = ulid();
  const called = ulid();
  await daemon.say('我的包裹在哪裡', { event: quiet, source: group });
  const mention = { mentionees: [{ index: 0, length: 5, type: 'user', userId: destination, isSelf: true }] };
  await daemon.say('', { event: called, source: group, message: { id: '77', type: 'text', quoteToken: 'q', text: '@shop 我的包裹在哪裡', mention } });
  const calls = await platform.until((all) => answersTo(`reply-${called}`)(all).length > 0, 'an answer to the mention');
  assert.equal(answersTo(`reply-${quiet}`)(calls).length, 0);
});

test('a used reply token falls back to push with a retry key', async () => {
  const user = userId();
  const token = `reply-used-${ulid()}`;
  await daemon.say('我的包裹在哪裡', { user: userId(), token });
  await platform.until((all) => answersTo(token)(all).length === 1, 'the first answer');
  await daemon.say('我的包裹在哪裡', { user, token });
  const calls = await platform.until((all) => all.some((call) => call.to === user), 'a push');
  const push = calls.find((call) => call.to === user);
  assert.match(push.key, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
});

test('an answer that LINE took but did not confirm is not sent twice, and people are told', async () => {
  const event = ulid();
  const user = userId();
  await platform.fault({ kind: 'lose', times: 1 });
  await daemon.say('我的包裹在哪裡', { event, user });
  await daemon.process.line(/reply_outcome_unknown/);
  const calls = await platform.sent();
  assert.equal(calls.filter((call) => call.replyToken === `reply-${event}` || call.to === user).length, 1);
  await platform.until((all) => all.some(({ call, body }) => call === 'notify' && body.data.conversation === `line-test/${user}` && /not known whether/.test(body.data.what)), 'a notice');
});
