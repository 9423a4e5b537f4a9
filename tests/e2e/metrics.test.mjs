// SPDX-License-Identifier: Apache-2.0
// What Prometheus reads, the alerts and the dashboard made for it, and who may read it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, Loopback, kefud, pause, root, userId } from './support/kefud.mjs';

const token = 'token-of-prometheus';
const names = new Set([...kefud(['schema', 'metrics']).stdout.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name));
const needsPromtool = spawnSync('promtool', ['--version']).error ? { skip: 'promtool is not installed (package prometheus)' } : {};
const scrape = (url, headers = {}) => fetch(`${url}/metrics`, { headers });

/** 'name{label="value"}' → number */
const read = (text) => Object.fromEntries(text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
  const space = line.lastIndexOf(' ');
  return [line.slice(0, space), Number(line.slice(space + 1))];
}));

async function shop(settings, use) {
  const platform = await Loopback.start();
  const daemon = await Daemon.start({ platform, settings });
  try {
    await use(daemon, platform);
  } finally {
    await daemon.stop();
    await platform.stop();
  }
}
const onMain = { metrics: { serve: 'main', token } };
const bearer = { authorization: `Bearer ${token}` };

/** Counting follows the answer: asks until it is there. */
async function until(daemon, name, value) {
  for (let tries = 0; tries < 400; ++tries) {
    const values = read(await (await scrape(daemon.url, bearer)).text());
    if (values[name] === value) return values;
    await pause(25);
  }
  return assert.fail(`${name} never became ${value}`);
}

test('a message is counted on its way from the webhook to the answer', () => shop(onMain, async (daemon, platform) => {
  assert.equal((await daemon.say('我的包裹在哪裡？')).status, 200);
  await platform.until((calls) => calls.some((call) => call.replyToken), 'an answer');
  const values = await until(daemon, 'kefud_sends_total{outcome="delivered"}', 1);
  assert.equal(values['kefud_messages_total{channel="line-test"}'], 1);
  assert.equal(values['kefud_message_labels_total{label="tracking"}'], 1);
  assert.equal(values['kefud_decisions_total{channel="line-test",outcome="answered"}'], 1);
  assert.equal(values['kefud_webhook_stored_seconds_count'], 1);
  assert.equal(values['kefud_answer_seconds_count{channel="line-test"}'], 1);
  assert.ok(values['kefud_answer_seconds_sum{channel="line-test"}'] < 10);
  assert.ok(values['kefud_store_commit_seconds_count'] >= 1);
  assert.equal(values['kefud_outbox_items{state="dead"}'], 0);
  assert.equal(values['kefud_channel_state{channel="line-test"}'], 0);
  assert.equal(values['kefud_deadlines_missed_total{channel="line-test"}'], 0, 'what has not happened yet is there to be compared with');
}));

test('a hand-over is counted by its reason, a reload by how it ended, a wrong signature as refused', () => shop(onMain, async (daemon) => {
  await daemon.say('我要去消基會投訴你們', { user: userId() });
  await daemon.postLine('{"destination":"x","events":[]}', { signature: 'nonsense' });
  daemon.settings.shop.locale = 'nonsense!';
  daemon.write();
  await daemon.reload();
  const values = await until(daemon, 'kefud_reloads_total{result="refused"}', 1);
  assert.equal(Object.entries(values).find(([name]) => /^kefud_escalations_total\{.*reason="threat_agency"/.test(name))?.[1], 1);
  assert.equal(values.kefud_escalations_open, 1);
  assert.equal(values.kefud_webhook_requests_refused_total, 1);
}));

test('who has no token reads nothing, and no customer is named', () => shop(onMain, async (daemon) => {
  const user = userId();
  await daemon.say('refund please', { user });
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: token }]) assert.equal((await scrape(daemon.url, headers)).status, 401);
  const text = await (await scrape(daemon.url, bearer)).text();
  assert.ok(!text.includes(user) && !text.includes(token));
}));

test('it is off until somebody asks for it, and has a port of its own if they like', async () => {
  await shop({}, async (daemon) => assert.equal((await scrape(daemon.url)).status, 404));
  await shop({ metrics: { serve: 'own', port: 0 } }, async (daemon) => {
    const [, port] = await daemon.process.line(/metrics .*port=(\d+)/);
    assert.equal((await scrape(daemon.url)).status, 404);
    const response = await scrape(`http://127.0.0.1:${port}`);
    assert.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
    assert.match(await response.text(), /^kefud_build_info\{version="/m);
  });
});

test('Prometheus is content with what it reads', needsPromtool, () => shop(onMain, async (daemon) => {
  await daemon.say('Kde je sakra moje objednávka???');
  const text = await (await scrape(daemon.url, bearer)).text();
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.deepEqual([checked.status, checked.stdout + checked.stderr], [0, '']);
}));

test('alerts and dashboard ask for metrics that there are', () => {
  assert.ok(names.size > 30);
  for (const file of ['alerts.yaml', 'dashboard.json']) {
    const text = readFileSync(join(root, 'config/monitoring', file), 'utf8').replace(/^\s*- name: .*$/gm, '');
    const asked = [...text.matchAll(/\b(?:kefud|process)_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
    assert.ok(asked.length > 10, file);
    for (const name of asked) assert.ok(names.has(name), `${file}: ${name}`);
  }
});
