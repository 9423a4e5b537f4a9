// SPDX-License-Identifier: Apache-2.0
// Draws docs/console/*.png: every view of the console with the data of a made-up shop, in English and Traditional Chinese; the reports with a played day (docs/demo.md).
//   node tests/e2e/support/console_screenshots.mjs [FOLDER]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { play } from '../../demo/play.mjs';
import { chatChannel } from './web_chat.mjs';
import { giveCatalog, launch, password } from './console_browser.mjs';
import { Daemon, Loopback, Process, binary, kefud, pause, root, ulid } from './kefud.mjs';

const target = resolve(process.argv[2] ?? join(root, 'docs/console'));
mkdirSync(target, { recursive: true });

const shops = {
  en: {
    locale: 'en-GB', name: 'Lantern & Thread', time_zone: 'Europe/London', language: 'en',
    customers: [
      ['Daisy W.', 'You are liars! This is the third time. I will report you to the consumer protection agency if I do not get my money back for order 20261121-8842.'],
      ['Tom Baker', 'Are you all dead over there, you useless idiots? Where is my parcel, order 20261120-1177? I want a refund!'],
      ['Priya N.', 'The lamp arrived broken. I want to talk to a person please.'],
      ['Marek', 'Give me 50 pounds or I leave you one star everywhere.'],
      ['Sophie', 'Can I change the delivery address of my order 20261121-9001?'],
      ['Ben', 'Hello'],
    ],
    answer: 'Hello Daisy, this is Mei. I am very sorry. I am looking at your order with the courier right now.', note: 'Courier called, parcel is in the depot.', message: 'Where is my parcel? Order 20261121-8842. I want my money back!',
    file: 'replies/en.yaml',
  },
  'zh-Hant': {
    locale: 'zh-TW', name: '小燈籠選物', time_zone: 'Asia/Taipei', language: 'zh-Hant',
    customers: [
      ['王小姐', '你們這些騙子！第三次了，訂單 20261121-8842 再不退錢我要去消基會投訴你們'],
      ['陳先生', '你們都死了嗎？一群垃圾，我的包裹在哪裡，訂單 20261120-1177，我要退款！'],
      ['林小姐', '檯燈寄來就破了，我要找真人客服'],
      ['阿德', '不給我 2000 元，我就到處給你們一星負評'],
      ['怡君', '我想改訂單 20261121-9001 的收件地址'],
      ['小安', '你好'],
    ],
    answer: '王小姐您好，我是小美，非常抱歉讓您久等，我現在就和物流確認您的訂單。', note: '已打電話給物流，包裹在營業所。', message: '我的包裹在哪裡？訂單 20261121-8842，我要退款！',
    file: 'replies/zh-Hant.yaml',
  },
};

async function draw(tag, shop, browser, platform) {
  const daemon = await Daemon.start({ platform, settings: { shop: { name: shop.name, locale: shop.language, time_zone: shop.time_zone } } });
  giveCatalog(daemon);
  writeFileSync(join(daemon.folder, 'orders.csv'), 'number,status,courier,tracking_number,tracking_url,phone,postcode\n20261121-8842,shipped,DPD,77120,https://track.example.com/77120,0912345678,10115\n20261120-1177,in_transit,DPD,77121,https://track.example.com/77121,0912345679,10116\n');
  Object.assign(daemon.settings, { orders: { type: 'file', file: { path: join(daemon.folder, 'orders.csv') } } });
  daemon.settings.channels.push(chatChannel());
  daemon.settings.agents[0].name = 'mei';
  daemon.settings.listen.port = Number(new URL(daemon.url).port);
  daemon.write();
  await daemon.kill();
  await daemon.launch();
  for (const [nr, [name, text]] of shop.customers.entries()) await daemon.postWebhook({ type: 'message.received', data: { conversation: `c${nr + 1}`, id: ulid(), text, name } });

  const context = await browser.newContext({ locale: shop.locale, viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', timezoneId: shop.time_zone });
  const page = await context.newPage();
  const shoot = async (name) => {
    await page.evaluate(() => document.activeElement?.blur?.());
    await pause(400); // pictures, not tests: previews and charts settle
    await page.screenshot({ path: join(target, `${name}.${tag}.png`) });
  };
  await page.goto(`${daemon.url}/console/`);
  await page.locator('.card').waitFor();
  await shoot('sign-in');
  const [, token] = daemon.command('user', 'add', 'mei', '--role', 'admin').stdout.match(/#setup=(\S+)/);
  await page.goto(`${daemon.url}/console/#setup=${token}`);
  await page.locator('input[type=password]').nth(1).waitFor();
  await shoot('setup');
  for (const i of [0, 1]) await page.locator('input[type=password]').nth(i).fill(password);
  await page.locator('form button[type=submit]').click();
  await page.locator('.presence').click();
  await page.locator('.row').nth(3).waitFor();
  await page.locator('.row', { hasText: shop.customers[0][0] }).click();
  await page.locator('.line.customer').first().waitFor();
  await page.locator('.actions .primary').click();
  await page.locator('.actions [aria-keyshortcuts=h]').waitFor();
  await page.locator('.modes .tab').nth(1).click();
  await page.locator('#composer').fill(shop.note);
  await page.keyboard.press('Control+Enter');
  await page.locator('.line.note').waitFor();
  await page.locator('.modes .tab').first().click();
  await page.locator('#composer').fill(shop.answer);
  await page.keyboard.press('Control+Enter');
  await page.locator('.line.agent').waitFor();
  await page.locator('.modes .tab').first().click();
  await page.locator('.toast').first().waitFor({ state: 'hidden' });
  await shoot('inbox');
  await page.locator('#composer').fill('/');
  await page.locator('.suggestions [role=option]').nth(2).waitFor();
  await shoot('suggestions');
  await page.locator('#composer').fill('');
  await page.setViewportSize({ width: 360, height: 740 });
  await shoot('phone');
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const [name, address, ready] of [
    ['texts', 'desk/texts/greeting', '.preview .line'], ['files', `desk/files/${encodeURIComponent(shop.file)}`, '.cm-content'], ['operation', 'admin/running', 'table.data'], ['people', 'admin/people', 'table.data'],
    ['audit', 'admin/audit', 'table.data'],
  ]) {
    await page.goto(`${daemon.url}/console/#/${address}`);
    await page.locator(ready).first().waitFor();
    await shoot(name);
  }
  await page.goto(`${daemon.url}/console/#/desk/texts/greeting`);
  const field = page.locator('.locale', { hasText: `(${shop.language})` }).locator('textarea').first();
  await field.fill(`${await field.inputValue()} ❤`);
  await page.goto(`${daemon.url}/console/#/desk/publish`);
  await page.locator('.diff .added').first().waitFor();
  await shoot('publish');
  await page.goto(`${daemon.url}/console/#/desk/message`);
  await page.locator('textarea').fill(shop.message);
  await page.locator('.content form button').click();
  await page.locator('.said').waitFor();
  await shoot('message');
  await context.close();
  await daemon.stop();
}

/** The reports of a whole day, hour by hour. */
async function drawMirror(tag, shop, browser, settings) {
  const daemon = new Process(['run', '--config', settings]);
  const [, port] = await daemon.line(/ ready .*port=(\d+)/);
  const context = await browser.newContext({ locale: shop.locale, viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', timezoneId: 'Asia/Taipei' });
  const page = await context.newPage();
  const [, token] = kefud(['user', 'add', `owner.${tag}`, '--role', 'owner', '--config', settings]).stdout.match(/#setup=(\S+)/);
  await page.goto(`http://127.0.0.1:${port}/console/#setup=${token}`);
  for (const i of [0, 1]) await page.locator('input[type=password]').nth(i).fill(password);
  await page.locator('form button[type=submit]').click();
  await page.locator('.frame').waitFor();
  await page.goto(`http://127.0.0.1:${port}/console/#/mirror`);
  await page.locator('select').nth(0).selectOption('today');
  await page.locator('select').nth(1).selectOption('hour');
  await page.locator('.chart').first().waitFor();
  await pause(1500); // charts settle
  await page.screenshot({ path: join(target, `mirror.${tag}.png`) });
  await context.close();
  await daemon.stop();
}

const platform = await Loopback.start();
const browser = await launch();
if (!browser) throw new Error('no Chromium: apt-get install chromium, or set CHROMIUM');
const folder = mkdtempSync(join(tmpdir(), 'kefud-day-'));
await play({ kefud: binary, folder });
for (const [tag, shop] of Object.entries(shops)) {
  await draw(tag, shop, browser, platform);
  await drawMirror(tag, shop, browser, join(folder, 'kefud.yaml'));
}
rmSync(folder, { recursive: true });
await browser.close();
await platform.stop();
