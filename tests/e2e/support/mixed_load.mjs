// SPDX-License-Identifier: Apache-2.0
// One daemon with an account of every kind, customers on all of them at once, and what each platform saw.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request as httpRequest } from 'node:http';
import WebSocket from 'ws';
import { Bridge, account as bridgeAccount, bridgeChannel } from './bridge.mjs';
import { Daemon, destination, messageEvent, pause, secret, ulid, webhookSecret } from './kefud.mjs';
import { account as oneBotAccount, oneBotChannel, token as oneBotToken } from './onebot.mjs';
import { Storage, Visitor, chatChannel } from './web_chat.mjs';

const appSecret = 'load-app-secret';
const chatwootSecret = 'load-chatwoot-secret';
const messagesEach = 6; // of one customer, in order
const hmac = (key, text) => createHmac('sha256', key).update(text).digest('hex');
const flat = (text) => text.replace(/\s+/g, '');

/** How much of the load each platform gets: a bridge may send 200 frames a second, a visitor is a connection. */
const shares = { line: 27, web: 20, tg: 15, fb: 10, wa: 10, cw: 6, qq: 5, taobao: 4, chat: 3 };

/** Every platform's API on one port; `said` is what each customer was told, in order, by conversation id. */
class Platforms {
  said = new Map();
  tokens = new Map(); // LINE's reply tokens
  sends = 0;
  told(conversation, text) {
    ++this.sends;
    if (!this.said.has(conversation)) this.said.set(conversation, []);
    this.said.get(conversation).push(text ?? '');
  }
  async start() {
    this.server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => {
        const answer = this.answer(request.url, text ? JSON.parse(text) : {});
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    }).listen(0, '127.0.0.1');
    this.server.keepAliveTimeout = 60_000;
    await new Promise((done) => this.server.once('listening', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }
  answer(path, body) {
    const texts = (messages) => messages.map((one) => one.text ?? one.altText ?? '').join('\n');
    if (path === '/v2/bot/message/reply') return this.told(`line/${this.tokens.get(body.replyToken)}`, texts(body.messages)), { sentMessages: [] };
    if (path === '/v2/bot/message/push') return this.told(`line/${body.to}`, texts(body.messages)), { sentMessages: [] };
    if (path === '/web') return this.told(`web/${body.data.conversation}`, texts(body.data.messages)), {};
    if (path.endsWith('/getMe')) return { ok: true, result: { id: 777, is_bot: true, username: 'shop_bot' } };
    if (path.endsWith('/sendMessage')) return this.told(`tg/${body.chat_id}`, body.text), { ok: true, result: { message_id: this.sends } };
    if (path === '/graph/11/messages') return this.told(`fb/${body.recipient.id}`, body.message.text ?? ''), { recipient_id: '1', message_id: `m_${this.sends}` };
    if (path === '/graph/1065/messages') return this.told(`wa/${body.to}`, body.text?.body ?? body.interactive?.body?.text), { messages: [{ id: `wamid.${this.sends}` }] };
    const chatwoot = path.match(/\/conversations\/(\d+)\/messages$/);
    if (chatwoot && !body.private) return this.told(`cw/1/${chatwoot[1]}`, body.content), { id: this.sends };
    return { id: 1 };
  }
  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

class Load {
  constructor(daemon, platforms) {
    Object.assign(this, { daemon, platforms, agent: new Agent({ keepAlive: true, maxSockets: 64 }), counter: 0, redelivered: 0, failures: [] });
  }
  post(path, body, headers) {
    return new Promise((done, fail) => {
      const request = httpRequest(this.daemon.url + path, { method: 'POST', agent: this.agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers } }, (response) => {
        response.resume().on('end', () => (response.statusCode < 300 ? done() : fail(new Error(`${path}: ${response.statusCode}`))));
      });
      request.on('error', fail).end(body);
    });
  }
  /** A delivery that the platform did not see arrive comes again, as it was. */
  async twice(path, body, headers, count) {
    await this.post(path, body, headers);
    if (count % 20 === 0) ++this.redelivered, await this.post(path, body, headers);
  }
  async open() {
    const url = this.daemon.url.replace('http', 'ws');
    this.oneBot = new WebSocket(`${url}/webhook/qq`, { headers: { authorization: `Bearer ${oneBotToken}`, 'x-self-id': oneBotAccount, 'x-client-role': 'Universal' } });
    this.oneBot.on('message', (data) => {
      const { action, params, echo } = JSON.parse(data);
      const sends = /^send_/.test(action);
      if (sends) this.platforms.told(`qq/private:${params.user_id}`, params.message.filter(({ type }) => type === 'text').map((one) => one.data.text).join(''));
      const answers = { get_login_info: { user_id: Number(oneBotAccount), nickname: 'x' }, get_status: { online: true, good: true } };
      const known = answers[action] ?? (sends ? { message_id: -++this.counter } : null);
      this.oneBot.send(JSON.stringify({ status: known ? 'ok' : 'failed', retcode: known ? 0 : 1404, data: known, message: '', echo }));
    });
    await new Promise((done, fail) => this.oneBot.once('open', done).once('error', fail));
    this.oneBot.send(JSON.stringify({ time: Math.floor(Date.now() / 1000), self_id: Number(oneBotAccount), post_type: 'meta_event', meta_event_type: 'lifecycle', sub_type: 'connect' }));
    const told = (talk, text) => this.platforms.told(`taobao/${bridgeAccount}/${talk}`, text);
    this.bridge = new Bridge(this.daemon.url, { checks: false, capabilities: { send: ['text'], delivery: 'accepted', max_sends: 64 }, onSend: (send) => {
      told(send.conversation, send.parts.map((part) => part.text).join('\n'));
      return { status: 'delivered' };
    } });
    await this.bridge.connect();
    this.visitors = [];
  }
  /** A customer of a platform: their conversation's id, and how one message of theirs gets to kefud; resolves when kefud has it. */
  async customer(kind, number) {
    const platform = this.platforms;
    const id = 1_000_000 + number;
    const seconds = () => Math.floor(Date.now() / 1000);
    const meta = (body) => {
      const text = JSON.stringify(body);
      return this.twice('/hooks/meta', text, { 'x-hub-signature-256': `sha256=${hmac(appSecret, text)}` }, this.counter);
    };
    switch (kind) {
      case 'line': {
        const user = 'U' + String(id).padStart(32, '0');
        return { conversation: `line/${user}`, say: (text) => {
          const event = ulid();
          const token = `token-${++this.counter}`;
          platform.tokens.set(token, user);
          const body = JSON.stringify({ destination, events: [messageEvent(text, { user, event, token })] });
          return this.twice('/webhook/line', body, { 'x-line-signature': createHmac('sha256', secret).update(body).digest('base64') }, this.counter);
        } };
      }
      case 'web':
        return { conversation: `web/c${id}`, say: (text) => {
          const message = `msg_${++this.counter}`;
          const now = seconds();
          const body = JSON.stringify({ type: 'message.received', timestamp: new Date().toISOString(), data: { conversation: `c${id}`, sender: `c${id}`, id: message, text } });
          const key = Buffer.from(webhookSecret.slice('whsec_'.length), 'base64');
          const signature = createHmac('sha256', key).update(`${message}.${now}.${body}`).digest('base64');
          return this.twice('/webhook/web', body, { 'webhook-id': message, 'webhook-timestamp': String(now), 'webhook-signature': `v1,${signature}` }, this.counter);
        } };
      case 'tg':
        return { conversation: `tg/${id}`, say: (text) => this.twice('/hooks/telegram', JSON.stringify({ update_id: ++this.counter, message: { message_id: this.counter, date: seconds(), from: { id, is_bot: false, first_name: 'A' }, chat: { id, type: 'private' }, text } }), { 'x-telegram-bot-api-secret-token': 'load-secret' }, this.counter) };
      case 'fb':
        return { conversation: `fb/${id}`, say: (text) => meta({ object: 'page', entry: [{ id: '11', time: Date.now(), messaging: [{ timestamp: Date.now(), sender: { id: String(id) }, recipient: { id: '11' }, message: { mid: `mid.${++this.counter}`, text } }] }] }) };
      case 'wa':
        return { conversation: `wa/${id}`, say: (text) => meta({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value: { messaging_product: 'whatsapp', metadata: { phone_number_id: '1065' }, contacts: [{ wa_id: String(id), profile: { name: 'A' } }], messages: [{ from: String(id), id: `wamid.in${++this.counter}`, timestamp: String(seconds()), type: 'text', text: { body: text } }] } }] }] }) };
      case 'cw':
        return { conversation: `cw/1/${id}`, say: (text) => {
          const body = JSON.stringify({ event: 'message_created', account: { id: 1 }, id: ++this.counter, content: text, message_type: 'incoming', private: false, created_at: new Date().toISOString(), sender: { id: 9, name: 'Ming', type: 'contact' }, conversation: { id, status: 'pending' } });
          const now = seconds();
          return this.twice('/hooks/chatwoot', body, { 'x-chatwoot-timestamp': String(now), 'x-chatwoot-delivery': ulid(), 'x-chatwoot-signature': `sha256=${hmac(chatwootSecret, `${now}.${body}`)}` }, this.counter);
        } };
      case 'qq':
        return { conversation: `qq/private:${id}`, say: async (text) => {
          this.oneBot.send(JSON.stringify({ time: seconds(), self_id: Number(oneBotAccount), post_type: 'message', message_type: 'private', sub_type: 'friend', message_id: ++this.counter, user_id: id, message: [{ type: 'text', data: { text } }], raw_message: text, font: 14, sender: { user_id: id, nickname: 'A' } }));
        } };
      case 'taobao':
        return { conversation: `taobao/${bridgeAccount}/${id}`, say: async (text) => void this.bridge.says(text, { talk: String(id) }) };
      default: {
        const visitor = new Visitor(this.daemon.url, { storage: new Storage('chat', null), language: 'zh-Hant' });
        this.visitors.push(visitor);
        await visitor.until((page) => page.welcome, 'a welcome');
        return { visitor, say: async (text) => void visitor.say(text) };
      }
    }
  }
  close() {
    this.oneBot.close();
    this.bridge.close();
    this.visitors.forEach((visitor) => visitor.leave());
    this.agent.destroy();
  }
}

const settings = (platforms) => {
  const common = { quiet_window: 0, locale: 'zh-Hant' };
  const meta = { app_secrets: [appSecret], verify_token: 'verify', access_token: 'graph-token', api_base: `${platforms.url}/graph` };
  return {
    channels: [
      { id: 'line', type: 'line', path: '/webhook/line', ...common, line: { destination, channel_secrets: [secret], access_token: 'token', api_base: platforms.url, data_base: platforms.url, profiles: false } },
      { id: 'web', type: 'webhooks', path: '/webhook/web', ...common, webhooks: { secrets: [webhookSecret], send_to: `${platforms.url}/web`, allow_private_addresses: true } },
      { id: 'tg', type: 'telegram', path: '/hooks/telegram', ...common, telegram: { token: '777:load', webhook_secret: 'load-secret', api_base: platforms.url } },
      { id: 'fb', type: 'messenger', path: '/hooks/meta', ...common, messenger: { page_id: '11', app_id: '200300', profiles: false, ...meta } },
      { id: 'wa', type: 'whatsapp', path: '/hooks/meta', ...common, whatsapp: { phone_number_id: '1065', ...meta } },
      { id: 'cw', type: 'chatwoot', path: '/hooks/chatwoot', ...common, chatwoot: { url: platforms.url, account: '1', access_token: 'chatwoot-token', secrets: [chatwootSecret] } },
      oneBotChannel('qq'), bridgeChannel(), chatChannel({ messages_per_minute_per_address: 60_000, connections_per_address: 10_000, connections: 10_000 }),
    ],
    notifiers: [],
    log: { level: 'error', format: 'text' },
  };
};

const resident = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;
/** A word that no pattern knows, another one for every number. */
const word = (number) => [...String(number)].map((digit) => 'bdfgjklmpq'[digit]).join('');

/** Runs the load; what came of it, and what is wrong with it. */
export async function mixedLoad({ rate, seconds }) {
  const platforms = new Platforms();
  await platforms.start();
  const daemon = await class extends Daemon {
    async launch() { // the log is too quiet to name the port
      const log = this.settings.log;
      this.settings.log = { level: 'info', format: 'text' };
      this.write();
      await super.launch();
      this.settings.log = log;
      this.write();
      this.process.child.kill('SIGHUP');
    }
  }.start({ platform: platforms, settings: settings(platforms) });
  const load = new Load(daemon, platforms);
  const wrong = [];
  try {
    await load.open();
    const total = Math.round(rate * seconds);
    const customers = [];
    for (const [kind, share] of Object.entries(shares)) {
      const many = Math.max(1, Math.round((total * share) / 100 / messagesEach));
      for (let i = 0; i < many; ++i) customers.push({ kind, said: [], turn: Promise.resolve(), ...(await load.customer(kind, customers.length)) });
    }
    // Everybody says their first sentence, then everybody the second: neighbours in time are strangers.
    const began = Date.now();
    const memory = [];
    let sent = 0;
    const all = customers.length * messagesEach;
    while (sent < all) {
      const due = Math.min(all, Math.ceil(((Date.now() - began) / 1000) * rate));
      for (; sent < due; ++sent) {
        const who = customers[sent % customers.length];
        const text = `請問 ${word(sent + 100000)}`;
        who.said.push(text);
        who.turn = who.turn.then(() => who.say(text)).catch((error) => void wrong.push(String(error)));
      }
      if (memory.length <= (Date.now() - began) / 1000) memory.push(resident(daemon.process.child.pid));
      await pause(5);
    }
    await Promise.all(customers.map((who) => who.turn));
    const posted = (Date.now() - began) / 1000;
    const status = async () => (await daemon.api('GET', '/status')).body;
    let now = await status();
    for (const end = Date.now() + 180_000; Date.now() < end; await pause(200)) {
      now = await status();
      if (now.store.outbox_pending + now.store.outbox_in_flight === 0 && now.intake.events - now.intake.duplicates >= all) break;
    }
    const drained = (Date.now() - began) / 1000;
    memory.push(resident(daemon.process.child.pid));
    for (const visitor of load.visitors) await visitor.until((page) => page.storage.queue.length === 0, 'all of it is stored').catch((error) => wrong.push(error.message));

    // What the journal holds, against what was said and what the platforms saw.
    const listed = (await daemon.api('GET', '/conversations?channel=chat&limit=1000')).body.conversations.map((one) => one.conversation);
    const histories = new Map();
    const look = async (id) => histories.set(id, (await daemon.api('GET', `/conversation?id=${encodeURIComponent(id)}&history=1000`)).body.history ?? []);
    const ids = [...new Set([...customers.map((who) => who.conversation).filter(Boolean), ...listed])];
    for (let i = 0; i < ids.length; i += 16) await Promise.all(ids.slice(i, i + 16).map(look));
    const saidIn = (id) => histories.get(id).filter((line) => line.who === 'customer').map((line) => line.text);
    const byWords = new Map(listed.map((id) => [saidIn(id)[0], id]));
    let answers = 0;
    for (const who of customers) {
      const id = who.conversation ?? byWords.get(who.said[0]);
      if (!id) wrong.push(`no conversation holds ${who.said[0]}`);
      if (!id) continue;
      if (JSON.stringify(saidIn(id)) !== JSON.stringify(who.said)) wrong.push(`${id}: said ${JSON.stringify(who.said)}, stored ${JSON.stringify(saidIn(id))}`);
      const sends = histories.get(id).filter((line) => line.who !== 'customer' && ['delivered', 'received', 'read'].includes(line.state));
      const seen = who.visitor ? who.visitor.answers.map((line) => line.text) : platforms.said.get(id) ?? [];
      answers += sends.length;
      if (sends.length === 0) wrong.push(`${id}: nobody answered`);
      if (flat(sends.map((line) => line.text).join('')) !== flat(seen.join(''))) wrong.push(`${id}: the journal says ${JSON.stringify(sends.map((line) => line.text))}, the platform saw ${JSON.stringify(seen)}`);
    }
    if (now.intake.events - now.intake.duplicates < all) wrong.push(`${all} messages were sent, ${now.intake.events - now.intake.duplicates} came in`);
    if (now.intake.duplicates < load.redelivered) wrong.push(`${load.redelivered} deliveries were repeated, ${now.intake.duplicates} known as such`);
    const unwell = (await daemon.api('GET', '/channels')).body.channels.filter((one) => one.state !== 'ok');
    if (unwell.length > 0) wrong.push(`not well: ${JSON.stringify(unwell)}`);
    const middle = memory[Math.floor(memory.length / 2)];
    const last = memory[memory.length - 1];
    return { wrong, all, customers: customers.length, answers, redelivered: load.redelivered, rate: Math.round(all / posted), posted, drained, middle, last };
  } finally {
    load.close();
    await daemon.stop();
    platforms.stop();
  }
}

export const summary = (run) =>
  `${run.all} messages of ${run.customers} customers on nine kinds of channels, ${run.rate}/s for ${run.posted.toFixed(0)} s, ${run.answers} answers, ${run.redelivered} repeated deliveries: ` +
  `${run.wrong.length} wrong; all out after ${run.drained.toFixed(0)} s; resident ${run.middle.toFixed(0)} MB in the middle, ${run.last.toFixed(0)} MB at the end`;
