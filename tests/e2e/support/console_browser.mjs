// SPDX-License-Identifier: Apache-2.0
// People in front of the console: a browser, sign-in by one-time link, axe, and a page whose errors fail the test.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { chromium as playwright } from 'playwright-core';
import { Daemon, Loopback, pause, root } from './kefud.mjs';
import { chatChannel, chromium } from './web_chat.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const password = 'correct horse battery staple';

export const launch = () => (chromium ? playwright.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] }) : null);

/** The platform and the browser that all tests of a file share; both are there once the first test begins. */
export function shareBrowser() {
  const shared = {};
  before(async () => {
    if (!chromium) return;
    shared.platform = await Loopback.start();
    shared.browser = await launch();
  });
  after(async () => {
    await shared.browser?.close();
    await shared.platform?.stop();
  });
  return shared;
}

/** A catalog folder of the daemon's own, as an operator's; it is read at the next start. */
export function giveCatalog(daemon) {
  const catalog = join(daemon.folder, 'catalog');
  mkdirSync(catalog);
  cpSync(join(root, 'intents/packs'), join(catalog, 'intents'), { recursive: true });
  cpSync(join(root, 'replies/packs'), join(catalog, 'replies'), { recursive: true });
  for (const folder of ['playbooks', 'calendars', 'tests']) cpSync(join(root, 'replies', folder), join(catalog, folder), { recursive: true });
  for (const file of ['policy.yaml', 'guard.yaml']) cpSync(join(root, 'replies', file), join(catalog, file));
  daemon.settings.catalog = { path: catalog };
}

/** Tests at their end: their pages lose the daemon, which is no error. */
const over = new WeakSet();

/** A shop with a web chat that customers write in, whose port stays the same through restarts. */
export async function startShop(t, { platform, settings = {} }) {
  const daemon = await Daemon.start({ platform, settings: { shop: { name: 'Test shop', locale: 'en', time_zone: 'Asia/Taipei' }, ...settings } });
  daemon.settings.channels.push(chatChannel());
  daemon.settings.listen.port = Number(new URL(daemon.url).port);
  daemon.write();
  await daemon.kill();
  await daemon.launch();
  t.after(() => {
    over.add(t);
    return daemon.kill();
  });
  return daemon;
}

/** The token of a new one-time link for a person. */
export function invite(daemon, name, role) {
  const { stdout, stderr } = daemon.command('user', 'add', name, '--role', role);
  const [, token] = stdout.match(/#setup=(\S+)/) ?? [];
  assert.ok(token, `${stdout}${stderr}`);
  return token;
}

const nothing = /^$/;
/** What a browser writes down when the daemon is not there. */
export const lost = /WebSocket connection|ERR_CONNECTION|ERR_EMPTY|503/;
/** A refused call is an error in the browser's console, too. */
export const refused = /status of 4\d\d/;

/** A page in a context of its own; errors and violations of the policy fail the test, but those that are `expected`. */
export async function openPage(t, browser, url, { expected = nothing, ...context } = {}) {
  const place = await browser.newContext({ locale: 'en', viewport: { width: 1360, height: 850 }, reducedMotion: 'reduce', ...context });
  t.after(() => place.close());
  const page = await place.newPage();
  page.errors = [];
  page.expected = expected;
  page.on('pageerror', (error) => page.errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && !over.has(t) && !page.expected.test(message.text()) && !/api\/v1\/session$/.test(message.location().url ?? '') && page.errors.push(`${message.text()} ${message.location().url}`));
  t.after(() => assert.deepEqual(page.errors, []));
  await page.goto(url);
  return page;
}

/** Somebody who is signed in, by a fresh one-time link. */
export async function enter(t, browser, daemon, name, role, context = {}) {
  const page = await openPage(t, browser, `${daemon.url}/console/#setup=${invite(daemon, name, role)}`, context);
  const inputs = page.locator('input[type=password]');
  await inputs.nth(1).waitFor();
  await inputs.nth(0).fill(password);
  await inputs.nth(1).fill(password);
  await page.locator('form button[type=submit]').click();
  await page.locator('.frame').waitFor();
  return page;
}

/** The short notice that something was done. */
export const toast = (page, text) => page.locator('.toast', { hasText: text }).waitFor();

/** Runs in the page's own world through the debugger, past its policy. */
export async function violations(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', { expression: 'axe.run(document).then((found) => JSON.stringify(found.violations))', awaitPromise: true });
  await session.detach();
  return JSON.parse(result.value).map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 3).map((node) => `${node.html} ${node.any[0]?.message ?? ''}`) }));
}

export async function until(wanted, what, milliseconds = 30_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await wanted();
    if (found) return found;
    assert.ok(Date.now() < end, `${what}: not within ${milliseconds} ms`);
    await pause(25);
  }
}

/** RFC 6238, as an authenticator app does it. */
export function totp(base32, at = Date.now()) {
  const bits = [...base32.replace(/[\s=]/g, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** A customer in the shop's chat. */
export async function customer(t, browser, daemon, context = {}) {
  const page = await openPage(t, browser, `${daemon.url}/chat?lang=en`, context);
  await page.getByRole('heading', { name: 'Test shop' }).waitFor();
  page.say = async (text) => {
    await page.getByRole('textbox').fill(text);
    await page.keyboard.press('Enter');
  };
  return page;
}
