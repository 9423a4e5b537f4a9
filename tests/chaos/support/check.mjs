// SPDX-License-Identifier: Apache-2.0
// The independent checker: what the platform sent and saw against the store as SQL shows it. Pure, and nothing of kefud is asked.
//
// trace:  messages [{conversation, id, text, asked, acked}]   asked: first delivery; acked: the first 200, or null
//         sends    [{conversation, at, kind, token, key, texts}]  what customers saw, in order
//         claims   [{conversation, agent, from, until}]       from: the 200 for the claim; until: the hand-back was asked for, or null
//         replies  [{conversation, text, at, ended}]          an agent's own words; ended: 200, another status, or null when no answer came
// Moments (asked, acked, at, from, until) are numbers of one sequence: less is earlier.
// store:  journal  [{number, conversation, kind, state, message, why, event}], conversations [{id, owner, agent}], outbox [{conversation, number, kind, state, attempts}]

const notice = 3; // an outbox item's kind
const kinds = { other: 0, message: 1, send: 2 };
const states = { pending: 0, in_flight: 1, delivered: 2, refused: 3, unknown: 4, cancelled: 5, received: 7, read: 8 };
const owners = { waiting: 1, person: 2 };
const out = new Set([states.delivered, states.received, states.read]);
const deliberate = /silence|recorded only/; // the journal's `why` of a message that is not answered

const signature = (texts) => texts.join('\u0001');
const groupBy = (list, key) => list.reduce((groups, one) => groups.set(key(one), [...(groups.get(key(one)) ?? []), one]), new Map());

/** A notice that its receiver did not take waits for its next try as Standard Webhooks has it, up to a day. Nothing else may wait when all is well again. */
const isStuck = ({ kind, state, attempts }) => state === states.in_flight || (state === states.pending && !(kind === notice && attempts > 0));

/** What breaks a promise: [{rule: 'lost' | 'doubled' | 'order' | 'bot-after-claim', conversation, what}]. `settled`: nothing is on its way any more. */
export function check(trace, store, { settled }) {
  const wrong = [];
  const messages = groupBy(trace.messages, (one) => one.conversation);
  const sends = groupBy(trace.sends, (one) => one.conversation);
  const claims = groupBy(trace.claims, (one) => one.conversation);
  const replies = groupBy(trace.replies, (one) => one.conversation);
  const rows = groupBy(store.journal, (row) => row.conversation);
  const outbox = groupBy(store.outbox, (item) => item.conversation);
  const known = new Map(store.conversations.map((one) => [one.id, one]));
  for (const conversation of new Set([...messages.keys(), ...sends.keys()])) {
    const say = (rule, what) => wrong.push({ rule, conversation, what });
    const journal = (rows.get(conversation) ?? []).sort((a, b) => a.number - b.number);
    const said = messages.get(conversation) ?? [];
    const seen = sends.get(conversation) ?? [];
    const numbers = checkMessages(said, journal, settled, say);
    checkAnswered(said, numbers, journal, known.get(conversation), settled, say);
    checkSends(seen, journal, settled, say);
    checkAgents(replies.get(conversation) ?? [], seen, journal, settled, say);
    for (const { agent, from, until } of claims.get(conversation) ?? [])
      for (const send of seen.filter((one) => one.at > from && one.at < (until ?? Infinity)))
        if (!(replies.get(conversation) ?? []).some((reply) => send.texts.includes(reply.text)))
          say('bot-after-claim', `${agent} has it since ${from}, and at ${send.at} the customer got ${JSON.stringify(send.texts)}`);
    if (settled)
      for (const item of (outbox.get(conversation) ?? []).filter((one) => isStuck(one)))
        say('lost', `outbox item ${item.number} of kind ${item.kind} never left`);
  }
  return wrong;
}

/** What got a 200 is stored, once, and in the order of the 200s. Returns each message's row. */
function checkMessages(said, journal, settled, say) {
  const stored = groupBy(journal.filter(({ kind }) => kind === kinds.message), ({ message }) => message);
  for (const { id, acked } of said) {
    const copies = stored.get(id) ?? [];
    if (acked !== null && copies.length === 0) say('lost', `message ${id} got 200 and is not in the journal`);
    if (copies.length > 1) say('doubled', `message ${id} is in the journal ${copies.length} times`);
  }
  const numbers = new Map([...stored].map(([id, [row]]) => [id, row.number]));
  for (const a of said)
    for (const b of said)
      if (a.acked !== null && a.acked < b.asked && numbers.get(a.id) > numbers.get(b.id)) say('order', `message ${a.id} got 200 before ${b.id} was sent, and stands behind it`);
  return numbers;
}

/** Each message has a send after it, or a written reason for silence, or a person. */
function checkAnswered(said, numbers, journal, conversation, settled, say) {
  if (!settled) return;
  const waits = conversation && (conversation.owner === owners.waiting || conversation.owner === owners.person);
  for (const { id, acked } of said) {
    const number = numbers.get(id);
    if (acked === null || number === undefined || waits) continue;
    const row = journal.find((one) => one.number === number);
    const later = journal.filter((one) => one.number > number);
    const answered = later.some(({ kind, state }) => kind === kinds.send && (out.has(state) || state === states.unknown));
    const taken = later.some(({ event }) => event.includes('"agent_acted"'));
    // With an answer on its way, the decision waits for how that ends and stands there.
    const silent = deliberate.test(row.why) || later.some(({ kind, why }) => kind === kinds.other && deliberate.test(why));
    if (!answered && !taken && !silent) say('lost', `message ${id} is neither answered nor explained (${JSON.stringify(row.why)}), and nobody has it`);
  }
}

/** Each send the customer saw has a row of its own, in the same order; each row that says "delivered" was seen; no message has two answers. */
function checkSends(seen, journal, settled, say) {
  const written = journal
    .filter(({ kind }) => kind === kinds.send)
    .map((row) => ({ ...row, send: JSON.parse(row.event) }))
    .map((row) => ({ ...row, signature: signature(row.send.messages.map(({ text }) => text)), seen: null }));
  const mayBeOut = ({ state }) => out.has(state) || state === states.unknown || (!settled && (state === states.pending || state === states.in_flight));
  for (const one of seen) {
    const free = written.filter((row) => row.seen === null && mayBeOut(row) && row.signature === signature(one.texts));
    const row = free.find(({ send }) => one.token && send.reply_handle === one.token) ?? free.find(({ state }) => out.has(state)) ?? free[0];
    if (row) row.seen = one.at;
    else say('doubled', `at ${one.at} the customer got ${JSON.stringify(one.texts)} (${one.kind} ${one.token ?? one.key}), for which no send that may be out is left in the journal`);
  }
  for (const row of written) if (settled && out.has(row.state) && row.seen === null) say('lost', `send ${row.send.id} is "delivered" in the journal, and the customer never saw it`);
  let last = null;
  for (const row of written.filter((one) => one.seen !== null)) {
    if (last && row.seen < last.seen) say('order', `send ${row.send.id} came to the customer before ${last.send.id}`);
    last = row;
  }
  const answers = groupBy(written.filter((row) => row.seen !== null && row.send.answers && row.send.purpose !== 'agent'), ({ send }) => send.answers);
  for (const [message, all] of answers) if (all.length > 1) say('doubled', `message ${message} was answered by ${all.map(({ send }) => send.id).join(' and ')}`);
}

/** An agent's words that got 200 are in the journal; nobody reads them twice. */
function checkAgents(replies, seen, journal, settled, say) {
  for (const { text, ended } of replies) {
    const arrived = seen.filter(({ texts }) => texts.includes(text));
    const written = journal.filter(({ kind, event }) => kind === kinds.send && event.includes(JSON.stringify(text)));
    if (arrived.length > 1) say('doubled', `the agent's ${JSON.stringify(text)} came ${arrived.length} times`);
    if (ended === 200 && written.length === 0) say('lost', `the agent's ${JSON.stringify(text)} got 200 and is not in the journal`);
    if (settled && ended === 200 && written.length > 0 && arrived.length === 0 && written.every(({ state }) => state !== states.unknown && state !== states.refused))
      say('lost', `the agent's ${JSON.stringify(text)} was taken, and neither arrived nor is it shown as failed`);
  }
}

export const rules = ['lost', 'doubled', 'order', 'bot-after-claim'];
export const count = (wrong) => Object.fromEntries(rules.map((rule) => [rule, wrong.filter((one) => one.rule === rule).length]));
