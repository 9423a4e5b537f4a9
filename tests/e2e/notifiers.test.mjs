// SPDX-License-Identifier: Apache-2.0
// How teams hear of a case, by mail from a real SMTP server and on stand-ins for the chat platforms, and how they take it from the phone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { Daemon, Loopback, pause, userId } from './support/kefud.mjs';

const threat = '我要去消基會投訴你們';
const password = 'e2e-mail-password';
let folder, loopback, mailServer, robots, daemon;
const mails = [];
const posts = [];
let refuseMail = 0;

/** Waits until `wanted()` gives something. */
const eventually = async (wanted, what) => {
  for (const end = Date.now() + 30_000; ; await pause(20)) {
    const found = await wanted();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within 30 s\n${daemon.process.lines.slice(-20).join('\n')}`);
  }
};
const decoded = (mail) => Buffer.from(mail.slice(mail.indexOf('\r\n\r\n') + 4), 'base64').toString();

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kefud-mail-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  process.env.SSL_CERT_FILE = cert; // what the daemon trusts
  mailServer = new SMTPServer({
    key: readFileSync(key), cert: readFileSync(cert), logger: false,
    onAuth: (auth, session, done) => (auth.password === password && session.secure ? done(null, { user: auth.username }) : done(new Error('no'))),
    onRcptTo: (address, session, done) => (refuseMail-- > 0 ? done(Object.assign(new Error('later'), { responseCode: 451 })) : done()),
    onData: async (stream, session, done) => {
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      mails.push({ text: Buffer.concat(chunks).toString(), to: session.envelope.rcptTo.map(({ address }) => address), secure: session.secure });
      done();
    },
  });
  mailServer.on('error', () => {}); // a peer that goes away
  const mailPort = await new Promise((done) => mailServer.listen(0, '127.0.0.1', function () { done(this.address().port); }));
  robots = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    posts.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks)) });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ errcode: 0, code: 0, ok: true }));
  });
  await new Promise((done) => robots.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${robots.address().port}`;
  loopback = await Loopback.start();
  const common = { allow_private_addresses: true, locale: 'zh-Hant' };
  daemon = await Daemon.start({
    platform: loopback,
    settings: {
      public_url: 'https://kefud.example',
      notifiers: [
        { id: 'mail', type: 'email', locale: 'cs', email: { server: 'localhost', port: mailPort, user: 'kefud', password, from: 'kefud@shop.example', to: ['eva@shop.example', 'jan@shop.example'] } },
        { id: 'slack', type: 'slack', ...common, slack: { url: `${base}/slack` } },
        { id: 'teams', type: 'teams', ...common, teams: { url: `${base}/teams?sig=a%2Fb` } },
        { id: 'discord', type: 'discord', ...common, discord: { url: `${base}/discord` } },
        { id: 'wecom', type: 'wecom', ...common, wecom: { url: `${base}/wecom?key=1` } },
        { id: 'dingtalk', type: 'dingtalk', ...common, dingtalk: { url: `${base}/dingtalk?access_token=1`, secret: 'SEC1' } },
        { id: 'feishu', type: 'feishu', ...common, feishu: { url: `${base}/feishu`, secret: 's' } },
        { id: 'tg', type: 'telegram', ...common, telegram: { token: '777:t', chat: '-100', api_base: base } },
      ],
    },
  });
});
after(async () => {
  await daemon?.stop();
  await loopback?.stop();
  robots?.closeAllConnections();
  robots?.close();
  mailServer?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test('a threat reaches every team where it is, in its language, and the mail goes encrypted', async () => {
  const user = userId();
  await daemon.say(threat, { user });
  const mail = await eventually(() => mails.find(({ text }) => decoded(text).includes(user)), 'a mail');
  assert.equal(mail.secure, true);
  assert.deepEqual(mail.to, ['eva@shop.example', 'jan@shop.example']);
  assert.match(decoded(mail.text), /Zákazník potřebuje člověka/);
  assert.match(decoded(mail.text), new RegExp(threat));
  for (const path of ['/slack', '/teams', '/discord', '/wecom', '/dingtalk', '/feishu', '/bot777:t/sendMessage']) {
    const post = await eventually(() => posts.find((one) => one.path.startsWith(path)), path);
    assert.match(JSON.stringify(post.body), /有顧客需要專人處理/);
    assert.match(JSON.stringify(post.body), /kefud\.example/);
  }
  assert.ok(posts.some(({ path }) => path === '/teams?sig=a%2Fb'), 'the signed address is left as it is');
  assert.match(posts.find(({ path }) => path.startsWith('/dingtalk')).path, /&timestamp=\d{13}&sign=[^&]+%3D$/);
});

test('a mail server that has no time now is asked again', async () => {
  refuseMail = 1;
  const user = userId();
  await daemon.say(threat, { user });
  await eventually(() => mails.find(({ text }) => decoded(text).includes(user)), 'a mail at the second try');
});

test('a case is taken with the link in the notice: looking changes nothing, taking works once', async () => {
  const user = userId();
  await daemon.say(threat, { user });
  const mail = await eventually(() => mails.find(({ text }) => decoded(text).includes(user)), 'a mail');
  const [, token] = decoded(mail.text).match(/https:\/\/kefud\.example\/claim\?t=([\w-]+)/);
  const link = `${daemon.url}/claim?t=${token}`;
  const owner = async () => (await daemon.api('GET', `/conversation?id=line-test/${user}`)).body;
  for (let i = 0; i < 2; ++i) {
    const shown = await fetch(link);
    assert.equal(shown.status, 200);
    assert.match(await shown.text(), /<form method="post"/);
  }
  assert.equal((await fetch(link, { method: 'HEAD' })).status, 200);
  assert.equal((await owner()).owner, 'waiting');

  assert.equal((await fetch(`${daemon.url}/claim?t=${token.slice(0, -6)}AAAAAA`, { method: 'POST' })).status, 403);
  const taken = await Promise.all([1, 2, 3].map(() => fetch(link, { method: 'POST' })));
  assert.deepEqual(taken.map(({ status }) => status).sort(), [200, 409, 409]);
  const now = await owner();
  assert.equal(now.owner, 'person');
  assert.match(now.agent, /^team:/);
  assert.equal((await fetch(link)).status, 409);

  const answered = await daemon.api('POST', '/reply', { conversation: `line-test/${user}`, text: '您好，我是小美' });
  assert.equal(answered.status, 200);
  assert.equal((await owner()).agent, 'mei');
  await daemon.api('POST', '/resolve', { conversation: `line-test/${user}` });
  assert.equal((await fetch(link, { method: 'POST' })).status, 410);
});

test('the log holds neither passwords nor addresses that are secrets', () => {
  for (const secret of [password, '777:t', 'sig=', 'access_token=', '/claim?t='])
    assert.equal(daemon.process.lines.some((line) => line.includes(secret)), false, secret);
});
