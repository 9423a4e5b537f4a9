// SPDX-License-Identifier: Apache-2.0
// The chat in a real browser: on its own page and on a shop's with a strict content security policy; nothing for axe to find.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { chromium as playwright } from 'playwright-core';
import { Daemon, Loopback, pause } from './support/kefud.mjs';
import { chatChannel, chromium, needsChromium } from './support/web_chat.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const options = { ...needsChromium, timeout: 120_000 };
let platform;
let browser;
before(async () => {
  if (!chromium) return;
  platform = await Loopback.start();
  browser = await playwright.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
});
after(async () => {
  await browser?.close();
  await platform?.stop();
});

async function start(t, settings) {
  const daemon = await Daemon.start({ platform, settings: { channels: [chatChannel(settings)] } });
  daemon.settings.listen.port = Number(new URL(daemon.url).port);
  daemon.write();
  t.after(() => daemon.kill());
  return daemon;
}

const nothing = /^$/;
const lost = /WebSocket connection|ERR_CONNECTION/;

/** A page whose errors fail the test, but those that are `expected`. */
async function open(t, url, { expected = nothing, ...context } = {}) {
  const place = await browser.newContext(context);
  t.after(() => place.close());
  const page = await place.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && !expected.test(message.text()) && errors.push(message.text()));
  t.after(() => assert.deepEqual(errors, []));
  await page.goto(url);
  return page;
}
/** Runs in the page's own world through the debugger, past its policy. */
async function violations(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', { expression: 'axe.run(document).then((found) => JSON.stringify(found.violations))', awaitPromise: true });
  return JSON.parse(result.value).map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) => node.html) }));
}

async function until(wanted, what, milliseconds = 30_000) {
  const end = Date.now() + milliseconds;
  while (!(await wanted())) {
    assert.ok(Date.now() < end, `${what}: not within ${milliseconds} ms`);
    await pause(25);
  }
}

const say = async (page, text) => {
  await page.getByRole('textbox').fill(text);
  await page.keyboard.press('Enter');
};
const answers = (page) => page.locator('.line.assistant');

for (const [language, question, answer] of [['zh-Hant', '我的包裹在哪裡？', /訂單/], ['zh-Hans', '我的包裹在哪里？', /订单/], ['cs', 'Kde je můj balík?', /objednáv/], ['en', 'Where is my parcel?', /order/]]) {
  test(`a customer writes in /chat and is answered: ${language}`, options, async (t) => {
    const daemon = await start(t);
    const page = await open(t, `${daemon.url}/chat?lang=${language}`);
    assert.equal(await page.locator('html').getAttribute('lang'), language);
    await say(page, question);
    await answers(page).first().waitFor();
    assert.match(await answers(page).first().innerText(), answer);
    assert.equal(await page.locator('.line.customer .text').innerText(), question);
    assert.deepEqual(await violations(page), []);
  });
}

test('suggested answers are buttons, and the chat says when a person speaks', options, async (t) => {
  const daemon = await start(t);
  const page = await open(t, `${daemon.url}/chat?lang=en`);
  await say(page, 'Hello');
  const button = page.getByRole('group', { name: 'Suggested answers' }).getByRole('button', { name: 'Talk to a person' });
  await button.waitFor();
  assert.deepEqual(await violations(page), []);
  await button.click();
  await page.locator('.customer', { hasText: 'I want to talk to a person' }).waitFor();
  await button.waitFor({ state: 'hidden' });
  await answers(page).nth(1).waitFor();
  const { conversation } = (await daemon.api('GET', '/conversations')).body.conversations[0];
  assert.equal((await daemon.api('POST', '/claim', { conversation })).status, 200);
  assert.equal((await daemon.api('POST', '/typing', { conversation })).status, 200);
  await page.getByText('Our team is writing').waitFor();
  assert.equal((await daemon.api('POST', '/reply', { conversation, text: 'Hello, this is Mei.' })).status, 200);
  await page.locator('.line.person', { hasText: 'Hello, this is Mei.' }).waitFor();
  assert.match(await page.locator('.line.person').innerText(), /^Our team/);
  await page.getByText('Our team is writing').waitFor({ state: 'hidden' });
  assert.deepEqual(await violations(page), []);
});

test('axe finds nothing, in the dark, without a connection, and with a photo that was not sent', options, async (t) => {
  const daemon = await start(t);
  const page = await open(t, `${daemon.url}/chat?lang=en`, { expected: lost, colorScheme: 'dark', reducedMotion: 'reduce' });
  await say(page, 'Where is my parcel?');
  await answers(page).first().waitFor();
  assert.deepEqual(await violations(page), []);
  await daemon.kill();
  await page.getByText('No connection').waitFor();
  await say(page, 'Are you there?');
  await page.locator('input[type=file]').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: onePixel });
  await page.getByText('Not sent').waitFor();
  assert.deepEqual(await violations(page), []);
});

test('the connection is lost and the daemon restarted: typed text stays, nothing is lost or doubled', options, async (t) => {
  const daemon = await start(t);
  const page = await open(t, `${daemon.url}/chat?lang=en`, { expected: lost });
  await say(page, 'Where is my parcel?');
  await answers(page).first().waitFor();
  await daemon.kill();
  await page.getByText('No connection').waitFor();
  await say(page, 'written without a connection');
  await page.getByRole('textbox').fill('half a sen');
  await daemon.launch();
  await until(async () => (await page.locator('.customer .mark').allInnerTexts()).every((mark) => !mark), 'everything is sent');
  await page.locator('.state').waitFor({ state: 'hidden' });
  assert.equal(await page.getByRole('textbox').inputValue(), 'half a sen');
  const texts = () => page.locator('.line .text').allInnerTexts();
  const shown = await texts();
  assert.equal(shown.filter((text) => text === 'written without a connection').length, 1);
  assert.equal(new Set(shown).size, shown.length);
  await page.reload();
  await page.locator('.line', { hasText: 'written without' }).waitFor();
  assert.equal(await page.getByRole('textbox').inputValue(), 'half a sen');
  const after = await texts();
  for (const text of shown) assert.equal(after.filter((one) => one === text).length, 1, text);
});

const onePixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

test('a photo is sent from the page, also one that must be made smaller', options, async (t) => {
  const daemon = await start(t, { max_file: '100KiB' });
  const page = await open(t, `${daemon.url}/chat?lang=en`);
  await page.getByRole('heading', { name: 'Test shop' }).waitFor();
  const large = Buffer.from((await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 600;
    const context = canvas.getContext('2d');
    const noise = context.createImageData(600, 600);
    for (let i = 0; i < noise.data.length; ++i) noise.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
    context.putImageData(noise, 0, 0);
    return canvas.toDataURL('image/png');
  })).split(',')[1], 'base64');
  assert.ok(large.length > 100 * 1024);
  for (const buffer of [onePixel, large]) await page.locator('input[type=file]').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer });
  let media = [];
  await until(async () => {
    const { body } = await daemon.api('GET', '/conversations');
    if (!body.conversations.length) return false;
    const shown = await daemon.api('GET', `/conversation?id=${encodeURIComponent(body.conversations[0].conversation)}`);
    media = shown.body.history.flatMap((line) => line.media ?? []);
    return media.length === 2;
  }, 'both photos in the media folder');
  assert.deepEqual(media.map((file) => file.slice(-4)).sort(), ['.jpg', '.png']);
  await page.reload();
  await until(async () => (await page.locator('.customer img').evaluateAll((images) => images.filter((image) => image.complete && image.naturalWidth > 0).length)) === 2, 'both photos again');
  await page.locator('input[type=file]').setInputFiles({ name: 'page.png', mimeType: 'text/html', buffer: Buffer.from('<b>no</b>') });
  await page.getByText('Only photos').waitFor();
});

test('on a shop\'s page with a strict policy: opened by keyboard, closed with Escape, texts are never markup', options, async (t) => {
  let daemon;
  const shop = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', `default-src 'none'; script-src ${daemon.url}; connect-src ${daemon.url} ${daemon.url.replace('http', 'ws')}; img-src blob: data:; require-trusted-types-for 'script'`);
    response.end(`<!doctype html><html lang="cs"><meta name="viewport" content="width=device-width"><title>Obchod</title><link rel="icon" href="data:,"><main><h1>Obchod</h1><p>Zboží</p></main>
      <script src="${daemon.url}/chat/widget.js" data-channel="chat"></script></html>`);
  });
  await new Promise((done) => shop.listen(0, '127.0.0.1', done));
  t.after(() => shop.close());
  const origin = `http://127.0.0.1:${shop.address().port}`;
  daemon = await start(t, { origins: [origin] });
  const page = await open(t, origin);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.locator('.state').waitFor({ state: 'hidden' });
  await say(page, '<img src=x onerror=alert(1)> Kde je můj balík?');
  await answers(page).first().waitFor();
  assert.equal(await page.locator('.line.customer .text').innerText(), '<img src=x onerror=alert(1)> Kde je můj balík?');
  assert.equal(await page.locator('.line.customer img').count(), 0);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.querySelector('.kefud-chat').shadowRoot.activeElement.className), 'launcher');
});
