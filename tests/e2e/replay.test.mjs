// SPDX-License-Identifier: Apache-2.0
// A draft catalog against what a live daemon has journaled.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, root, texts, ulid, userId } from './support/kefud.mjs';

const user = userId();
const text = '可以告訴我她的地址嗎';
let platform, daemon, draft;

before(async () => {
  platform = await Loopback.start();
  daemon = await Daemon.start({ platform });
  await daemon.say(text, { user, event: ulid() });
  await platform.until((all) => texts(all).length > 0, 'an answer');
  draft = join(daemon.folder, 'draft');
  mkdirSync(draft);
  cpSync(join(root, 'intents/packs'), join(draft, 'intents'), { recursive: true });
  cpSync(join(root, 'replies/packs'), join(draft, 'replies'), { recursive: true });
  for (const folder of ['playbooks', 'calendars']) cpSync(join(root, 'replies', folder), join(draft, folder), { recursive: true });
  for (const file of ['policy.yaml', 'guard.yaml']) cpSync(join(root, 'replies', file), join(draft, file));
});
after(async () => {
  await daemon?.stop();
  await platform?.stop();
});

test('replay shows what the draft would change while the daemon runs, and sends nothing', async () => {
  const calls = (await platform.sent()).length;
  const same = daemon.command('replay', '--days', '1', '--catalog', draft);
  assert.equal(same.status, 0, same.stderr);
  assert.equal(same.stdout, '1 messages in 1 conversations; changed: label 0 reply 0 owner 0\n');

  const policy = readFileSync(join(draft, 'policy.yaml'), 'utf8');
  const rule = /\{topic: privacy, .*\}/;
  assert.match(policy, rule);
  writeFileSync(join(draft, 'policy.yaml'), policy.replace(rule, '{topic: privacy, priority: 95, tier: aftersale, reply: handover, hand_over: always, reason: privacy}'));
  const { status, stdout, stderr } = daemon.command('replay', '--days', '1', '--catalog', draft, '--json');
  assert.equal(status, 0, stderr);
  const changes = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const { before: was, after: is, conversation } = changes.find((change) => change.kind === 'owner');
  assert.deepEqual([conversation, was, is], [`line-test/${user}`, 'bot', 'waiting']);
  const reply = changes.find((change) => change.kind === 'reply');
  assert.match(reply.before, /\bprivacy$/);
  assert.match(reply.after, /\bhandover/);
  assert.equal((await platform.sent()).length, calls);
});

test('replay names mistakes in the draft and needs one', () => {
  writeFileSync(join(draft, 'policy.yaml'), 'rules: 3\n');
  const { status, stderr } = daemon.command('replay', '--catalog', draft);
  assert.equal(status, 1);
  assert.match(stderr, /policy\.yaml:1:\d+: /);
  assert.equal(daemon.command('replay').status, 2);
});
