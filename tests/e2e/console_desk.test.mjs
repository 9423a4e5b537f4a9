// SPDX-License-Identifier: Apache-2.0
// Operators, owners and admins in a real browser: a text from its draft to the customer and back, reports as files, the emergency stop, and what each role may not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { customer, enter, giveCatalog, refused, shareBrowser, startShop, toast, until, violations } from './support/console_browser.mjs';
import { root } from './support/kefud.mjs';
import { needsChromium } from './support/web_chat.mjs';

const options = { ...needsChromium, timeout: 240_000 };
const shared = shareBrowser();

/** A shop with a catalog folder of its own, as an operator's. */
async function startWithCatalog(t) {
  const daemon = await startShop(t, shared);
  giveCatalog(daemon);
  daemon.write();
  await daemon.kill();
  await daemon.launch();
  return daemon;
}

const english = (page) => page.locator('.locale', { hasText: '(en)' });
const greeting = 'Hi there! Tell us what you need, we read everything.';

test('an operator makes a mistake, mends it, publishes, and goes back', options, async (t) => {
  const daemon = await startWithCatalog(t);
  const operator = await enter(t, shared.browser, daemon, 'ola', 'operator', { expected: refused });
  await operator.getByRole('link', { name: 'Desk' }).click();
  await operator.getByLabel('Search').fill('greeting');
  await operator.locator('.names a', { hasText: /^greeting/ }).click();
  await english(operator).getByLabel('Variant 1').waitFor();
  await english(operator).locator('.preview .line').first().waitFor();
  assert.equal(await operator.locator('.locale').count(), 4, 'the locales side by side');
  assert.deepEqual(await violations(operator), []);

  // A placeholder that does not exist: refused, with its place.
  for (const nr of [1, 2, 3]) {
    const field = english(operator).getByLabel(`Variant ${nr}`, { exact: true });
    if (await field.count()) await field.fill(nr === 1 ? 'Hello {nobody}' : greeting);
  }
  await operator.locator('.preview .places').first().waitFor();
  assert.deepEqual(await violations(operator), []);
  await operator.getByRole('link', { name: 'Publish' }).click();
  const place = operator.locator('.places button').first();
  await place.waitFor();
  const [, line] = (await place.innerText()).match(/^replies\/en\.yaml:(\d+):\d+$/) ?? assert.fail(await place.innerText());
  assert.match(readFileSync(join(daemon.folder, 'catalog/replies/en.yaml'), 'utf8').split('\n').slice(0, Number(line)).join('\n'), /greeting:\n(.*\n)*.*$/);
  assert.equal(await operator.getByRole('button', { name: 'Publish' }).isDisabled(), true);
  assert.deepEqual(await violations(operator), []);
  await place.click();
  await operator.locator('.cm-content').waitFor();
  await operator.locator('.cm-lint-marker-error').first().waitFor();
  assert.deepEqual(await violations(operator), []);
  await operator.getByRole('link', { name: 'Texts' }).click();
  await operator.getByLabel('Search').fill('greeting');
  await operator.locator('.names a', { hasText: /^greeting/ }).click();
  await english(operator).getByLabel('Variant 1').fill(greeting);
  await english(operator).locator('.preview .line', { hasText: greeting }).first().waitFor();

  // The draft survives a reload; its difference is shown; then it is what customers get.
  await operator.reload();
  await operator.getByRole('link', { name: 'Publish' }).click();
  await operator.locator('.diff .added', { hasText: greeting }).first().waitFor();
  await operator.getByRole('button', { name: 'Run the conversation tests' }).click();
  await operator.getByText(/conversation tests? (pass|fail)/).waitFor({ timeout: 120_000 });
  assert.deepEqual(await violations(operator), []);
  const despite = operator.getByLabel('Publish although tests fail');
  if (await despite.count()) await despite.check();
  await operator.getByLabel('Why?').fill('friendlier');
  await operator.getByRole('button', { name: 'Publish' }).click();
  await toast(operator, 'Version 2 is published');
  const shopper = await customer(t, shared.browser, daemon);
  await shopper.say('Hello');
  await shopper.locator('.line.assistant', { hasText: greeting }).waitFor();

  await operator.getByRole('link', { name: 'History' }).click();
  await operator.locator('.diff').first().waitFor();
  await operator.getByText('friendlier').waitFor();
  assert.deepEqual(await violations(operator), []);
  await operator.locator('.names a').nth(1).click();
  await operator.getByRole('button', { name: /^Back to version/ }).click();
  await operator.getByLabel('Why?').fill('the old one was better');
  await operator.getByRole('button', { name: 'Go back' }).click();
  await toast(operator, 'Version 3 is published');
  const later = await customer(t, shared.browser, daemon);
  await later.say('Hello');
  await later.locator('.line.assistant').first().waitFor();
  assert.equal(await later.locator('.line.assistant', { hasText: greeting }).count(), 0);
  assert.equal(readFileSync(join(daemon.folder, 'catalog/replies/en.yaml'), 'utf8'), readFileSync(join(root, 'replies/packs/en.yaml'), 'utf8'));
});

test('a typed message is explained, with the rules that lost', options, async (t) => {
  const daemon = await startWithCatalog(t);
  const operator = await enter(t, shared.browser, daemon, 'ola', 'operator', { expected: refused, colorScheme: 'dark' });
  await operator.goto(`${daemon.url}/console/#/desk/message`);
  await operator.getByLabel('A message as a customer writes it').fill('Where is my parcel? Order 20261121-8842. I want my money back!');
  await operator.getByRole('button', { name: 'Explain' }).click();
  await operator.locator('.said mark').first().waitFor();
  await operator.getByRole('heading', { name: 'Rules that fired' }).waitFor();
  assert.match(await operator.locator('table.data').first().innerText(), /refund/);
  assert.deepEqual(await violations(operator), []);
  await operator.getByText('This was wrong').click();
  await operator.getByLabel('a person').check();
  assert.deepEqual(await violations(operator), []);
  await operator.getByRole('button', { name: 'Teach it' }).click();
  await toast(operator, 'The example is in version');
});

test('the owner sees the numbers and takes them along as XLSX and CSV', options, async (t) => {
  const daemon = await startShop(t, shared);
  for (let i = 0; i < 3; ++i) {
    const shopper = await customer(t, shared.browser, daemon);
    await shopper.say(i ? 'Hello' : 'I want to talk to a person');
    await shopper.locator('.line.assistant').first().waitFor();
  }
  const owner = await enter(t, shared.browser, daemon, 'olga', 'owner', { expected: refused });
  await owner.getByRole('link', { name: 'Mirror' }).click();
  await owner.locator('table.data').first().waitFor();
  await until(async () => (await owner.locator('.report [role=status]').count()) === 0, 'all reports');
  assert.equal(await owner.locator('.report .problem').count(), 0);
  assert.deepEqual(await violations(owner), []);
  await owner.emulateMedia({ colorScheme: 'dark' });
  assert.deepEqual(await violations(owner), []);
  const [xlsx] = await Promise.all([owner.waitForEvent('download'), owner.getByRole('link', { name: 'Everything as XLSX' }).click()]);
  const bytes = readFileSync(await xlsx.path());
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  assert.ok(bytes.includes('xl/workbook.xml'));
  const [csv] = await Promise.all([owner.waitForEvent('download'), owner.getByRole('link', { name: 'CSV Messages' }).click()]);
  assert.match(readFileSync(await csv.path(), 'utf8'), /\n.*3/);
});

test('the emergency stop asks twice and is shown to everybody', options, async (t) => {
  const daemon = await startShop(t, shared);
  const admin = await enter(t, shared.browser, daemon, 'boss', 'admin', { expected: refused });
  const agent = await enter(t, shared.browser, daemon, 'mei', 'agent', { expected: refused });
  await admin.getByRole('link', { name: 'Admin' }).click();
  await admin.getByRole('button', { name: 'Emergency stop' }).click();
  assert.deepEqual(await violations(admin), []);
  await admin.getByRole('button', { name: 'Yes, stop' }).click();
  assert.deepEqual((await daemon.api('GET', '/status')).body.paused, [], 'not after the first answer');
  await admin.getByRole('button', { name: 'Stop everything now' }).click();
  await agent.getByRole('alert').getByText('EMERGENCY STOP by boss').waitFor();
  assert.deepEqual(await violations(agent), []);
  assert.deepEqual(await violations(admin), []);
  const shopper = await customer(t, shared.browser, daemon);
  await shopper.say('I want to talk to a person');
  await agent.locator('.row').first().waitFor();
  assert.equal(await shopper.locator('.line.assistant').count(), 0);
  await admin.getByRole('alert').getByRole('button', { name: 'End the stop' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'End the stop' }).click();
  await agent.locator('.stopped').waitFor({ state: 'hidden' });
  await shopper.locator('.line.assistant').first().waitFor();
});

test('an admin invites somebody, changes their role and reads it in the audit; axe finds nothing', options, async (t) => {
  const daemon = await startShop(t, shared);
  const admin = await enter(t, shared.browser, daemon, 'boss', 'admin', { expected: refused, colorScheme: 'dark' });
  await admin.getByRole('link', { name: 'Admin' }).click();
  await admin.locator('table.data').first().waitFor();
  assert.deepEqual(await violations(admin), []);
  await admin.getByRole('link', { name: 'People' }).click();
  await admin.getByLabel('Name').fill('nina');
  await admin.getByRole('button', { name: 'Invite' }).click();
  await admin.locator('dialog code', { hasText: '#setup=' }).waitFor();
  assert.deepEqual(await violations(admin), []);
  await admin.keyboard.press('Escape');
  await admin.getByLabel('Role: nina').selectOption('operator');
  await until(async () => (await admin.getByLabel('Role: nina').inputValue()) === 'operator', 'the role');
  assert.deepEqual(await violations(admin), []);
  await admin.getByRole('link', { name: 'Given up' }).click();
  await admin.getByText('Nothing was given up.').waitFor();
  assert.deepEqual(await violations(admin), []);
  await admin.getByRole('link', { name: 'Audit' }).click();
  await admin.locator('table.data', { hasText: 'nina' }).waitFor();
  assert.deepEqual(await violations(admin), []);
});

test('axe finds nothing in any view, light and dark, wide and on a phone, where nothing scrolls sideways', options, async (t) => {
  const daemon = await startWithCatalog(t);
  const admin = await enter(t, shared.browser, daemon, 'boss', 'admin', { expected: refused });
  const shopper = await customer(t, shared.browser, daemon);
  await shopper.say('I want to talk to a person');
  const views = [
    ['inbox/waiting', '.row'], ['desk/texts/greeting', '.preview .line'], ['desk/files/policy.yaml', '.cm-content'], ['desk/publish', 'h1'], ['desk/history', '.columns'], ['desk/message', 'textarea'], ['mirror', '.figures'],
    ['admin/running', 'table.data'], ['admin/letters', '.fine'], ['admin/people', 'table.data'], ['admin/audit', 'table.data'],
  ];
  for (const [view, ready] of views) {
    await admin.setViewportSize({ width: 1360, height: 850 });
    await admin.goto(`${daemon.url}/console/#/${view}`);
    await admin.locator(ready).first().waitFor();
    for (const [colorScheme, width] of [['light', 1360], ['dark', 1360], ['dark', 360]]) {
      await admin.emulateMedia({ colorScheme });
      await admin.setViewportSize({ width, height: 850 });
      assert.deepEqual(await violations(admin), [], `${view}, ${colorScheme}, ${width}`);
      assert.ok(await admin.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${view} at ${width}`);
    }
  }
});

test('what the platform refused is repeated by hand', options, async (t) => {
  const daemon = await startShop(t, shared);
  const operator = await enter(t, shared.browser, daemon, 'ola', 'operator', { expected: refused });
  await shared.platform.fault({ status: 400, times: 10 });
  t.after(() => shared.platform.fault({ times: 0 }));
  await daemon.say('Where is my parcel?');
  await until(async () => (await daemon.api('GET', '/status')).body.store.outbox_dead > 0, 'the answer is given up');
  await operator.goto(`${daemon.url}/console/#/admin/letters`);
  await operator.getByRole('button', { name: 'Repeat' }).first().waitFor();
  assert.deepEqual(await violations(operator), []);
  await shared.platform.fault({ times: 0 });
  const count = await operator.getByRole('button', { name: 'Repeat' }).count();
  await operator.getByRole('button', { name: 'Repeat' }).first().click();
  await operator.getByRole('dialog').getByRole('button', { name: 'Repeat' }).click();
  await until(async () => (await operator.getByRole('button', { name: 'Repeat' }).count()) === count - 1, 'one less');
});

test('an agent can neither see nor use what operators, owners and admins have', options, async (t) => {
  const daemon = await startShop(t, shared);
  const agent = await enter(t, shared.browser, daemon, 'mei', 'agent', { expected: refused });
  for (const name of ['Desk', 'Mirror', 'Admin']) assert.equal(await agent.getByRole('link', { name, exact: true }).count(), 0, name);
  await agent.goto(`${daemon.url}/console/#/desk/publish`);
  await agent.locator('.queue').waitFor();
  const { csrf } = await agent.evaluate(() => fetch('/api/v1/session').then((answer) => answer.json()));
  for (const [method, path, body] of [['POST', '/catalog/publish', { changes: [], why: 'x' }], ['GET', '/catalog'], ['GET', '/reports/overview'], ['GET', '/people'], ['GET', '/audit'], ['POST', '/people', { name: 'x', role: 'admin' }]]) {
    const status = await agent.evaluate(([how, where, what, token]) => fetch(`/api/v1${where}`, { method: how, headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': token }, ...(what ? { body: JSON.stringify(what) } : {}) }).then((answer) => answer.status), [method, path, body, csrf]);
    assert.equal(status, 403, `${method} ${path}`);
  }
});
