// SPDX-License-Identifier: Apache-2.0
// Telegram, Messenger, WhatsApp and Chatwoot, both ways, against stand-ins for their APIs.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, pause, webhookSecret } from './support/kefud.mjs';

const token = '777:e2e-telegram-token';
const telegramSecret = 'e2e-telegram-secret';
const appSecret = 'e2e-app-secret';
const chatwootSecret = 'e2e-chatwoot-secret';
const question = '我的包裹在哪裡';

/** All the platforms' APIs on one port. Keeps each call; `faults` decide what happens to the next ones. */
class Platforms {
  calls = [];
  faults = [];
  async start() {
    this.server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const call = { method: request.method, path: request.url, headers: request.headers, body: text ? JSON.parse(text) : null };
      this.calls.push(call);
      const fault = /(sendMessage|messages)$/.test(call.path) ? this.faults.shift() : null;
      if (fault === 'hang') return; // the connection stays open, nothing is said
      if (fault) return response.writeHead(fault.status, { 'content-type': 'application/json' }).end(JSON.stringify(fault.body));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.answer(call)));
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }
  answer({ path }) {
    if (path.endsWith('/getMe')) return { ok: true, result: { id: 777, is_bot: true, username: 'shop_bot' } };
    if (path.includes('/bot')) return { ok: true, result: { message_id: this.calls.length } };
    if (path.includes('/messages')) return { recipient_id: '1', message_id: 'm_out', id: 5, messages: [{ id: `wamid.OUT${this.calls.length}` }] };
    return { id: 1 };
  }
  /** The calls that `wanted` is true for, as soon as there are `count`. */
  async until(wanted, count, what) {
    for (const end = Date.now() + 30_000; ; await pause(20)) {
      const found = this.calls.filter(wanted);
      if (found.length >= count) return found;
      if (Date.now() > end) throw new Error(`${what}: only ${found.length} of ${count} in ${JSON.stringify(this.calls).slice(0, 4000)}`);
    }
  }
  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}

let loopback, platforms, daemon;

before(async () => {
  loopback = await Loopback.start();
  platforms = await new Platforms().start();
  const common = { locale: 'zh-Hant', quiet_window: 0, send: { timeout: '2s', connect: '2s', first_retry: '50ms' } };
  const meta = { app_secrets: [appSecret], verify_token: 'e2e-verify', access_token: 'e2e-graph-token', api_base: `${platforms.url}/v23.0` };
  daemon = await Daemon.start({
    platform: loopback,
    settings: {
      channels: [
        { id: 'tg', type: 'telegram', path: '/hooks/telegram', ...common, telegram: { token, webhook_secret: telegramSecret, api_base: platforms.url } },
        { id: 'fb', type: 'messenger', path: '/hooks/meta', ...common, messenger: { page_id: '11', app_id: '200300', profiles: false, ...meta } },
        { id: 'wa', type: 'whatsapp', path: '/hooks/meta', ...common, whatsapp: { phone_number_id: '1065', ...meta } },
        {
          id: 'cw', type: 'chatwoot', path: '/hooks/chatwoot', ...common,
          chatwoot: { url: platforms.url, account: '1', access_token: 'e2e-chatwoot-token', secrets: [chatwootSecret] },
        },
        {
          id: 'web', type: 'webhooks', path: '/webhook/web', ...common,
          webhooks: { secrets: [webhookSecret], send_to: `${loopback.url}/webhooks/web`, allow_private_addresses: true },
        },
      ],
    },
  });
  await daemon.process.line(/telegram_bot_known/);
});
after(async () => {
  await daemon?.stop();
  await platforms?.stop();
  await loopback?.stop();
});

let ids = Math.floor(Date.now() / 1000);
const next = () => String(++ids);

// Deliveries ---------------------------------------------------------------------------------------------------------------------------

const telegram = (update, secret = telegramSecret) =>
  fetch(daemon.url + '/hooks/telegram', {
    method: 'POST', body: JSON.stringify(update), headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
  });
const telegramText = (text, { chat = { id: Number(next()), type: 'private' }, update = Number(next()), ...more } = {}) => ({
  update_id: update,
  message: { message_id: Number(next()), date: Math.floor(Date.now() / 1000), from: { id: 5, is_bot: false, first_name: 'Jana' }, chat, text, ...more },
});
const metaPost = (body, secret = appSecret) => {
  const text = JSON.stringify(body).replace(/[\u007f-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')).replaceAll('/', '\\/');
  return fetch(daemon.url + '/hooks/meta', {
    method: 'POST', body: text, headers: { 'content-type': 'application/json', 'x-hub-signature-256': 'sha256=' + createHmac('sha256', secret).update(text).digest('hex') },
  });
};
const messenger = (event, list = 'messaging') => metaPost({ object: 'page', entry: [{ id: '11', time: Date.now(), [list]: [{ timestamp: Date.now(), ...event }] }] });
const whatsapp = (value) =>
  metaPost({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value: { metadata: { phone_number_id: '1065' }, ...value } }] }] });
const chatwoot = (body, { delivery = randomUUID(), seconds = Math.floor(Date.now() / 1000) } = {}) => {
  const text = JSON.stringify({ account: { id: 1 }, ...body });
  return fetch(daemon.url + '/hooks/chatwoot', {
    method: 'POST', body: text,
    headers: {
      'content-type': 'application/json', 'x-chatwoot-timestamp': String(seconds), 'x-chatwoot-delivery': delivery,
      'x-chatwoot-signature': 'sha256=' + createHmac('sha256', chatwootSecret).update(`${seconds}.${text}`).digest('hex'),
    },
  });
};
const incoming = (conversation, text, status = 'pending') => ({
  event: 'message_created', id: Number(next()), content: text, message_type: 'incoming', private: false, created_at: new Date().toISOString(),
  sender: { id: 9, name: 'Ming', type: 'contact' }, conversation: { id: conversation, status },
});

const toTelegram = (chat) => ({ path, body }) => path.endsWith('/sendMessage') && body.chat_id === String(chat);
const toMessenger = (user) => ({ path, body }) => path === '/v23.0/11/messages' && body.recipient.id === user;
const toWhatsApp = (user) => ({ path, body }) => path === '/v23.0/1065/messages' && (body.to ?? body.recipient) === user;
const toChatwoot = (conversation, what) => ({ path }) => path === `/api/v1/accounts/1/conversations/${conversation}/${what}`;

/** Another customer's answer shows that what was posted before has been dealt with. */
const settled = async () => {
  const update = telegramText(question);
  await telegram(update);
  await platforms.until(toTelegram(update.message.chat.id), 1, 'the answer to another customer');
};
const view = async (id) => (await daemon.api('GET', `/conversation?id=${encodeURIComponent(id)}`)).body;

// Telegram -----------------------------------------------------------------------------------------------------------------------------

test('Telegram: a question is answered once, however often it is delivered, and not without the secret', async () => {
  const update = telegramText(question);
  const chat = update.message.chat.id;
  assert.equal((await telegram(update, 'wrong')).status, 401);
  assert.equal((await telegram(update)).status, 200);
  const [answer] = await platforms.until(toTelegram(chat), 1, 'an answer');
  assert.equal(answer.path, `/bot${token}/sendMessage`);
  assert.equal(answer.body.parse_mode, undefined);
  assert.equal((await telegram(update)).status, 200);
  await settled();
  assert.equal(new Set(platforms.calls.filter(toTelegram(chat)).map(({ body }) => body.text)).size, platforms.calls.filter(toTelegram(chat)).length);
  assert.equal((await view(`tg/${chat}`)).name, 'Jana');
});

test('Telegram: in a group only a mention is answered, in reply to it; a pressed button stops waiting', async () => {
  const chat = { id: -100_000_000 - Number(next()) % 1000, type: 'supergroup' };
  await telegram(telegramText(question, { chat }));
  await settled();
  assert.equal(platforms.calls.filter(toTelegram(chat.id)).length, 0);
  const update = telegramText(`@shop_bot ${question}`, { chat, entities: [{ type: 'mention', offset: 0, length: 9 }] });
  await telegram(update);
  const [answer] = await platforms.until(toTelegram(chat.id), 1, 'an answer to the mention');
  assert.equal(answer.body.reply_parameters.message_id, update.message.message_id);
  const pressed = await telegram({ update_id: Number(next()), callback_query: { id: 'q1', from: { id: 5 }, data: 'x', message: { message_id: 1, date: 1, chat } } });
  assert.deepEqual(await pressed.json(), { method: 'answerCallbackQuery', callback_query_id: 'q1' });
});

test('Telegram: told to wait it waits; when nobody says whether it is out it is not sent again, and people hear of it', async () => {
  const patient = telegramText(question);
  platforms.faults.push({ status: 429, body: { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 1 } } });
  await telegram(patient);
  const tries = await platforms.until(toTelegram(patient.message.chat.id), 2, 'a second try');
  assert.equal(tries[0].body.text, tries[1].body.text);
  await settled();
  const lost = telegramText(question);
  platforms.faults.push('hang');
  await telegram(lost);
  await loopback.until((all) => all.some(({ call, body }) => call === 'notify' && body.data.conversation === `tg/${lost.message.chat.id}` && /not known whether/.test(body.data.what)), 'a notice');
  await settled();
  assert.equal(platforms.calls.filter(toTelegram(lost.message.chat.id)).length, 1);
});

// Meta ---------------------------------------------------------------------------------------------------------------------------------

test('Meta: the address is confirmed to who knows the token; wrong signatures stay outside', async () => {
  const ask = (verify) => fetch(`${daemon.url}/hooks/meta?hub.mode=subscribe&hub.verify_token=${verify}&hub.challenge=1158201444`);
  assert.equal(await (await ask('e2e-verify')).text(), '1158201444');
  assert.equal((await ask('nope')).status, 403);
  assert.equal((await metaPost({ object: 'page', entry: [] }, 'wrong')).status, 401);
  assert.equal((await fetch(daemon.url + '/hooks/telegram')).status, 405);
});

test('Messenger: one delivery with two customers, escaped bytes and all, is answered twice', async () => {
  const [a, b] = [next(), next()];
  const event = (user) => ({ sender: { id: user }, recipient: { id: '11' }, timestamp: Date.now(), message: { mid: `m_${user}`, text: `${question} https://x.example/a` } });
  assert.equal((await metaPost({ object: 'page', entry: [{ id: '11', messaging: [event(a)] }, { id: '11', messaging: [event(b)] }] })).status, 200);
  await platforms.until(toMessenger(a), 1, 'an answer');
  const [answer] = await platforms.until(toMessenger(b), 1, 'an answer');
  assert.equal(answer.body.messaging_type, 'RESPONSE');
  assert.equal(answer.headers.authorization, 'Bearer e2e-graph-token');
});

test('Messenger: who answers in the inbox has taken over; on standby nothing is said', async () => {
  const user = next();
  await messenger({ sender: { id: '11' }, recipient: { id: user }, message: { mid: `m_${next()}`, is_echo: true, text: 'Dobrý den, tady Petr' } });
  await messenger({ sender: { id: user }, recipient: { id: '11' }, message: { mid: `m_${next()}`, text: question } });
  const other = next();
  await messenger({ sender: { id: other }, recipient: { id: '11' }, message: { mid: `m_${next()}`, text: question } }, 'standby');
  await settled();
  assert.equal(platforms.calls.filter(toMessenger(user)).length + platforms.calls.filter(toMessenger(other)).length, 0);
  const shown = await view(`fb/${user}`);
  assert.equal(shown.owner, 'person');
  assert.equal(shown.history[0].text, 'Dobrý den, tady Petr');
  assert.equal((await daemon.api('POST', '/hand-back', { conversation: `fb/${user}` })).status, 200, 'our people may go on with it');
});

test('WhatsApp: a status settles a send whose answer was lost, and never goes backwards', async () => {
  const user = `TW.${next()}`;
  platforms.faults.push(null, 'hang'); // the first of two texts goes
  await whatsapp({
    contacts: [{ profile: { name: 'Ana' }, user_id: user }],
    messages: [{ from_user_id: user, id: `wamid.${next()}`, timestamp: String(Math.floor(Date.now() / 1000)), type: 'text', text: { body: question } }],
  });
  const [, call] = await platforms.until(toWhatsApp(user), 2, 'both texts');
  assert.equal(call.body.recipient, user);
  await loopback.until((all) => all.some(({ call: kind, body }) => kind === 'notify' && body.data.conversation === `wa/${user}`), 'a notice');
  const stateOf = async () => (await view(`wa/${user}`)).history.find(({ who }) => who === 'bot').state;
  assert.equal(await stateOf(), 'unknown');
  const status = (name) => ({ id: 'wamid.X', status: name, timestamp: String(Math.floor(Date.now() / 1000)), recipient_user_id: user, biz_opaque_callback_data: call.body.biz_opaque_callback_data });
  await whatsapp({ statuses: [status('read'), status('delivered')] });
  await whatsapp({ statuses: [status('sent')] });
  assert.equal(await stateOf(), 'read');
});

// Chatwoot -----------------------------------------------------------------------------------------------------------------------------

test('Chatwoot: pending is answered, open is not, and handing over opens it with a note', async () => {
  const [asked, open, angry] = [next(), next(), next()];
  assert.equal((await chatwoot(incoming(asked, question), { seconds: Math.floor(Date.now() / 1000) - 400 })).status, 401);
  await chatwoot(incoming(open, question, 'open'));
  await chatwoot(incoming(asked, question));
  const [answer] = await platforms.until(toChatwoot(asked, 'messages'), 1, 'an answer');
  assert.equal(answer.headers.api_access_token, 'e2e-chatwoot-token');
  assert.equal(answer.body.private, false);
  assert.equal(platforms.calls.filter(toChatwoot(open, 'messages')).length, 0);

  await chatwoot(incoming(angry, '我要去消基會投訴你們'));
  const [opened] = await platforms.until(toChatwoot(angry, 'toggle_status'), 1, 'the hand-over');
  assert.equal(opened.body.status, 'open');
  const said = await platforms.until((call) => toChatwoot(angry, 'messages')(call), 2, 'a note and a line to the customer');
  assert.equal(said.some(({ body }) => body.private), true);
  assert.equal(said.some(({ body }) => !body.private), true);
});

test('Chatwoot: an agent who answers has it until they put it back', async () => {
  const conversation = next();
  await chatwoot({ ...incoming(conversation, 'Dobrý den'), message_type: 'outgoing', sender: { id: 2, name: 'Eva', type: 'user' } });
  await chatwoot(incoming(conversation, question));
  await settled();
  assert.equal(platforms.calls.filter(toChatwoot(conversation, 'messages')).length, 0);
  const shown = await view(`cw/1/${conversation}`);
  assert.equal(shown.owner, 'person');
  assert.deepEqual([shown.history[0].name, shown.history[0].text], ['Eva', 'Dobrý den']);
  await chatwoot({ event: 'conversation_status_changed', id: Number(conversation), status: 'pending' });
  await chatwoot(incoming(conversation, question));
  await platforms.until(toChatwoot(conversation, 'messages'), 1, 'an answer');
});

// CloudEvents --------------------------------------------------------------------------------------------------------------------------

const cloudEvent = (body, headers) => {
  const seconds = Math.floor(Date.now() / 1000);
  const id = `msg_${randomUUID()}`;
  const key = Buffer.from(webhookSecret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return fetch(daemon.url + '/webhook/web', {
    method: 'POST', body, headers: { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}`, ...headers },
  });
};

test('CloudEvents: both modes are answered, the same event once however it is delivered', async () => {
  const asked = await fetch(daemon.url + '/webhook/web', { method: 'OPTIONS', headers: { 'webhook-request-origin': 'shop.example' } });
  assert.equal(asked.headers.get('webhook-allowed-origin'), 'shop.example');
  const [one, two] = [next(), next()];
  const data = (conversation) => ({ conversation, id: `m${conversation}`, text: question });
  const structured = JSON.stringify({ specversion: '1.0', id: one, source: '/shop', type: 'com.example.message.received', data: data(one) });
  const json = { 'content-type': 'application/cloudevents+json' };
  assert.equal((await cloudEvent(structured, json)).status, 200);
  assert.equal((await cloudEvent(structured, json)).status, 200);
  await cloudEvent(JSON.stringify(data(two)), {
    'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-id': two, 'ce-source': '/shop', 'ce-type': 'message.received',
  });
  const to = (conversation) => (calls) => calls.filter(({ body }) => body?.data?.to === conversation);
  await loopback.until((calls) => to(one)(calls).length > 0 && to(two)(calls).length > 0, 'answers to both');
  assert.equal(to(one)(await loopback.sent()).length, 1);
});

test('the log holds no token', () => {
  for (const secret of [token, telegramSecret, appSecret, 'e2e-graph-token', 'e2e-chatwoot-token', chatwootSecret])
    assert.equal(daemon.process.lines.some((line) => line.includes(secret)), false, secret);
});
