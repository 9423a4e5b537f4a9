// SPDX-License-Identifier: Apache-2.0
// What a LINE account needs beside messages: tokens that end, paid messages that run out, marks as read, the loading animation.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, binary, destination, messageEvent, needsShared, pause, secret, sharedFolder, ulid, userId } from './support/kefud.mjs';
import { startPrism } from './support/prism.mjs';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
const group = 'C0123456789abcdef0123456789abcdef';

/** LINE as far as these tests need it; `answers` replaces answers by path. */
class Line {
  static async start(answers = {}) {
    const self = new Line();
    Object.assign(self, { calls: [], tokens: 0, answers });
    self.server = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      const call = { method: request.method, path: request.url, authorization: request.headers.authorization, at: Date.now(), body };
      self.calls.push(call);
      const [status, answer] = (await self.answers[request.url]?.(call)) ?? self.usual(call);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    }).listen(0, '127.0.0.1');
    await once(self.server, 'listening');
    self.url = `http://127.0.0.1:${self.server.address().port}`;
    return self;
  }
  usual({ path, body }) {
    if (path.endsWith('/token')) return [200, { access_token: `issued-${++this.tokens}`, expires_in: 900, token_type: 'Bearer' }];
    if (path === '/v2/bot/info') return [200, { userId: destination, markAsReadMode: 'manual', chatMode: 'chat' }];
    if (path === '/v2/bot/message/quota') return [200, { type: 'limited', value: 200 }];
    if (path === '/v2/bot/message/quota/consumption') return [200, { totalUsage: 150 }];
    if (path.endsWith('/members/count')) return [200, { count: 4 }];
    if (path.startsWith('/v2/bot/message/')) return [200, { sentMessages: JSON.parse(body).messages.map((_, i) => ({ id: String(i) })) }];
    return [path.includes('/loading/') ? 202 : 200, {}];
  }
  of(path) {
    return this.calls.filter((call) => call.path === path);
  }
  async until(wanted, what) {
    for (const end = Date.now() + 20_000; Date.now() < end; await pause(20)) if (wanted()) return;
    assert.fail(`${what}; LINE saw ${JSON.stringify(this.calls).slice(0, 4000)}`);
  }
  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const account = (line, more = {}) => ({
  id: 'line-test', type: 'line', path: '/webhook/line', quiet_window: 0, stale_after: '3650d',
  line: { destination, channel_secrets: [secret], api_base: line.url, data_base: line.url, profiles: false, ...more },
});
const health = async (daemon) => (await daemon.api('GET', '/channels')).body.channels[0];

test('a token is issued for an assertion signed with the account\'s key, and renewed while the old one is in use', async () => {
  const line = await Line.start({ '/oauth2/v3/token': () => [200, { access_token: `issued-${++line.tokens}`, expires_in: 3, token_type: 'Bearer' }] });
  const issue = { channel_id: '1654321987', private_key: privateKey, key_id: 'key-1' };
  const daemon = await Daemon.start({ platform: line, settings: { channels: [account(line, { issue })], notifiers: [] } });
  try {
    await line.until(() => line.of('/oauth2/v3/token').length >= 3, 'a third token');
    const form = new URLSearchParams(line.of('/oauth2/v3/token')[0].body);
    assert.equal(form.get('grant_type'), 'client_credentials');
    assert.equal(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    const [header, claims, signature] = form.get('client_assertion').split('.');
    assert.equal(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url'), true);
    assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url')), { alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    const event = ulid();
    await daemon.say('你好', { event });
    await line.until(() => line.of('/v2/bot/message/reply').length > 0, 'a reply');
    const reply = line.of('/v2/bot/message/reply')[0];
    const newest = line.of('/oauth2/v3/token').filter((call) => call.at <= reply.at).length;
    assert.ok([`Bearer issued-${newest}`, `Bearer issued-${newest - 1}`].includes(reply.authorization), reply.authorization);
    assert.ok(Date.parse((await health(daemon)).token_until) > Date.now() - 1000);
    assert.equal(daemon.process.lines.some((text) => text.includes(privateKey.split('\n')[1]) || text.includes('issued-')), false, 'no key and no token in the log');
  } finally {
    await daemon.stop();
    line.stop();
  }
});

test('an account that LINE issues no token for is down, says what to check, and is well when LINE is asked again', async () => {
  let refuses = true;
  const line = await Line.start({ '/oauth2/v3/token': () => (refuses ? [400, { error: 'invalid_client', error_description: 'invalid client_secret' }] : undefined) });
  const daemon = await Daemon.start({ platform: line, settings: { channels: [account(line, { issue: { channel_id: '1654321987' } })], notifiers: [] } });
  try {
    await daemon.process.line(/channel_health.*down.*invalid client_secret; check line\.issue/);
    const now = await health(daemon);
    assert.equal(now.state, 'down');
    assert.deepEqual(now.reasons.map((one) => one.kind).sort(), ['cannot_send', 'not_ready']);
    await daemon.say('你好');
    refuses = false;
    await line.until(() => line.of('/v2/bot/message/reply').length > 0, 'the answer that waited');
    await daemon.process.line(/channel_health.*before=down/);
  } finally {
    await daemon.stop();
    line.stop();
  }
});

test('the month\'s paid messages are watched, and when they are gone customers become cases while replies go on', async () => {
  const line = await Line.start({
    '/v2/bot/message/quota/consumption': () => [200, { totalUsage: 170 }],
    '/v2/bot/message/push': () => [429, { message: 'You have reached your monthly limit.' }],
  });
  const settings = { channels: [account(line, { access_token: 'token', notification_groups: [group] })], notifiers: [{ id: 'team', type: 'line_group', channel: 'line-test', group }, { id: 'desk', type: 'webhook', url: `${line.url}/notify`, allow_private_addresses: true }] };
  const daemon = await Daemon.start({ platform: line, settings });
  try {
    await daemon.process.line(/line_quota_low.*limit=200.*used=170/);
    for (let tries = 0; !(await health(daemon)).quota && tries < 200; ++tries) await pause(20);
    assert.deepEqual((await health(daemon)).quota, { used: 170, to_customers: 0, to_team: 0, limit: 200 });
    const user = userId();
    await daemon.say('你好', { user, token: '' });
    await line.until(() => line.of('/notify').some((call) => /monthly limit/.test(call.body)), 'people hear why');
    const { conversations } = (await daemon.api('GET', '/conversations?owner=waiting')).body;
    assert.deepEqual(conversations.map((one) => one.conversation), [`line-test/${user}`]);
    const event = ulid();
    await daemon.say('你好', { event });
    await line.until(() => line.of('/v2/bot/message/reply').some((call) => call.body.includes(event)), 'a reply is free');
    const gone = async () => (await health(daemon)).reasons.some((one) => one.kind === 'quota' && /only replies go out/.test(one.what));
    for (let tries = 0; !(await gone()) && tries < 200; ++tries) await pause(20);
    assert.equal(await gone(), true);
  } finally {
    await daemon.stop();
    line.stop();
  }
});

test('what is answered is marked as read, with the newest token of the chat', async () => {
  const line = await Line.start();
  const daemon = await Daemon.start({ platform: line, settings: { channels: [account(line, { access_token: 'token' })], notifiers: [] } });
  try {
    const marked = () => line.of('/v2/bot/chat/markAsRead').map((call) => JSON.parse(call.body).markAsReadToken);
    let said = 0;
    // Until kefud has heard what kind of account it is, there is nothing to mark.
    while (marked().length === 0 && said < 50) {
      const replies = line.of('/v2/bot/message/reply').length;
      await daemon.say('', { message: { id: String(++said), type: 'text', quoteToken: 'q', text: '你好', markAsReadToken: `read-${said}` } });
      await line.until(() => line.of('/v2/bot/message/reply').length > replies, 'an answer');
    }
    await line.until(() => marked().includes(`read-${said}`), 'marked as read');
  } finally {
    await daemon.stop();
    line.stop();
  }
});

test('a customer whose order takes long to find sees the loading animation', async () => {
  const line = await Line.start();
  const shop = createServer((request, response) => setTimeout(() => response.writeHead(404).end(), 2500)).listen(0, '127.0.0.1');
  await once(shop, 'listening');
  const orders = { type: 'http', http: { mapping: 'woocommerce', url: `http://127.0.0.1:${shop.address().port}/orders/{order}`, token: 'Basic x', allow_private_addresses: true, timeout: '5s' } };
  const daemon = await Daemon.start({ platform: line, settings: { channels: [account(line, { access_token: 'token' })], notifiers: [], orders } });
  try {
    const user = userId();
    await daemon.say('我的訂單 20261121884 到哪裡了？', { user });
    await line.until(() => line.of('/v2/bot/chat/loading/start').length > 0, 'the loading animation');
    assert.deepEqual(JSON.parse(line.of('/v2/bot/chat/loading/start')[0].body), { chatId: user, loadingSeconds: 20 });
  } finally {
    await daemon.stop();
    line.stop();
    shop.close();
    shop.closeAllConnections();
  }
});

test('tokens, quota, marks and the loading animation are asked for as LINE\'s official documents say', { ...needsShared, timeout: 120_000 }, async () => {
  const specs = join(sharedFolder, 'specs');
  const authorization = 'Bearer t';
  const json = 'application/json';
  const messaging = await startPrism(join(specs, 'line-openapi-strict/messaging-api.strict.yml'), { path: '/v2/bot/chat/markAsRead', headers: { authorization, 'content-type': json }, body: '{"markAsReadToken":"x"}' });
  const oauth = await startPrism(join(specs, 'line-openapi/channel-access-token.yml'), { path: '/oauth2/v3/token', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'grant_type=client_credentials&client_id=1&client_secret=2' });
  const judged = [];
  const front = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const judge = request.url.startsWith('/oauth2/') ? oauth : messaging;
    const { host, connection, 'content-length': length, ...headers } = request.headers;
    const answer = await fetch(judge.url + request.url, { method: request.method, headers, body: body || undefined });
    judged.push(`${request.url} ${answer.status}`);
    let text = await answer.text();
    if (request.url === '/oauth2/v2.1/token') text = JSON.stringify({ access_token: 'a', expires_in: 5, token_type: 'Bearer', key_id: 'k' });
    if (request.url === '/v2/bot/info') text = JSON.stringify({ ...JSON.parse(text), userId: destination, markAsReadMode: 'manual' });
    response.writeHead(answer.status, { 'content-type': json }).end(text);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const line = { url: `http://127.0.0.1:${front.address().port}` };
  const issue = { channel_id: '1654321987', kind: 'v2_1', private_key: privateKey, key_id: 'key-1' };
  const daemon = await Daemon.start({ platform: line, settings: { channels: [account(line, { issue, notification_groups: [group] })], notifiers: [] } });
  const seen = (path) => judged.some((one) => one.startsWith(path));
  try {
    for (let tries = 0; !seen('/v2/bot/info') && tries < 500; ++tries) await pause(20);
    await daemon.postLine(JSON.stringify({ destination, events: [messageEvent('', { user: userId(), event: ulid(), token: 't', message: { id: '7', type: 'text', quoteToken: 'q', text: '你好', markAsReadToken: 'r' } })] }));
    const wanted = ['/oauth2/v2.1/token', '/oauth2/v2.1/revoke', '/v2/bot/info', '/v2/bot/message/quota ', '/v2/bot/message/quota/consumption', `/v2/bot/group/${group}/members/count`, '/v2/bot/chat/markAsRead', '/v2/bot/message/reply'];
    for (let tries = 0; !wanted.every(seen) && tries < 500; ++tries) await pause(20);
    assert.deepEqual(wanted.filter((path) => !seen(path)), []);
    assert.deepEqual(judged.filter((one) => !/ 20[02]$/.test(one)), [], messaging.log() + oauth.log());
  } finally {
    await daemon.stop();
    front.close();
    front.closeAllConnections();
    messaging.stop();
    oauth.stop();
  }
});

test('kefud check --online asks LINE about the templates\' cards, and names the one it would refuse', async () => {
  let refuses = false;
  const asked = [];
  const answer = (call) => {
    asked.push(call);
    return refuses && call.body.includes('訂單') ? [400, { message: 'A message (messages[0]) in the request body is invalid', details: [{ message: 'must be specified', property: '/body' }] }] : [200, {}];
  };
  const line = await Line.start({ '/v2/bot/message/validate/reply': answer, '/v2/bot/message/validate/push': answer });
  const daemon = await Daemon.start({ platform: line, settings: { channels: [account(line, { access_token: 'token' })], notifiers: [] } });
  const check = () => new Promise((done) => {
    const child = spawn(binary, ['check', '--online', '--config', daemon.file]);
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    child.stderr.on('data', (data) => (text += data));
    child.on('close', (code) => done({ code, text }));
  });
  try {
    const fine = await check();
    assert.equal(fine.code, 0, fine.text);
    assert.match(fine.text, /LINE was asked about 4 templates, would refuse 0/);
    assert.equal(asked.length, 8);
    const [{ messages: [flex] }] = asked.map((call) => JSON.parse(call.body));
    assert.equal(flex.type, 'flex');
    assert.ok(flex.altText.length > 0 && flex.altText.length <= 400);
    refuses = true;
    const refused = await check();
    assert.equal(refused.code, 1);
    assert.match(refused.text, /line-test: template order_status \(zh-Hant\): reply: LINE answered 400: .*\/body: must be specified/);
    assert.equal(line.of('/v2/bot/message/push').length, 0);
    line.stop();
    const gone = await check();
    assert.equal(gone.code, 3);
  } finally {
    await daemon.stop();
    line.stop();
  }
});
