// SPDX-License-Identifier: Apache-2.0
// The console's API against the running daemon: every answer is judged by the OpenAPI document that it serves.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Contract, Visitor, firstAdmin, invited } from './support/contract.mjs';
import { Daemon, Loopback, agentToken, texts, ulid, userId } from './support/kefud.mjs';

let platform, daemon, contract, admin, operator, owner, mei;
const password = 'correct horse battery';
before(async () => {
  platform = await Loopback.start();
  daemon = await Daemon.start({ platform });
  contract = await Contract.of(daemon.url);
  const stranger = new Visitor(contract);
  assert.equal((await stranger.get('/session')).body.reason, 'setup');
  admin = await firstAdmin(daemon, contract, password);
  operator = await invited(admin, 'olga', 'operator');
  owner = await invited(admin, 'otto', 'owner');
  mei = await invited(admin, 'mei', 'agent');
});
after(async () => {
  await daemon?.stop();
  await platform?.stop();
});

const conversationOf = (user) => `line-test/${user}`;
const totp = (secret, at = Date.now()) => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
};

/** A page's connection: frames as they come, and waiting for one. */
class Live {
  static async open(who, { query = '', origin = contract.url } = {}) {
    const self = new Live();
    self.frames = [];
    self.waiting = [];
    self.socket = new WebSocket(`${contract.url.replace('http', 'ws')}/api/v1/live${query}`, { headers: { cookie: who.cookie, ...(origin && { origin }) } });
    self.closed = new Promise((done) => self.socket.once('close', (code) => done(code)));
    self.refused = new Promise((done) => self.socket.once('unexpected-response', (_, response) => (response.resume(), self.socket.terminate(), done(response.statusCode))));
    self.socket.on('error', () => {});
    self.socket.on('message', (data) => {
      const frame = { ...JSON.parse(data), at: performance.now() };
      self.frames.push(frame);
      self.waiting = self.waiting.filter(({ wanted, done }) => !(wanted(frame) && (done(frame), true)));
    });
    return self;
  }
  frame(wanted, milliseconds = 10_000) {
    const known = this.frames.find(wanted);
    if (known) return Promise.resolve(known);
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no such frame in ${JSON.stringify(this.frames)}`)), milliseconds);
      this.waiting.push({ wanted, done: (frame) => (clearTimeout(timer), done(frame)) });
    });
  }
  say(frame) {
    this.socket.send(JSON.stringify(frame));
  }
  close() {
    this.socket.close();
  }
}

test('a link works once, and a password must be long enough', async () => {
  const { body } = await admin.post('/people', { name: 'eva', role: 'agent' });
  const token = body.link.split('#setup=')[1];
  const eva = new Visitor(contract);
  assert.deepEqual((({ role, name }) => ({ role, name }))((await eva.post('/session/invitation', { token })).body), { role: 'agent', name: 'eva' });
  assert.equal((await eva.post('/session/setup', { token, password: 'short, not' })).status, 400);
  assert.equal((await eva.post('/session/setup', { token, password })).status, 200);
  assert.equal((await new Visitor(contract).post('/session/setup', { token, password })).status, 404);
  assert.equal((await eva.get('/session')).body.name, 'eva');
});

test('the cookie is kept from scripts and other sites, and changes need the token of the page', async () => {
  const visitor = new Visitor(contract);
  const signed = await visitor.post('/session', { name: 'ada', password });
  assert.match(signed.headers.get('set-cookie'), /^kefud=\S{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
  const forged = await visitor.call('POST', '/people', { name: 'evil', role: 'admin' }, { csrf: '' });
  assert.deepEqual([forged.status, forged.body.reason], [403, 'csrf']);
  assert.equal((await visitor.call('POST', '/people', { name: 'evil', role: 'admin' }, { csrf: admin.csrf })).status, 403, 'that of another session');
  assert.equal((await visitor.get('/people')).body.people.some((one) => one.name === 'evil'), false);
  assert.equal((await visitor.call('DELETE', '/session')).status, 200);
  assert.equal((await visitor.get('/queues')).status, 401);
});

test('whoever guesses passwords is slowed down', async () => {
  await invited(admin, 'target', 'agent');
  const guesser = new Visitor(contract);
  const answers = [];
  for (let i = 0; i < 6; ++i) answers.push(await guesser.post('/session', { name: 'target', password: `guess number ${i}` }));
  assert.deepEqual(answers.map(({ status }) => status), [401, 401, 401, 401, 401, 429]);
  assert.ok(Number(answers[5].headers.get('retry-after')) >= 1);
  const lines = (await owner.get('/audit?who=target&action=sign_in_failed')).body.lines;
  assert.equal(lines.length, 5);
});

test('another site signs nobody in', async () => {
  const visitor = new Visitor(contract);
  const foreign = { headers: { origin: 'https://evil.example', 'content-type': 'text/plain' } };
  const refused = await visitor.call('POST', '/session', { name: 'otto', password: 'password of otto' }, foreign);
  assert.deepEqual([refused.status, refused.body.reason, refused.headers.get('set-cookie')], [403, 'origin', null]);
  assert.equal((await visitor.call('POST', '/session', { name: 'otto', password: 'password of otto' }, { headers: { origin: contract.url } })).status, 200);
});

test('names are not told apart by the answer', async () => {
  const visitor = new Visitor(contract);
  const known = await visitor.post('/session', { name: 'otto', password: 'not his password' });
  const unknown = await visitor.post('/session', { name: 'nobody-at-all', password: 'not his password' });
  assert.deepEqual(known.body, unknown.body);
  for (const body of ['', '[]', '{"name":1}', { name: 'x'.repeat(100), password }, { name: 'otto', password: 'y'.repeat(5000) }])
    assert.equal((await visitor.post('/session', body)).status, 400);
});

test('a second factor is asked for, each code counts once, and a recovery code stands in for it', async () => {
  const tom = await invited(admin, 'tom', 'agent', password);
  const { secret, uri } = (await tom.post('/session/totp')).body;
  assert.match(uri, /^otpauth:\/\/totp\/Test%20shop:tom\?secret=[A-Z2-7]{32}&issuer=Test%20shop$/);
  assert.equal((await tom.post('/session/totp/confirm', { code: '000000' })).status, 400);
  const codes = (await tom.post('/session/totp/confirm', { code: totp(secret) })).body.recovery_codes;
  assert.equal(codes.length, 10);
  const again = new Visitor(contract);
  assert.equal((await again.post('/session', { name: 'tom', password })).body.reason, 'code_needed');
  assert.equal((await again.post('/session', { name: 'tom', password, code: totp(secret) })).body.reason, 'code_wrong', 'it was used to confirm');
  assert.equal((await again.post('/session', { name: 'tom', password, code: totp(secret, Date.now() + 30_000) })).status, 200);
  const third = new Visitor(contract);
  assert.equal((await third.post('/session', { name: 'tom', password, code: codes[0].toLowerCase() })).body.recovery_codes_left, 9);
  assert.equal((await new Visitor(contract).post('/session', { name: 'tom', password, code: codes[0] })).body.reason, 'code_wrong');
  assert.equal((await third.post('/session/totp/off', { password: 'not this one' })).status, 403);
  assert.equal((await third.post('/session/totp/off', { password })).status, 200);
  assert.equal((await new Visitor(contract).post('/session', { name: 'tom', password })).status, 200);
});

test('roles hold: who may do less is refused, a token of kefud.yaml is an agent', async () => {
  const limits = [
    ['GET', '/catalog', 'operator'], ['POST', '/catalog/publish', 'operator'], ['POST', '/classify', 'operator'], ['GET', '/dead-letters', 'operator'],
    ['GET', '/reports', 'owner'], ['GET', '/reports/overview', 'owner'], ['GET', '/audit', 'owner'], ['GET', '/people', 'admin'], ['POST', '/people', 'admin'], ['POST', '/people/reset', 'admin'],
  ];
  const people = { agent: mei, operator, owner, admin };
  const ranks = Object.keys(people);
  for (const [method, path, least] of limits)
    for (const role of ranks) {
      const { status } = await people[role].call(method, path, method === 'POST' ? {} : undefined);
      assert.equal(status === 403, ranks.indexOf(role) < ranks.indexOf(least), `${role} ${method} ${path}: ${status}`);
    }
  const machine = new Visitor(contract);
  const headers = { authorization: `Bearer ${agentToken}` };
  assert.equal((await machine.call('GET', '/queues', undefined, { headers })).status, 200);
  assert.equal((await machine.call('POST', '/catalog/publish', {}, { headers })).status, 403);
  assert.equal((await machine.call('POST', '/session/totp', {}, { headers })).status, 403);
  assert.equal((await machine.call('GET', '/queues', undefined, { headers: { authorization: 'Bearer wrong' } })).status, 401);
});

test('the last admin stays one, and who is disabled is out at once', async () => {
  assert.equal((await admin.post('/people/change', { name: 'ada', role: 'agent' })).status, 409);
  assert.equal((await admin.post('/people/change', { name: 'ada', disabled: true })).status, 409);
  const zoe = await invited(admin, 'zoe', 'agent', password);
  const live = await Live.open(zoe);
  await live.frame(({ type }) => type === 'hello');
  assert.equal((await admin.post('/people/change', { name: 'zoe', disabled: true })).body.disabled, true);
  assert.equal(await live.closed, 4401);
  assert.equal((await zoe.get('/queues')).status, 401);
  assert.equal((await zoe.post('/session', { name: 'zoe', password })).body.reason, 'wrong');
});

test('the command line lets somebody in who lost the way', async () => {
  const added = daemon.command('user', 'add', 'kim', '--role', 'owner');
  assert.equal(added.status, 0, added.stderr);
  const kim = new Visitor(contract);
  assert.equal((await kim.post('/session/setup', { token: added.stdout.match(/#setup=(\S+)/)[1], password })).body.role, 'owner');
  const reset = daemon.command('user', 'reset', 'kim');
  assert.equal(reset.status, 0, reset.stderr);
  assert.equal((await kim.get('/queues')).status, 401);
  assert.match(daemon.command('user', 'list').stdout, /^kim +owner/m);
  assert.equal(daemon.command('user', 'disable', 'ada').status, 1, 'the last admin');
});

test('an escalation reaches an open page within half a second, and what was missed is made good', async () => {
  const live = await Live.open(mei);
  const hello = await live.frame(({ type }) => type === 'hello');
  const user = userId();
  const from = performance.now();
  await daemon.say('我要去消基會投訴你們', { user, event: ulid() });
  const change = await live.frame((frame) => frame.type === 'changes' && frame.changes.some((one) => one.conversation === conversationOf(user) && one.owner === 'waiting'));
  assert.ok(change.at - from < 500, `${change.at - from} ms`);
  live.close();
  const second = userId();
  await daemon.say('我要找真人客服', { user: second, event: ulid() });
  const later = await Live.open(mei, { query: `?epoch=${hello.epoch}&after=${change.seq}` });
  await later.frame((frame) => frame.type === 'changes' && frame.changes.some((one) => one.conversation === conversationOf(second)));
  const lost = await Live.open(mei, { query: '?epoch=another&after=7' });
  await lost.frame(({ type }) => type === 'reset');
  lost.close();
  later.close();
});

test('another site cannot open the connection with the cookie', async () => {
  for (const origin of ['https://evil.example', 'null', '']) {
    const live = await Live.open(mei, { origin });
    assert.equal(await live.refused, 403);
  }
  const nobody = await Live.open({ cookie: '' });
  assert.equal(await nobody.refused, 401);
});

test('who looks at a conversation and who types is seen by the others', async () => {
  const conversation = conversationOf(userId());
  const first = await Live.open(mei);
  const second = await Live.open(operator);
  await Promise.all([first, second].map((live) => live.frame(({ type }) => type === 'hello')));
  first.say({ type: 'look', conversation });
  await first.frame(({ type }) => type === 'people');
  second.say({ type: 'look', conversation });
  const seen = await first.frame((frame) => frame.type === 'people' && frame.looking.length === 1);
  assert.deepEqual([seen.looking, seen.typing], [['olga'], []]);
  second.say({ type: 'typing', conversation });
  await first.frame((frame) => frame.type === 'people' && frame.typing.includes('olga'));
  second.close();
  first.frames = [];
  await first.frame((frame) => frame.type === 'people' && frame.looking.length === 0);
  first.close();
});

test('the inbox: queues page by page, a summary in facts, words that matched, texts to choose from, search', async () => {
  const users = [];
  for (let i = 0; i < 5; ++i) {
    users.push(userId());
    await daemon.say(i === 0 ? '你們是詐騙集團，爛店，我的包裹在哪裡' : `我要找真人客服 ${i}`, { user: users[i], event: ulid() });
  }
  await platform.until((calls) => users.every((user) => calls.some((call) => call.call === 'notify' && call.body.data.conversation === conversationOf(user))), 'notices');
  const all = (await mei.get('/conversations?queue=waiting&limit=1000')).body.conversations;
  assert.deepEqual(all, [...all].sort((a, b) => b.anger - a.anger || (a.answer_by ?? '9').localeCompare(b.answer_by ?? '9')));
  const paged = [];
  for (let after = ''; after !== null; ) {
    const { body } = await mei.get(`/conversations?queue=waiting&limit=2${after && `&after=${after}`}`);
    paged.push(...body.conversations);
    after = body.next;
  }
  assert.deepEqual(paged.map((one) => one.conversation), all.map((one) => one.conversation));
  assert.equal((await mei.get('/conversations?queue=waiting&after=rubbish')).status, 400);
  assert.equal((await mei.get('/queues')).body.waiting, all.length);

  const id = conversationOf(users[0]);
  const { body: shown } = await mei.get(`/conversation?id=${id}`);
  assert.ok(shown.summary.anger.level > 0.6);
  assert.ok(shown.summary.wants.includes('tracking'));
  const line = shown.history.find((one) => one.who === 'customer');
  const words = line.marks.map((mark) => line.text.slice(mark.start_utf16, mark.end_utf16));
  assert.ok(words.some((word) => word.includes('詐騙')), words.join());
  for (const mark of line.marks)
    assert.equal(line.text.slice(mark.start_utf16, mark.end_utf16), Buffer.from(line.text).subarray(mark.start, mark.end).toString());

  await mei.post('/claim', { conversation: id });
  assert.equal((await mei.get('/queues')).body.mine, 1);
  assert.equal((await mei.get('/conversations?queue=mine')).body.conversations[0].conversation, id);
  const { suggestions } = (await mei.get(`/suggestions?conversation=${id}&limit=200`)).body;
  assert.ok(suggestions.length > 5);
  assert.ok(suggestions.every((one) => one.locale === 'zh-Hant' && !/[{}]/.test(one.text)));
  const promise = '加我的 LINE，我私下賣您';
  const { finding } = (await mei.post('/guard', { text: promise })).body;
  assert.equal(finding.rule, 'off_platform');
  assert.equal((await mei.post('/guard', { text: '您好' })).body.finding, null);
  const refused = await mei.post('/reply', { conversation: id, text: promise });
  assert.deepEqual([refused.status, refused.body.rule], [409, 'off_platform']);
  await mei.post('/note', { conversation: id, text: 'prefers mornings' });
  assert.ok((await mei.get('/search?q=PREFERS')).body.found.some((hit) => hit.item.conversation === id && hit.line.who === 'note'));
  assert.ok((await mei.get(`/search?q=${users[0].slice(0, 20)}`)).body.found.some((hit) => hit.item.conversation === id));
  assert.equal((await mei.get('/search?q=%25%25%25')).body.found.length, 0);
  for (const file of ['../kefud.sqlite3', 'ab/../../kefud.sqlite3', 'uploads/x', `ab/${'0'.repeat(32)}.jpg`])
    assert.equal((await mei.get(`/media?file=${encodeURIComponent(file)}`)).status, 404);
  await mei.post('/hand-back', { conversation: id });
});

test('the desk: a draft with an error is refused with its place; a good one is what the next customer gets; and back', async () => {
  const { body: catalog } = await operator.get('/catalog');
  const path = 'replies/zh-Hant.yaml';
  const { body: file } = await operator.get(`/catalog/file?path=${path}`);
  const { body: all } = await operator.get('/catalog/templates');
  const greeting = all.templates.find((one) => one.id === 'greeting').locales['zh-Hant'];
  const source = greeting[0].source;
  const broken = file.text.replace(source, source + '{nonsense');
  assert.notEqual(broken, file.text);
  const checked = (await operator.post('/catalog/check', { changes: [{ path, text: broken }] })).body;
  assert.equal(checked.ok, false);
  assert.deepEqual([checked.errors[0].file, checked.errors[0].line > 0, checked.errors[0].column > 0], [path, true, true]);
  const refused = await operator.post('/catalog/publish', { changes: [{ path, text: broken }], why: 'a slip', base: catalog.version });
  assert.deepEqual([refused.status, refused.body.errors[0].text], [422, checked.errors[0].text]);
  assert.equal((await operator.get('/catalog')).body.version, catalog.version);

  let text = file.text;
  for (const { source: one } of greeting) text = text.replace(one, `${one} ✿`);
  const changes = [{ path, text }];
  const preview = await operator.post('/catalog/preview', { changes, template: 'greeting', locale: 'zh-Hant' });
  assert.equal(preview.status, 200, JSON.stringify(preview.body));
  assert.match(preview.body.messages[0].text, /✿/);
  const tests = (await operator.post('/catalog/test', { changes })).body;
  assert.ok(tests.passed > 300, JSON.stringify(tests).slice(0, 1000));
  const diff = (await operator.post('/catalog/check', { changes })).body.diff;
  assert.deepEqual(diff.map((one) => one.path), [path]);
  assert.equal(diff[0].lines.filter((line) => line.kind === 'added').length, greeting.length);

  const published = await operator.post('/catalog/publish', { changes, why: 'flowers', base: catalog.version });
  assert.equal(published.status, 200, JSON.stringify(published.body).slice(0, 1000));
  assert.deepEqual([published.body.by, published.body.why, published.body.files], ['olga', 'flowers', [path]]);
  assert.equal((await operator.post('/catalog/publish', { changes, why: 'too late', base: catalog.version })).body.reason, 'stale');
  const user = userId();
  const event = ulid();
  await daemon.say('你好', { user, event });
  const mine = (calls) => calls.filter((call) => call.to === user || call.replyToken === `reply-${event}`);
  await platform.until((calls) => texts(mine(calls)).some((one) => one.includes('✿')), 'the new greeting');

  const { versions } = (await operator.get('/catalog/history')).body;
  assert.deepEqual(versions.map((one) => one.by), ['olga', 'file']);
  assert.equal((await operator.get(`/catalog/version?number=${versions[0].number}`)).body.diff[0].path, path);
  const back = await operator.post('/catalog/rollback', { number: versions[1].number, why: 'enough flowers' });
  assert.equal(back.status, 200, JSON.stringify(back.body).slice(0, 1000));
  assert.equal((await operator.get('/catalog')).body.version, catalog.version);
  for (const bad of ['../kefud.yaml', 'replies/../x.yaml', '/etc/passwd', 'replies/.hidden.yaml', 'state.db'])
    assert.equal((await operator.post('/catalog/publish', { changes: [{ path: bad, text: 'x' }], why: 'evil' })).status, 400, bad);
  const audit = (await owner.get('/audit?action=catalog_published')).body.lines;
  assert.equal(audit.length, 2);
});

test('what is published is there after a restart, without a line in kefud.yaml', async () => {
  const folder = daemon.folder;
  const { body: before_ } = await operator.get('/catalog');
  assert.equal(before_.folder, `${folder}/catalog`);
  await daemon.process.stop();
  await daemon.launch();
  contract.url = daemon.url;
  const { body: after_ } = await operator.get('/catalog');
  assert.equal(after_.version, before_.version, 'and whoever was signed in still is');
});

test('a message is explained, and what was read wrongly becomes an example', async () => {
  const { body } = await operator.post('/classify', { text: '我要去消基會投訴你們' });
  assert.ok(body.labels.includes('anger'));
  assert.ok(body.rules.some((rule) => body.text.slice(rule.start_utf16, rule.end_utf16).includes('消基會')));
  const taught = await operator.post('/classify/wrong', { text: 'where my stuff at', language: 'en', labels: ['tracking'] });
  assert.deepEqual(taught.body.files, ['intents/examples/console.jsonl']);
  const { body: file } = await operator.get('/catalog/file?path=intents/examples/console.jsonl');
  assert.deepEqual(JSON.parse(file.text.trim()), { text: 'where my stuff at', labels: ['tracking'], lang: 'en' });
  assert.equal((await operator.post('/classify/wrong', { text: 'x', language: 'en', labels: ['joy'] })).status, 400);
});

test('the mirror: tables, CSV and a workbook with the right numbers', async () => {
  const { body: list } = await owner.get('/reports');
  assert.deepEqual(list.reports.map(({ name }) => name), ['overview', 'messages', 'intents', 'answers', 'waiting', 'handovers', 'concessions', 'templates']);
  const report = async (name) => {
    const { body } = await owner.get(`/reports/${name}`);
    return body.rows.map((row) => Object.fromEntries(row.map((cell, i) => [body.columns[i].name, cell])));
  };
  const [overview] = await report('overview');
  assert.ok(overview.messages >= 8 && overview.handovers >= 7, JSON.stringify(overview));
  const handovers = await report('handovers');
  assert.equal(handovers.reduce((sum, row) => sum + row.handovers, 0), overview.handovers);
  assert.equal((await report('messages')).reduce((sum, row) => sum + row.messages, 0), overview.messages);
  assert.ok((await report('templates')).some((row) => row.template === 'greeting' && row.said >= 1));
  const csv = (await owner.get('/reports/handovers?format=csv')).body.toString();
  assert.match(csv, /^\ufeffreason,tier,handovers,urgent\r\n/);
  const sheet = await owner.get('/reports/all?format=xlsx');
  assert.equal(sheet.body.subarray(0, 2).toString(), 'PK');
  assert.match(sheet.headers.get('content-disposition'), /attachment; filename="kefud-all\.xlsx"/);
  for (const bad of ['overview?from=yesterday', 'overview?by=year', 'overview?format=pdf', 'all', 'overview?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'])
    assert.equal((await owner.get(`/reports/${bad}`)).status, 400, bad);
  assert.equal((await owner.get('/reports/nothing')).status, 404);
});

test('what was given up can be tried again', async () => {
  const user = userId();
  await platform.fault({ status: 400, times: 10 });
  await daemon.say('你好', { user, event: ulid() });
  let letter;
  const end = Date.now() + 20_000;
  while (!letter && Date.now() < end) letter = (await operator.get('/dead-letters')).body.letters.find((one) => one.conversation === conversationOf(user));
  assert.equal(letter?.state, 'refused');
  assert.ok(letter.text.length > 0);
  await platform.fault({ times: 0 });
  assert.equal((await operator.post('/dead-letters/drop', { number: letter.number })).status, 200);
  assert.equal((await operator.post('/dead-letters/repeat', { number: letter.number })).status, 404);
});

test('the emergency stop is told to every page', async () => {
  const live = await Live.open(mei);
  await live.frame(({ type }) => type === 'hello');
  await admin.post('/pause', {});
  const told = await live.frame((frame) => frame.type === 'paused' && frame.paused.length === 1);
  assert.equal(told.paused[0].by, 'ada');
  await admin.post('/resume', {});
  await live.frame((frame) => frame.type === 'paused' && frame.paused.length === 0);
  live.close();
});

test('the rest of the document answers as it says', async () => {
  for (const path of ['/agents', '/status', '/channels', '/conversations?owner=waiting', '/conversations', '/audit?limit=1']) assert.equal((await owner.get(path)).status, 200, path);
  assert.equal((await mei.post('/presence', { state: 'online' })).status, 200);
  assert.equal((await mei.post('/presence', { state: 'away' })).status, 200);
  assert.equal((await mei.post('/session/password', { old: 'password of mei', new: 'another password' })).status, 200);
  const page = await fetch(`${daemon.url}/console/`);
  if (page.status === 200) {
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
    assert.equal(page.headers.get('cache-control'), 'no-cache');
  }
});
