// SPDX-License-Identifier: Apache-2.0
// The checker finds each kind of broken promise in a made-up trace, and nothing in one where all is well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, count } from './support/check.mjs';

const conversation = 'line/U1';
const message = (id, asked, acked) => ({ conversation, id, text: 'hello', asked, acked });
const stored = (number, id, why = 'rule Q2 invoice') => ({ number, conversation, kind: 1, state: 0, message: id, why, event: '{"type":"message_received"}' });
const send = (number, text, { state = 2, answers = '', by = 'bot', token = '' } = {}) => ({
  number, conversation, kind: 2, state, message: '', why: '',
  event: JSON.stringify({ type: 'send', id: `${conversation}#${number}`, messages: [{ text }], purpose: by === 'bot' ? 'answer' : 'agent', by, reply_handle: token, answers }),
});
const seen = (at, text, { token = null, key = null } = {}) => ({ conversation, at, kind: token ? 'reply' : 'push', token, key, texts: [text] });

/** Two messages, both answered, then a person who writes. */
const well = () => ({
  trace: {
    messages: [message('m1', 1, 2), message('m2', 4, 5), message('m3', 8, 10)],
    sends: [seen(3, 'one', { token: 't1' }), seen(6, 'two', { token: 't2' }), seen(11, 'AGENT 1', { key: 'k' })],
    claims: [{ conversation, agent: 'mei', from: 7, until: 12 }],
    replies: [{ conversation, text: 'AGENT 1', at: 9, ended: 200 }],
  },
  store: {
    journal: [
      stored(1, 'm1'), send(2, 'one', { answers: 'm1', token: 't1' }), stored(3, 'm2'), send(4, 'two', { answers: 'm2', token: 't2' }),
      stored(5, 'm3', 'a person has it: recorded only'), send(6, 'AGENT 1', { by: 'mei' }),
    ],
    conversations: [{ id: conversation, owner: 0, agent: '' }],
    outbox: [],
  },
});

/** What the checker says of it when that is changed. */
const rulesBroken = (change, settled = true) => {
  const { trace, store } = well();
  change(trace, store);
  const found = check(trace, store, { settled });
  return Object.entries(count(found)).filter(([, many]) => many > 0).map(([rule]) => rule);
};
const breaks = (name, expected, change) => test(name, () => assert.deepEqual(rulesBroken(change), expected));

test('nothing is wrong where all is well', () => {
  assert.deepEqual(rulesBroken(() => {}), []);
  assert.deepEqual(rulesBroken(() => {}, false), []);
});

breaks('a message that got 200 and is not in the journal is lost', ['lost'], (trace) => trace.messages.push(message('m4', 20, 21)));
breaks('one that got no 200 is the platform’s to repeat', [], (trace) => trace.messages.push(message('m4', 20, null)));
breaks('a message without answer, reason or person is lost', ['lost'], (_, store) => store.journal.push(stored(9, 'm4')) && _.messages.push(message('m4', 20, 21)));
breaks('a message that waits for a person is not', [], (trace, store) => {
  trace.messages.push(message('m4', 20, 21));
  store.journal.push(stored(9, 'm4'));
  store.conversations[0].owner = 1;
});
breaks('silence that was decided is not', [], (trace, store) => {
  trace.messages.push(message('m4', 20, 21));
  store.journal.push(stored(9, 'm4', 'rule A10 thanks\nno case and no anger: silence'));
});
breaks('an answer that the journal calls delivered and nobody saw is lost', ['lost'], (trace) => trace.sends.splice(1, 1));
breaks('an answer that never left the outbox is lost', ['lost'], (_, store) => store.outbox.push({ conversation, number: 4, kind: 0, state: 0 }));
breaks('a notice that nobody ever tried to give is lost', ['lost'], (_, store) => store.outbox.push({ conversation, number: 5, kind: 3, state: 0, attempts: 0 }));
breaks('a notice that waits for its next try is not', [], (_, store) => store.outbox.push({ conversation, number: 5, kind: 3, state: 0, attempts: 2 }));
test('before everything is out it may still leave', () => assert.deepEqual(rulesBroken((_, store) => store.outbox.push({ conversation, number: 4, kind: 0, state: 0 }), false), []));
breaks("an agent's words that got 200 and are not in the journal are lost", ['lost'], (trace, store) => {
  store.journal.pop();
  trace.sends.pop();
});
breaks('a send whose outcome is unknown may have arrived or not', [], (trace, store) => {
  store.journal[3].state = 4;
  trace.sends.splice(1, 1);
});
breaks('a message that is stored twice is doubled', ['doubled'], (_, store) => store.journal.push(stored(9, 'm1', 'said before: silence')));
breaks('an answer that came twice is doubled', ['doubled'], (trace) => trace.sends.push(seen(13, 'two', { key: 'another' })));
breaks('an unknown outcome does not excuse two copies', ['doubled'], (trace, store) => {
  store.journal[3].state = 4;
  trace.sends.push(seen(13, 'two', { key: 'another' }));
});
breaks('two answers to one message are doubled', ['doubled'], (trace, store) => {
  store.journal.push(send(7, 'two, again', { answers: 'm2' }));
  trace.sends.push(seen(13, 'two, again', { key: 'k7' }));
});
breaks('what was taken back and came all the same is doubled', ['doubled'], (_, store) => (store.journal[3].state = 5) && store.journal.push(send(8, 'later', { state: 4 })));
breaks("an agent's words that came twice are doubled", ['doubled'], (trace) => trace.sends.push(seen(11.5, 'AGENT 1', { key: 'k2' })));
breaks('messages that were sent one after the other stand in that order', ['order'], (_, store) => {
  store.journal[0].message = 'm2';
  store.journal[2].message = 'm1';
  for (const row of store.journal) row.event = row.event.replace(/"answers":"m[12]"/, '"answers":""');
});
breaks('messages under way at the same time have no order', [], (trace, store) => {
  trace.messages[1].asked = 1;
  store.journal[0].message = 'm2';
  store.journal[2].message = 'm1';
});
breaks('answers come in the order in which they were decided', ['order'], (trace) => {
  trace.sends[0].at = 6.5;
  trace.sends.sort((a, b) => a.at - b.at);
});
breaks('a bot that speaks after a claim', ['bot-after-claim'], (trace) => (trace.sends[1].at = 7.5));
breaks('a bot that speaks before the claim, or after the hand-back, may', [], (trace) => (trace.claims[0].from = 6.5));
