// SPDX-License-Identifier: Apache-2.0
// A bridge in 50 lines: npm install ws; KEFUD_TOKEN=kfb_... node example-bridge.mjs. It takes the place of a chat client that speaks JSON lines: a customer's
// message on standard input {"id","conversation","from","text","time"?,"fromSeller"?,"history"?}, what is to be typed on standard output.
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const url = process.env.KEFUD_URL ?? 'ws://127.0.0.1:8080/bridge/v1/ws', account = process.env.KEFUD_ACCOUNT ?? 'tb-flagship';
const session = randomUUID(); // new for each start of the program, kept over reconnects
let seq = 0, unacked = [], ws, open = false, paused = false, inflight = 64, delay = 1000;
const done = new Map(); // send id -> its result: what was typed once is never typed again

const platform = { // your own glue to the chat client
  sendText: async (conversation, text) => console.log(JSON.stringify({ conversation, text })),
  onMessage: (take) => createInterface({ input: process.stdin }).on('line', (line) => take(JSON.parse(line))),
};
function reliable(frame) { unacked.push({ frame: { ...frame, seq: ++seq }, sent: false }); pump(); }
function pump() {
  if (!open || paused) return;
  for (const one of unacked.slice(0, inflight)) if (!one.sent) { one.sent = true; ws.send(JSON.stringify(one.frame)); }
}
async function type(send) {
  const content = JSON.stringify(send.parts), before = done.get(send.id), result = (status, code) => ({ type: 'result', id: send.id, status, code });
  if (before) return reliable(before.content === content ? { ...before.result, duplicate: true } : result('failed', 'id_conflict'));
  const settle = (outcome) => { done.set(send.id, { content, result: outcome }); return outcome; };
  if (Date.now() > send.deadline) return reliable(settle(result('failed', 'deadline_passed')));
  if (send.parts.some((part) => part.type !== 'text')) return reliable(settle(result('failed', 'unsupported_part')));
  settle(result('unknown', 'in_progress'));
  try { for (const part of send.parts) await platform.sendText(send.conversation, part.text); reliable(settle(result('accepted'))); }
  catch { reliable(settle(result('unknown', 'interrupted'))); } // perhaps it is out: never say `failed` then
}
function connect() {
  ws = new WebSocket(url, ['kefud.bridge.v1'], { headers: { authorization: `Bearer ${process.env.KEFUD_TOKEN}` } });
  ws.on('open', () => ws.send(JSON.stringify({ type: 'hello', protocol: { min: 1, max: 1 }, session, last_seq: seq, bridge: { id: 'example', version: '1' },
    accounts: [{ id: account, online: true }], capabilities: { send: ['text'], delivery: 'accepted', max_sends: 1 } })));
  ws.on('message', (data) => {
    const m = JSON.parse(data);
    if (m.type === 'welcome') { open = true; paused = false; delay = 1000; inflight = m.max_inflight;
      unacked = unacked.filter((one) => one.frame.seq > m.last_seq); unacked.forEach((one) => { one.sent = false; }); }
    else if (m.type === 'ack') unacked = unacked.filter((one) => one.frame.seq > m.seq);
    else if (m.type === 'nack') { console.error('refused', m); unacked = unacked.filter((one) => one.frame.seq !== m.seq); }
    else if (m.type === 'flow') { paused = m.state === 'pause'; inflight = m.max_inflight ?? inflight; }
    else if (m.type === 'ping') ws.send(JSON.stringify({ type: 'pong', ts: m.ts }));
    else if (m.type === 'send') return void type(m);
    pump();
  });
  ws.on('close', (code) => { open = false; if ([4001, 4002, 4003, 4009].includes(code)) { console.error('refused', code); process.exit(3); }
    setTimeout(connect, delay * (0.5 + Math.random())); delay = Math.min(delay * 2, 60000); });
  ws.on('error', () => {}); // 'close' follows
}
platform.onMessage((m) => reliable({ type: 'event', event: 'message', id: String(m.id), account, conversation: { id: m.conversation, kind: 'direct' },
  sender: { id: String(m.from), role: m.fromSeller ? 'agent' : 'customer' }, time: m.time ?? Date.now(), text: m.text, history: m.history === true }));
connect();
