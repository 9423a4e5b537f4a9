// SPDX-License-Identifier: Apache-2.0
// People as a team: who is there, whose turn it is, giving a conversation on, what they may give, and answers that wait for their approval.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, agentToken, pause, root, texts, ulid } from './support/kefud.mjs';

const tokens = { mei: agentToken, jan: `${agentToken}-jan`, iva: `${agentToken}-iva`, boss: `${agentToken}-boss` };
let platform, daemon, catalog;

/** The shipped catalog with some lines of policy.yaml in other words. */
function changePolicy(...changes) {
  let policy = readFileSync(join(root, 'replies/policy.yaml'), 'utf8');
  for (const [from, to] of changes) {
    assert.match(policy, from);
    policy = policy.replace(from, to);
  }
  writeFileSync(join(catalog, 'policy.yaml'), policy);
}

before(async () => {
  platform = await Loopback.start();
  daemon = await Daemon.start({ platform });
  catalog = join(daemon.folder, 'catalog');
  mkdirSync(catalog);
  cpSync(join(root, 'intents/packs'), join(catalog, 'intents'), { recursive: true });
  cpSync(join(root, 'replies/packs'), join(catalog, 'replies'), { recursive: true });
  for (const folder of ['playbooks', 'calendars']) cpSync(join(root, 'replies', folder), join(catalog, folder), { recursive: true });
  cpSync(join(root, 'replies/guard.yaml'), join(catalog, 'guard.yaml'));
  changePolicy(
    [/\{name: aftersale, answer_within: 1h, /, '{name: aftersale, answer_within: 1h, acknowledge_within: 3s, '],
    [/\{topic: stock, /, '{topic: stock, mode: draft, '],
    [/\{topic: invoice, /, '{topic: invoice, mode: off, '],
  );
  daemon.settings.catalog = { path: catalog };
  daemon.settings.shop.locale = 'en';
  daemon.settings.channels[1].locale = 'en';
  daemon.settings.agents = [
    { name: 'mei', token: tokens.mei, tiers: ['aftersale'] },
    { name: 'jan', token: tokens.jan, tiers: ['aftersale', 'insale'] },
    { name: 'iva', token: tokens.iva, tiers: ['presale'] },
    { name: 'boss', token: tokens.boss, tiers: ['supervisor', 'review_desk'] },
  ];
  daemon.write();
  assert.match((await daemon.reload())[0], /reloaded/);
});
after(async () => {
  await daemon?.stop();
  await platform?.stop();
});

const writes = (conversation, text) => daemon.postWebhook({ type: 'message.received', data: { conversation, id: ulid(), text } });
const shown = async (conversation, who = 'mei') =>
  (await daemon.api('GET', `/conversation?id=${encodeURIComponent(`web-test/${conversation}`)}`, undefined, tokens[who])).body;
const acts = (who, path, conversation, more = {}) => daemon.api('POST', path, { conversation: `web-test/${conversation}`, ...more }, tokens[who]);
const presence = (who, state) => daemon.api('POST', '/presence', { state }, tokens[who]);
const sentTo = (calls, conversation) => calls.filter((call) => call.call === 'webhook' && call.body.data.conversation === conversation);
const noticesOf = (calls, conversation) => calls.filter((call) => call.call === 'notify' && call.body.data.conversation === `web-test/${conversation}`);
const told = (conversation, what) =>
  platform.until((all) => noticesOf(all, conversation).some((call) => call.body.data.what === what), `people are told: ${what}`);
async function becomes(conversation, wanted, what) {
  for (const end = Date.now() + 20_000; ; await pause(25)) {
    const state = await shown(conversation);
    if (wanted(state)) return state;
    if (Date.now() > end) throw new Error(`${what}: ${JSON.stringify(state)}`);
  }
}
const turnOf = (conversation, who) => becomes(conversation, ({ agent, owner }) => agent === who && owner === 'waiting', `the turn of ${who}`);

test('those who are online take turns, and are shown with what they have', async () => {
  for (const who of ['mei', 'jan', 'iva']) assert.equal((await presence(who, 'online')).status, 200);
  const first = {};
  for (const conversation of ['turn-1', 'turn-2']) {
    await writes(conversation, 'I want to talk to a human');
    const { agent } = await becomes(conversation, ({ agent }) => agent, 'somebody is named');
    first[agent] = conversation;
    await told(conversation, `it is the turn of ${agent}`);
  }
  assert.deepEqual(Object.keys(first).sort(), ['jan', 'mei'], 'not iva, who does not belong to that team');
  for (const [agent, conversation] of Object.entries(first)) assert.equal((await acts(agent, '/claim', conversation)).status, 200);
  const { agents } = (await daemon.api('GET', '/agents')).body;
  assert.deepEqual(agents.map(({ name, state, load, capacity }) => [name, state, load, capacity]), [
    ['mei', 'online', 1, 5], ['jan', 'online', 1, 5], ['iva', 'online', 0, 5], ['boss', 'away', 0, 5],
  ]);
  for (const [agent, conversation] of Object.entries(first)) assert.equal((await acts(agent, '/resolve', conversation)).status, 200);
});

test('who does not react is passed over, then the next tier is called, and the customer keeps the promised time', async () => {
  await writes('nobody', 'I want to talk to a human');
  const { agent, answer_by: promised, assignment } = await becomes('nobody', ({ agent }) => agent, 'somebody is named');
  assert.ok(assignment.until < promised);
  const other = agent === 'mei' ? 'jan' : 'mei';
  await told('nobody', `${agent} did not react; it is the turn of ${other}`);
  assert.equal((await presence('boss', 'online')).status, 200);
  const calls = await platform.until(
    (all) => noticesOf(all, 'nobody').some((call) => call.body.data.escalation?.tier === 'review_desk'), 'the next tier is called');
  const call = noticesOf(calls, 'nobody').find(({ body }) => body.data.escalation?.tier === 'review_desk').body;
  assert.match(call.data.escalation.summary, /^nobody of aftersale reacted/);
  assert.equal(call.data.escalation.answer_by, promised);
  const state = await turnOf('nobody', 'boss');
  assert.equal(state.answer_by, promised);
  assert.equal(sentTo(await platform.sent(), 'nobody').length, 1, 'the customer was told once, when a person was called');
  assert.equal((await acts('mei', '/claim', 'nobody')).status, 200, 'anybody may still take it');
  assert.equal((await acts('mei', '/resolve', 'nobody')).status, 200);
  await presence('boss', 'away');
});

test('who waited while nobody was there is given to the first who comes', async () => {
  for (const who of ['mei', 'jan', 'iva']) await presence(who, 'away');
  await writes('early', 'I want to talk to a human');
  await becomes('early', ({ owner }) => owner === 'waiting', 'a person is waited for');
  assert.equal((await shown('early')).agent, '');
  await presence('jan', 'online');
  await turnOf('early', 'jan');
  assert.equal((await acts('jan', '/resolve', 'early')).status, 200);
});

test('nobody knows after a restart who was there, and nothing is lost by it', async () => {
  await writes('restart', 'I want to talk to a human');
  await turnOf('restart', 'jan');
  await daemon.kill();
  await daemon.launch();
  assert.ok((await daemon.api('GET', '/agents')).body.agents.every(({ state }) => state === 'away'));
  await becomes('restart', ({ assignment, agent }) => agent === '' && assignment.tier === 'review_desk', 'jan is passed over and the next tier called');
  assert.equal((await shown('restart')).owner, 'waiting');
  assert.equal((await acts('jan', '/resolve', 'restart')).status, 200);
});

test('a conversation is given to a colleague, with the reason', async () => {
  await writes('given', 'Where is my parcel?');
  assert.equal((await acts('mei', '/assign', 'given', { to: 'jan' })).status, 409, 'the bot has it');
  assert.equal((await acts('mei', '/claim', 'given')).status, 200);
  const nobody = await acts('mei', '/assign', 'given', { to: 'jana' });
  assert.deepEqual([nobody.status, nobody.body.detail], [404, "There is no agent 'jana'; there is: mei, jan, iva, boss."]);
  assert.equal((await acts('mei', '/assign', 'given', { to: 'jan', why: 'speaks Czech' })).status, 409, 'jan is away');
  await presence('jan', 'online');
  const given = await acts('mei', '/assign', 'given', { to: 'jan', why: 'speaks Czech' });
  assert.deepEqual([given.status, given.body.owner, given.body.agent], [200, 'person', 'jan']);
  await told('given', 'mei gives this to jan: speaks Czech');
  assert.equal((await acts('mei', '/reply', 'given', { text: 'Hello.' })).status, 409);
  const before = sentTo(await platform.sent(), 'given').length;
  await writes('given', 'Where is my parcel?');
  assert.equal((await acts('jan', '/reply', 'given', { text: 'Good morning, Jan here.' })).status, 200);
  await platform.until((all) => texts(sentTo(all, 'given')).includes('Good morning, Jan here.'), "jan's words");
  assert.equal(sentTo(await platform.sent(), 'given').length, before + 1, 'the bot stays silent');
  assert.equal((await acts('jan', '/resolve', 'given')).status, 200);
});

test('people give what their tier may give, and are told who may give more', async () => {
  await writes('gift', 'My parcel came broken, order number 10023456');
  assert.equal((await acts('mei', '/claim', 'gift')).status, 200);
  const given = await acts('mei', '/concede', 'gift', { kind: 'coupon', amount: 200, currency: 'TWD', why: 'it was our fault' });
  assert.equal(given.status, 200);
  assert.deepEqual(given.body.concessions.map(({ kind, amount, currency, by }) => [kind, amount, currency, by]), [['coupon', 200, 'TWD', 'mei']]);
  assert.equal(given.body.authority.tier, 'aftersale');
  assert.equal(given.body.authority.left_for_order.TWD, 100);
  const more = await acts('mei', '/concede', 'gift', { kind: 'coupon', amount: 150, currency: 'TWD', why: 'still angry' });
  assert.deepEqual([more.status, more.body.detail], [409, 'aftersale may give 100 TWD more here; supervisor may decide about 150 TWD']);
  assert.equal((await acts('boss', '/concede', 'gift', { kind: 'coupon', amount: 150, currency: 'TWD', why: 'still angry' })).status, 200);
  const presale = await acts('iva', '/concede', 'gift', { kind: 'gift', why: 'kind' });
  assert.deepEqual([presale.status, presale.body.detail], [409, 'presale may not give anything; insale may decide about it']);
  assert.equal((await acts('mei', '/concede', 'gift', { kind: 'cupon', amount: 1, why: 'x' })).status, 400);
  assert.equal((await shown('gift')).concessions.length, 2);
});

test('a customer is tagged', async () => {
  const tagged = await acts('mei', '/tag', 'gift', { add: ['vip', 'loud'] });
  assert.deepEqual(tagged.body.tags, ['loud', 'vip']);
  assert.deepEqual((await acts('iva', '/tag', 'gift', { remove: ['loud'] })).body.tags, ['vip']);
  assert.equal((await acts('iva', '/tag', 'gift', { add: ['two words'] })).status, 400);
});

test('an answer about a topic in draft mode waits for approval, others go out, and one that is off is left to people', async () => {
  await writes('modes', 'Is the blue jacket in stock?');
  const { draft, owner_reason: reason } = await becomes('modes', (state) => state.draft, 'a draft');
  assert.equal(reason, 'draft');
  assert.ok(draft.templates.includes('stock'));
  assert.equal(sentTo(await platform.sent(), 'modes').length, 0);
  assert.equal((await acts('iva', '/draft/approve', 'modes', { draft: draft.id })).status, 200);
  await platform.until((all) => sentTo(all, 'modes').length === 1, 'the approved answer');
  await writes('modes', 'What is your return policy?');
  await platform.until((all) => sentTo(all, 'modes').length === 2, 'an answer that needs no approval');
  await writes('off', 'Can I get an invoice?');
  const state = await becomes('off', ({ owner }) => owner === 'waiting', 'left to people');
  assert.equal(state.escalations[0].topic, 'invoice');
  const calls = await platform.until((all) => sentTo(all, 'off').length === 1, 'the line that a person comes');
  assert.deepEqual(sentTo(calls, 'off')[0].body.data.messages.length > 0, true);
});

test('check names an agent whose team the policy does not have', () => {
  daemon.settings.agents[0].tiers = ['aftersales'];
  daemon.write();
  const { status, stderr } = daemon.command('check');
  daemon.settings.agents[0].tiers = ['aftersale'];
  daemon.write();
  assert.equal(status, 1);
  assert.match(stderr, /agent 'mei': policy\.yaml has no tier 'aftersales' \(did you mean 'aftersale'\?\)/);
});
