// SPDX-License-Identifier: Apache-2.0
// What we send, judged by LINE's official OpenAPI document (with its discriminators made strict) behind Prism.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, needsShared, sharedFolder, ulid, userId } from './support/kefud.mjs';
import { startPrism } from './support/prism.mjs';

const firstPush = { path: '/v2/bot/message/push', headers: { authorization: 'Bearer t', 'content-type': 'application/json' }, body: '{"to":"U1","messages":[{"type":"text","text":"x"}]}' };

test('every call we make to LINE is valid by its official document', { ...needsShared, timeout: 120_000 }, async () => {
  const prism = await startPrism(join(sharedFolder, 'specs/line-openapi-strict/messaging-api.strict.yml'), firstPush);
  const daemon = await Daemon.start({ platform: prism });
  const said = ['你好', '我的包裹在哪裡', 'Kde je sakra moje objednávka???', 'I want to talk to a human', '我要去消基會投訴你們', 'asdf qwer', 'Are you a robot?', '可以開發票嗎', '我要取消訂單 20261121884'];
  try {
    for (const text of said) assert.equal((await daemon.say(text, { user: userId(), event: ulid() })).status, 200);
    // A token that LINE has forgotten: the answer must go by push.
    await daemon.say('你好', { user: userId(), event: ulid(), token: '' });
    const end = Date.now() + 20_000;
    const sent = () => daemon.process.lines.filter((line) => /reply_sent/.test(line)).length;
    while (sent() < said.length + 1 && Date.now() < end) await new Promise((done) => setTimeout(done, 50));
    const refused = daemon.process.lines.filter((line) => /reply_refused|line_refused_rich_message/.test(line));
    assert.deepEqual(refused, []);
    assert.ok(sent() >= said.length + 1, `${sent()} of ${said.length + 1} sent:\n${daemon.process.lines.join('\n')}`);
    assert.equal(/Violation/.test(prism.log()), false, prism.log());
  } finally {
    await daemon.stop();
    prism.stop();
  }
});
