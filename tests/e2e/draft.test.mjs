// SPDX-License-Identifier: Apache-2.0
// A channel in draft mode: the bot writes, a person approves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, agentToken, texts, ulid } from './support/kefud.mjs';

let platform, daemon;
before(async () => {
  platform = await Loopback.start();
  daemon = await Daemon.start({ platform });
  daemon.settings.channels[1].mode = 'draft';
  daemon.write();
  await daemon.reload();
});
after(async () => {
  await daemon?.stop();
  await platform?.stop();
});

const writes = (conversation, text) => daemon.postWebhook({ type: 'message.received', data: { conversation, id: ulid(), text } });
const shown = async (conversation) => (await daemon.api('GET', `/conversation?id=${encodeURIComponent(`web-test/${conversation}`)}`)).body;
const acts = (action, conversation, more = {}, token = agentToken) => daemon.api('POST', action, { conversation: `web-test/${conversation}`, ...more }, token);
const sentTo = (calls, conversation) => calls.filter((call) => call.call === 'webhook' && call.body.data.conversation === conversation);
const arrives = (conversation, count = 1) => platform.until((all) => sentTo(all, conversation).length === count, 'the approved words');

test('an answer waits as a draft, people are called, and it is sent when approved', async () => {
  await writes('approved', 'Can I get an invoice?');
  await platform.until((all) => all.some((call) => call.call === 'notify' && call.body.data.conversation === 'web-test/approved'), 'a notice');
  const { draft, owner, owner_reason: reason } = await shown('approved');
  assert.deepEqual([owner, reason], ['waiting', 'draft']);
  assert.ok(draft.templates.includes('invoice'));
  assert.equal(sentTo(await platform.sent(), 'approved').length, 0);
  const approved = await acts('/draft/approve', 'approved', { draft: draft.id });
  assert.equal(approved.status, 200);
  assert.equal(approved.body.owner, 'bot');
  assert.equal(approved.body.draft, undefined);
  assert.equal(texts(sentTo(await arrives('approved'), 'approved')).join('\n\n'), draft.text);
  assert.equal((await acts('/draft/approve', 'approved')).status, 409, 'there is nothing left to approve');
});

test('the words may be changed first, and pass the guard', async () => {
  await writes('changed', 'Can I get an invoice?');
  const promise = await acts('/draft/approve', 'changed', { text: '我們今天一定會出貨' });
  assert.equal(promise.status, 409);
  assert.equal(promise.body.rule, 'dispatch_day');
  assert.ok(promise.body.why);
  assert.equal((await acts('/draft/approve', 'changed', { text: 'It is in the parcel.' })).status, 200);
  assert.deepEqual(texts(sentTo(await arrives('changed'), 'changed')), ['It is in the parcel.']);
});

test('a newer message makes a new draft, and the older one cannot be approved any more', async () => {
  await writes('newer', 'Can I get an invoice?');
  const older = (await shown('newer')).draft;
  await writes('newer', 'And where is my parcel?');
  const newer = (await shown('newer')).draft;
  assert.notEqual(newer.id, older.id);
  assert.ok(newer.templates.includes('invoice') && newer.templates.includes('ask_order'), 'it answers both messages');
  assert.equal((await acts('/draft/approve', 'newer', { draft: older.id })).status, 409);
  assert.equal((await acts('/draft/approve', 'newer', { draft: newer.id })).status, 200);
  await arrives('newer');
});

test('a discarded draft is never sent', async () => {
  await writes('discarded', 'Can I get an invoice?');
  assert.equal((await acts('/draft/discard', 'discarded')).status, 200);
  const { draft, owner, escalations } = await shown('discarded');
  assert.deepEqual([draft, owner], [undefined, 'bot']);
  assert.ok(escalations.every((one) => one.closed_at));
  assert.equal(sentTo(await platform.sent(), 'discarded').length, 0);
});

test('only the person who claimed it may approve, and a pause holds the approved words back', async () => {
  await writes('claimed', 'Can I get an invoice?');
  assert.equal((await acts('/claim', 'claimed')).status, 200);
  assert.equal((await acts('/draft/approve', 'claimed', {}, agentToken + '-jan')).status, 409);
  assert.equal((await daemon.api('POST', '/pause', { channel: 'web-test' })).status, 200);
  assert.equal((await acts('/draft/approve', 'claimed')).status, 200);
  assert.equal((await shown('claimed')).history.at(-1).state, 'pending');
  assert.equal(sentTo(await platform.sent(), 'claimed').length, 0);
  assert.equal((await daemon.api('POST', '/resume', { channel: 'web-test' })).status, 200);
  await arrives('claimed');
  assert.equal((await shown('claimed')).owner, 'person');
});
