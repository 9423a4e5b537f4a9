// SPDX-License-Identifier: Apache-2.0
// A bridge that does what a test tells it, and checks every frame of both sides against the protocol's schema.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import WebSocket from 'ws';
import { sharedFolder } from './kefud.mjs';

export const token = 'kfb_0f3b6c1e9d2a4875b1c6e0d9f8a7b6c5d4e3f2a1';
export const account = 'tb-flagship';
export const conversation = '2200000000001.1-700000001.1#11001@cntaobao';
export const question = '我的包裹在哪里？';

/** A channel of type bridge for a daemon's settings. */
export const bridgeChannel = (settings = {}, channel = {}) => ({
  id: 'taobao', type: 'bridge', quiet_window: 0, stale_after: '3650d', locale: 'zh-Hans', ...channel,
  bridge: { accounts: [account], tokens: [token], allow_private_addresses: true, ...settings },
});

const validate = sharedFolder && new Ajv({ strict: false }).compile(JSON.parse(readFileSync(join(sharedFolder, 'specs/kefud-bridge-v1.schema.json'), 'utf8')));
export function conforms(frame, who) {
  if (validate && !validate(frame)) throw new Error(`${who} sent what the schema refuses: ${JSON.stringify(frame)}: ${JSON.stringify(validate.errors)}`);
}

/** Keeps what it has to send until it is acknowledged, as a bridge should; answers sends as `onSend` says. */
export class Bridge {
  constructor(url, options = {}) {
    Object.assign(this, { url: url.replace('http', 'ws') + '/bridge/v1/ws', id: 'qn-pc-07', session: randomUUID(), capabilities: { send: ['text'], delivery: 'accepted', max_sends: 4 }, ...options });
    this.seq = 0;
    this.unacked = [];
    this.frames = [];
    this.typed = []; // what a customer would have seen
    this.done = new Map();
    this.waiting = [];
    this.onSend ??= () => ({ status: 'accepted' });
  }
  /** Resolves with the welcome, or with { closed: code } or { refused: status }. */
  connect({ headers = { authorization: `Bearer ${this.token ?? token}` }, hello = {} } = {}) {
    return new Promise((done) => {
      const ws = (this.ws = new WebSocket(this.url, ['kefud.bridge.v1'], { headers }));
      ws.on('unexpected-response', (request, response) => (done({ refused: response.statusCode }), ws.terminate()));
      ws.on('error', () => {});
      ws.on('open', () => this.raw({ type: 'hello', protocol: { min: 1, max: 1 }, session: this.session, last_seq: this.seq, bridge: { id: this.id },
        accounts: [{ id: account, platform: 'taobao', online: true }], capabilities: this.capabilities, ...hello }));
      ws.on('message', (data) => {
        const frame = JSON.parse(data);
        conforms(frame, 'kefud');
        this.frames.push(frame);
        if (frame.type === 'welcome') {
          this.open = true;
          this.unacked = this.unacked.filter((one) => one.seq > frame.last_seq);
          this.unacked.forEach((one) => this.raw(one));
          done(frame);
        } else if (frame.type === 'ack') this.unacked = this.unacked.filter((one) => one.seq > frame.seq);
        else if (frame.type === 'nack') this.unacked = this.unacked.filter((one) => one.seq !== frame.seq);
        else if (frame.type === 'send') this.answer(frame);
        this.waiting.splice(0).forEach((look) => look());
      });
      ws.on('close', (code) => {
        this.open = false;
        this.closed = code;
        done({ closed: code });
        this.waiting.splice(0).forEach((look) => look());
      });
    });
  }
  raw(frame) {
    if (this.checks !== false) conforms(frame, 'the bridge');
    this.ws.send(JSON.stringify(frame));
  }
  reliable(frame) {
    const numbered = { ...frame, seq: ++this.seq };
    this.unacked.push(numbered);
    if (this.open) this.raw(numbered);
    return numbered.seq;
  }
  /** A message of a customer; `more` replaces members of the event. */
  says(text, { id = randomUUID(), talk = conversation, role = 'customer', ...more } = {}) {
    return this.reliable({ type: 'event', event: 'message', id, account, conversation: { id: talk, kind: 'direct' }, sender: { id: role === 'customer' ? 'buyer' : 'seat', role, name: 't**4' },
      time: Date.now(), text, ...more });
  }
  answer(send) {
    if (this.done.has(send.id)) return void (this.done.get(send.id) && this.result(send.id, { ...this.done.get(send.id), duplicate: true }));
    const result = this.onSend(send);
    if (!result?.untyped) this.typed.push(send);
    const { untyped, ...told } = result ?? {};
    this.done.set(send.id, result && told);
    if (result) this.result(send.id, told);
  }
  result(id, result) {
    return this.reliable({ type: 'result', id, ...result });
  }
  texts(talk) {
    return this.typed.filter((send) => !talk || send.conversation === talk).flatMap((send) => send.parts.map((part) => part.text));
  }
  async until(wanted, what, milliseconds = 20_000) {
    const end = Date.now() + milliseconds;
    while (!wanted(this)) {
      if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms; frames: ${JSON.stringify(this.frames).slice(0, 3000)}`);
      await new Promise((done) => {
        const timer = setTimeout(done, 50);
        this.waiting.push(() => (clearTimeout(timer), done()));
      });
    }
  }
  cut() {
    this.open = false;
    this.ws.terminate();
  }
  close() {
    this.ws.close();
  }
}
