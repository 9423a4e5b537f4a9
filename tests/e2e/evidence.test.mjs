// SPDX-License-Identifier: Apache-2.0
// The dossier of a customer who extorts: written while the daemon runs, verified without it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, kefud, sign, ulid, userId } from './support/kefud.mjs';

const user = userId();
const conversation = `line-test/${user}`;
const demand = '給我退八折,不然一星評論等著';
let platform, daemon, folder, hash;

before(async () => {
  platform = await Loopback.start();
  daemon = await Daemon.start({ platform });
  await daemon.say('請問有<b>優惠</b>嗎', { user, event: ulid() });
  await daemon.say(demand, { user, event: ulid() });
  await platform.until((all) => all.some((call) => call.call === 'notify' && call.body.data.conversation === conversation), 'a notice');
  assert.equal((await daemon.api('POST', '/claim', { conversation })).status, 200);
  assert.equal((await daemon.api('POST', '/reply', { conversation, text: '您好，我是小美。' })).status, 200);
  await platform.until((all) => JSON.stringify(all).includes('我是小美'), "the agent's words");
  folder = join(daemon.folder, 'dossier');
});
after(async () => {
  await daemon?.stop();
  await platform?.stop();
});

const verify = (...args) => kefud(['evidence', 'verify', ...args]);
const record = () => JSON.parse(readFileSync(join(folder, 'evidence.json'), 'utf8'));
const value = (entry, field) => entry.fields[field]?.value;

test('who extorts is listed, and the daemon goes on while the dossier is written', async () => {
  await daemon.say('你好', { user: userId(), event: ulid() });
  const listed = daemon.command('evidence', '--list');
  assert.equal(listed.status, 0, listed.stderr);
  assert.match(listed.stdout, new RegExp(`^\\S+Z\\textortion\\t${conversation}\n$`));

  const written = daemon.command('evidence', conversation, '--out', folder);
  assert.equal(written.status, 0, written.stderr);
  [, hash] = written.stdout.match(/final hash: ([0-9a-f]{64})/);
  assert.equal((await daemon.say('還在嗎', { user, event: ulid() })).status, 200);
});

test('it holds the demand, the raw event, the reasons, the sends and the owners, in order', () => {
  const { entries, final } = record();
  assert.equal(final, hash);
  assert.deepEqual(entries.map((entry) => entry.number), entries.map((_, at) => at + 1));
  const heard = entries.find((entry) => value(entry, 'text') === demand);
  assert.equal(heard.kind, 'message_received');
  const [, signature, body] = value(heard, 'raw').match(/^(\S+)\n(.*)$/s);
  assert.equal(JSON.parse(body).events[0].message.text, demand);
  assert.equal(signature, sign(body), "LINE's own signature still fits");
  assert.ok(value(heard, 'decision'), 'the reasons');
  assert.equal(value(entries.find((entry) => entry.kind === 'escalation'), 'reason'), 'extortion');
  assert.ok(entries.some((entry) => entry.kind === 'owner' && value(entry, 'detail').includes('→ person')));
  const said = entries.find((entry) => entry.kind === 'send' && value(entry, 'text') === '您好，我是小美。');
  assert.equal(value(said, 'who'), 'mei');
  assert.ok(['delivered', 'in flight'].includes(value(said, 'result')));
  assert.equal(value(entries.find((entry) => entry.kind === 'state'), 'owner'), 'person');
});

test('the page can be read by people and runs nothing', () => {
  const page = readFileSync(join(folder, 'evidence.html'), 'utf8');
  assert.ok(page.includes(demand));
  assert.ok(page.includes('請問有&lt;b&gt;優惠&lt;/b&gt;嗎'));
  assert.doesNotMatch(page, /<script|javascript:|onerror=/i);
});

test('verify needs neither daemon nor settings, and names what was changed', () => {
  const whole = verify(folder, '--hash', hash);
  assert.equal(whole.status, 0, whole.stderr);
  assert.match(whole.stdout, new RegExp(`nothing was changed: \\d+ entries\nfinal hash: ${hash}\n`));
  assert.equal(verify(folder, '--hash', '0'.repeat(64)).status, 1);

  const file = join(folder, 'evidence.json');
  const json = readFileSync(file, 'utf8');
  const { number } = record().entries.find((entry) => value(entry, 'text') === demand);
  writeFileSync(file, json.replace(demand, demand.replace('八', '九')));
  const changed = verify(folder);
  assert.equal(changed.status, 1);
  assert.ok(changed.stderr.includes(`entry ${number}: 'text' was changed\n`), changed.stderr);

  const lines = json.split('\n');
  writeFileSync(file, lines.filter((_, at) => at !== 3).join('\n'));
  assert.match(verify(file).stderr, /^entry 3 is missing$/m);
  writeFileSync(file, json);

  writeFileSync(join(folder, 'evidence.html'), '<p>nothing happened</p>');
  assert.match(verify(folder).stderr, /^evidence\.html: was changed$/m);
});

test('mistakes have their exit codes', () => {
  assert.equal(daemon.command('evidence', 'line-test/nobody', '--out', join(daemon.folder, 'other')).status, 2);
  assert.equal(existsSync(join(daemon.folder, 'other')), false);
  assert.equal(daemon.command('evidence', conversation, '--out', folder).status, 2, 'nothing is overwritten');
  assert.equal(daemon.command('evidence').status, 2);
  assert.equal(verify(join(daemon.folder, 'no-such-dossier')).status, 3);
  assert.equal(kefud(['evidence', '--help']).status, 0);
  assert.equal(kefud(['evidence', 'verify', '--help']).status, 0);
});
