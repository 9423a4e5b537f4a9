// SPDX-License-Identifier: Apache-2.0
// A OneBot implementation: it has the chat account, and does what a test tells it. Every frame of both sides is checked against the schemas.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import Ajv from 'ajv';
import WebSocket, { WebSocketServer } from 'ws';
import { pause, sharedFolder } from './kefud.mjs';

export const token = 'onebot-token-0123456789';
export const secret = 'onebot-secret';
export const account = '10001000';

export const oneBotChannel = (id, settings = {}, channel = {}) => ({
  id, type: 'onebot', quiet_window: 0, locale: 'zh-Hant', ...channel,
  onebot: { account, tokens: [token], pause: 0, rate: 1000, allow_private_addresses: true, ...settings },
});

const schema = (name) => sharedFolder && new Ajv({ strict: false }).compile(JSON.parse(readFileSync(join(sharedFolder, 'specs', name), 'utf8')));
const validators = { 11: schema('onebot11.schema.json'), 12: schema('onebot12.schema.json') };
const definitions = sharedFolder && { 11: 'onebot11.schema.json', 12: 'onebot12.schema.json' };
const requests = definitions && Object.fromEntries(Object.entries(definitions).map(([version, name]) => {
  const whole = JSON.parse(readFileSync(join(sharedFolder, 'specs', name), 'utf8'));
  return [version, new Ajv({ strict: false }).compile({ $ref: '#/definitions/actionRequest', definitions: whole.definitions })];
}));

let numbers = Math.floor(Math.random() * 1_000_000);
const next = () => ++numbers;

export class Implementation {
  constructor(version, options = {}) {
    Object.assign(this, { version, token, online: true, sockets: [], actions: [], faults: [], onAction: () => undefined, ...options });
  }

  // Connecting ---------------------------------------------------------------------------------------------------------------------------

  /** Reverse: resolves with 'open', or the status of the refusal. */
  connect(url, { role = 'Universal', headers = {}, token = this.token, hello = true } = {}) {
    const fields = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers };
    if (this.version === 11) Object.assign(fields, { 'x-self-id': account, 'x-client-role': role, 'user-agent': 'OneBot/11' });
    return new Promise((done) => {
      const ws = new WebSocket(url.replace('http', 'ws'), this.version === 12 ? ['12.demo-impl'] : [], { headers: fields });
      ws.on('unexpected-response', (request, response) => (done(response.statusCode), ws.terminate()));
      ws.on('error', () => {});
      ws.on('open', () => {
        this.take(ws, role);
        if (hello && role !== 'API') this.hello(ws);
        done('open');
      });
    });
  }
  /** Forward: listens, and resolves with the URL. `refuse`: says 1403 after it has opened the connection, as NapCat does. */
  async listen({ refuse = false, port = 0 } = {}) {
    this.dials = [];
    this.server = new WebSocketServer({ host: '127.0.0.1', port });
    this.server.on('connection', (ws, request) => {
      this.dials.push({ path: request.url, headers: request.headers });
      if (refuse) return ws.send(JSON.stringify({ status: 'failed', retcode: 1403, data: null, message: 'token验证失败', wording: 'token验证失败', echo: null })), ws.close();
      this.take(ws, request.url.includes('api') ? 'API' : request.url.includes('event') ? 'Event' : 'Universal');
      if (!request.url.includes('api')) this.hello(ws);
    });
    await new Promise((done) => this.server.on('listening', done));
    return `ws://127.0.0.1:${this.server.address().port}`;
  }
  /** HTTP: takes actions, and resolves with the URL. */
  async serve() {
    this.http = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(request.headers.authorization ? 403 : 401).end();
      const answer = this.answer(this.version === 11 ? { action: request.url.slice(1), params: body, echo: 'http' } : { echo: '', ...body });
      if (answer === 'silence') return;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    await new Promise((done) => this.http.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.http.address().port}`;
  }
  /** One event over HTTP. */
  post(url, event, { key = secret, token = this.token } = {}) {
    const body = JSON.stringify(event);
    const headers = this.version === 11
      ? { 'x-self-id': account, ...(key === null ? {} : { 'x-signature': 'sha1=' + createHmac('sha1', key).update(body).digest('hex') }) }
      : { 'x-onebot-version': '12', 'x-impl': 'demo-impl', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  }

  take(ws, role) {
    const socket = { ws, role };
    this.sockets.push(socket);
    ws.on('error', () => {});
    ws.on('close', (code) => {
      this.closed = code;
      this.sockets = this.sockets.filter((one) => one !== socket);
    });
    ws.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.echo === undefined || frame.echo === '') throw new Error('an action without echo: ' + data);
      const answer = this.answer(frame);
      if (answer !== 'silence') ws.send(JSON.stringify(answer));
    });
  }
  hello(ws) {
    ws.send(JSON.stringify(this.version === 11
      ? { time: this.now(), self_id: Number(account), post_type: 'meta_event', meta_event_type: 'lifecycle', sub_type: 'connect' }
      : { id: randomUUID(), time: Date.now() / 1000, type: 'meta', detail_type: 'connect', sub_type: '', version: { impl: 'demo-impl', version: '1', onebot_version: '12' } }));
  }

  // Actions ------------------------------------------------------------------------------------------------------------------------------

  answer(frame) {
    if (requests && !requests[this.version](frame)) throw new Error(`kefud sent what the schema refuses: ${JSON.stringify(frame)}: ${JSON.stringify(requests[this.version].errors)}`);
    this.actions.push(frame);
    const sends = /^send_/.test(frame.action);
    const fault = sends ? this.faults.shift() : null;
    if (fault) return fault === 'silence' ? fault : { data: null, message: '', echo: frame.echo, ...fault };
    const data = this.onAction(frame) ?? this.usual(frame);
    return { status: data ? 'ok' : 'failed', retcode: data ? 0 : this.version === 11 ? 1404 : 10002, data, message: '', echo: frame.echo };
  }
  usual({ action }) {
    if (action === 'get_login_info' || action === 'get_self_info') return { user_id: this.version === 11 ? Number(account) : account, nickname: '客服', user_name: '客服', user_displayname: '' };
    if (action === 'get_status') return this.version === 11 ? { online: this.online, good: this.online } : { good: true, bots: [] };
    if (action === 'upload_file') return { file_id: 'file-1' };
    return /^send_/.test(action) ? { message_id: this.version === 11 ? -next() : String(next()), time: Date.now() / 1000 } : null;
  }
  /** What a customer or group was sent. */
  sent(peer) {
    return this.actions.filter(({ action, params }) => /^send_/.test(action) && [params.group_id, params.user_id, params.channel_id].some((id) => String(id) === String(peer)));
  }
  texts(peer) {
    return this.sent(peer).map(({ params }) => params.message.filter(({ type }) => type === 'text').map(({ data }) => data.text).join(''));
  }
  async until(wanted, what, milliseconds = 30_000) {
    for (const end = Date.now() + milliseconds; ; await pause(20)) {
      const found = wanted(this);
      if (found) return found;
      if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms; actions: ${JSON.stringify(this.actions).slice(0, 4000)}`);
    }
  }

  // Events -------------------------------------------------------------------------------------------------------------------------------

  now() {
    return Math.floor(Date.now() / 1000);
  }
  message(text, { user = next() + 1e9, group, message, id, ...more } = {}) {
    if (this.version === 12)
      return {
        id: randomUUID(), self: { platform: 'qq', user_id: account }, time: Date.now() / 1000, type: 'message', detail_type: group ? 'group' : 'private', sub_type: '',
        message_id: id ?? String(next()), message: message ?? [{ type: 'text', data: { text } }], alt_message: text, user_id: String(user), ...(group ? { group_id: String(group) } : {}), ...more,
      };
    return {
      time: this.now(), self_id: Number(account), post_type: 'message', message_type: group ? 'group' : 'private', sub_type: group ? 'normal' : 'friend', message_id: id ?? next(),
      user_id: user, ...(group ? { group_id: group, anonymous: null } : {}), message: message ?? [{ type: 'text', data: { text } }], raw_message: text, font: 14,
      sender: { user_id: user, nickname: '小不点' }, ...more,
    };
  }
  /** The same account, at the phone or come back. */
  own(text, to, { id = next() } = {}) {
    return { ...this.message(text, { user: Number(account), id }), post_type: 'message_sent', target_id: to };
  }
  emit(event) {
    if (validators[this.version] && !validators[this.version](event)) throw new Error('not a valid event: ' + JSON.stringify(event));
    this.raw(JSON.stringify(event));
    return event;
  }
  raw(text) {
    this.sockets.find(({ role }) => role !== 'API').ws.send(text);
  }
  cut() {
    this.sockets.forEach(({ ws }) => ws.terminate());
  }
  async stop() {
    this.cut();
    this.server?.close();
    this.http?.closeAllConnections();
    this.http?.close();
  }
}
