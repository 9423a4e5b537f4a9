// SPDX-License-Identifier: Apache-2.0
// Plays one day of a demo shop into a fresh journal:
//   node tests/demo/play.mjs KEFUD FOLDER [SEED] [CUSTOMERS]
// The real daemon takes the day's messages as signed webhooks, its people answer through the API; only its clock is not the real one. libfaketime has it say what
// time it is in the day that ends now, and jumps from event to event, so that the day takes half a minute and the journal's times are those of a day.
// docs/demo.md says what is real about it and what is not.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeDay } from './day.mjs';
import { startPlatform } from './platform.mjs';
import { Team } from './team.mjs';

const tree = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const secrets = { line: '7f3a9c1e5b2d4f608a7c9e1b3d5f7081', web: Buffer.from('C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'base64') }; // config/demo.yaml

/** Where Debian's package libfaketime has it; undefined: not installed. */
export function faketime() {
  for (const folder of ['/usr/lib', '/usr/local/lib'])
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name, 'faketime/libfaketimeMT.so.1');
      try {
        if (entry.isDirectory() && readdirSync(dirname(file)).includes('libfaketimeMT.so.1')) return file;
      } catch {
        // not this folder
      }
    }
  return undefined;
}

/** The daemon's clock, as a file that libfaketime reads at each look at it: seconds to add to the real time. It never goes back. */
class Clock {
  constructor(file) {
    this.file = file;
    this.ahead = -Infinity;
  }
  now() {
    return Date.now() + this.ahead;
  }
  set(at) {
    this.ahead = Math.max(this.ahead, at - Date.now());
    writeFileSync(`${this.file}.new`, `${this.ahead < 0 ? '' : '+'}${(this.ahead / 1000).toFixed(3)}\n`);
    renameSync(`${this.file}.new`, this.file); // whole or not at all: it is read all the time
  }
}

/** The shop: open every day until late, with rules that texts can state, and orders of its own. */
function furnish(folder, day, url, port) {
  rmSync(folder, { recursive: true, force: true });
  const catalog = join(folder, 'catalog'); // as if it had been published: used without being named in the settings
  mkdirSync(catalog, { recursive: true });
  cpSync(join(tree, 'intents/packs'), join(catalog, 'intents'), { recursive: true });
  cpSync(join(tree, 'replies/packs'), join(catalog, 'replies'), { recursive: true });
  for (const part of ['playbooks', 'calendars', 'tests', 'guard.yaml']) cpSync(join(tree, 'replies', part), join(catalog, part), { recursive: true });
  const change = (text, from, to) => {
    if (!text.match(from)) throw new Error(`there is no ${from} any more`);
    return text.replace(from, to);
  };
  let policy = readFileSync(join(tree, 'replies/policy.yaml'), 'utf8');
  policy = change(policy, /\['09:00-18:00'\]/g, "['08:00-22:00']");
  policy = change(policy, /(sat|sun): \[\]/g, "$1: ['09:00-21:00']");
  policy = change(policy, /^facts:\n/m, `facts:
  dispatch_rule: {zh-Hant: 出貨順序依付款先後，時間依商品頁公告為準。, zh-Hans: 发货顺序依付款先后，时间以商品页公告为准。, cs: 'Objednávky zaplacené do 14 hodin odesíláme týž pracovní den.', en: 'Orders paid before 14:00 on working days leave the same day.'}
  invoice_rule: {zh-Hant: 每張訂單都會開立電子發票，寄到您的電子信箱。, zh-Hans: 每个订单都会开具电子发票，发到您的邮箱。, cs: 'Faktura přijde ke každé objednávce e-mailem.', en: 'An invoice for every order comes by e-mail.'}
`);
  writeFileSync(join(catalog, 'policy.yaml'), policy);
  const columns = Object.keys(day.orders[0]);
  writeFileSync(join(folder, 'orders.csv'), [columns, ...day.orders.map((order) => columns.map((name) => order[name]))].map((row) => row.join(',')).join('\n') + '\n');
  let settings = readFileSync(join(tree, 'config/demo.yaml'), 'utf8');
  settings = change(settings, /^state: .*$/m, `state: ${folder}`);
  settings = change(settings, /^ {2}port: 8080$/m, `  port: ${port}`);
  settings = settings.replaceAll('http://127.0.0.1:8099', url);
  writeFileSync(join(folder, 'kefud.yaml'), `${settings}\norders: {type: file, file: {path: ${join(folder, 'orders.csv')}}}\n`);
}

/** Starts the daemon on the day's clock; resolves with its address. */
async function start(kefud, folder, library) {
  const child = spawn(kefud, ['run', '--config', join(folder, 'kefud.yaml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: join(folder, 'clock'), FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1' },
  });
  const log = [];
  const url = await new Promise((done, fail) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const [, port] = line.match(/ ready .*port=(\d+)/) ?? [];
      if (port) done(`http://127.0.0.1:${port}`);
    });
    child.once('exit', () => fail(new Error(`the daemon did not start:\n${log.join('\n')}`)));
  });
  const stop = () => new Promise((done) => (child.once('exit', done), child.kill('SIGTERM')));
  return { url, log, stop };
}

/** Posts a customer's message as its platform does. */
function webhooks(daemon, platformUrl) {
  let number = 0;
  const post = async (path, body, headers) => {
    const response = await fetch(daemon.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  };
  const line = ({ customer, text }, at, id) => {
    const message = text === undefined ? { id, type: 'image', quoteToken: 'q', contentProvider: { type: 'line' } } : { id, type: 'text', quoteToken: 'q', text };
    const body = JSON.stringify({ destination: 'U0123456789abcdef0123456789abcdef', events: [{ type: 'message', mode: 'active', timestamp: Math.round(at), source: { type: 'user', userId: customer },
      webhookEventId: `01DEMO${id.padStart(20, '0')}`, deliveryContext: { isRedelivery: false }, replyToken: `token${id}`, message }] });
    return post('/webhook/line/demo', body, { 'x-line-signature': createHmac('sha256', secrets.line).update(body).digest('base64') });
  };
  const web = ({ customer, name, language, text }, at, id) => {
    const content = text === undefined ? { attachments: [{ kind: 'image', url: `${platformUrl}/photos/p${id}.png`, name: 'photo.png' }] } : { text };
    const body = JSON.stringify({ type: 'message.received', data: { conversation: customer, id, name, language, sent_at: new Date(at).toISOString(), ...content } });
    const time = Math.floor(at / 1000);
    return post('/webhook/web-demo', body, { 'webhook-id': `msg_${id}`, 'webhook-timestamp': String(time), 'webhook-signature': `v1,${createHmac('sha256', secrets.web).update(`msg_${id}.${time}.${body}`).digest('base64')}` });
  };
  return async (message, at) => {
    const times = message.photos ?? 1;
    for (let index = 0; index < times; ++index) await (message.channel === 'line' ? line : web)(message, at, String(++number));
  };
}

/** Until everything that is due has gone out: what the next event finds then is what it would find on a real day. */
async function settled(daemon) {
  for (let look = 0; look < 200; ++look) {
    const { outbox_pending } = await (await fetch(`${daemon.url}/readyz`)).json();
    if (outbox_pending === 0) return;
    await new Promise((done) => setTimeout(done, 2));
  }
}

/** Plays the day; resolves with what happened. `port`, `platformPort`: 0 takes free ones. */
export async function play({ kefud, folder, seed = 1, customers = 180, end = Date.now(), port = 0, platformPort = 0, say = () => {} }) {
  const library = faketime();
  if (!library) throw new Error('libfaketime is not installed: apt-get install faketime');
  const day = makeDay({ seed, end, customers });
  const platform = await startPlatform(new Map(day.messages.map(({ customer, name }) => [customer, name])), platformPort);
  furnish(folder, day, platform.url, port);
  const clock = new Clock(join(folder, 'clock'));
  clock.set(day.begin);
  const daemon = await start(kefud, folder, library);
  try {
    const write = webhooks(daemon, platform.url);
    const team = new Team({ url: daemon.url, seed, ahead: 8 * 3_600_000, end });
    const events = day.messages.map((message) => ({ at: message.at, run: (at) => write(message, at) }));
    const add = (event) => {
      const place = events.findIndex(({ at }) => at > event.at);
      if (event.at < end) events.splice(place < 0 ? events.length : place, 0, event);
    };
    for (let at = day.begin; at < end; at += 2 * 60_000) add({ at, run: (now) => team.work(now, add, write) });
    for (let hour = -1, event; (event = events.shift()); ) {
      clock.set(event.at);
      await event.run(clock.now());
      await settled(daemon);
      const passed = Math.floor((event.at - day.begin) / 3_600_000);
      if (passed > hour) say(`${new Date(event.at + 8 * 3_600_000).toISOString().slice(11, 13)}:00`);
      hour = passed;
    }
    return { day, counts: platform.counts, team: team.counts, log: daemon.log };
  } finally {
    await daemon.stop();
    await platform.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [kefud, folder, seed = '1', customers = '180'] = process.argv.slice(2);
  if (!folder) {
    console.error('usage: node tests/demo/play.mjs KEFUD FOLDER [SEED] [CUSTOMERS]');
    process.exit(2);
  }
  const { day, counts, team } = await play({ kefud, folder: resolve(folder), seed: Number(seed), customers: Number(customers), port: 8080, platformPort: 8099, say: (hour) => process.stderr.write(`${hour} `) });
  console.error(`\n${day.messages.length} messages of customers, ${counts.replies + counts.pushes + counts.webhooks} answers sent, ${team.claimed} conversations taken by people, ${team.resolved} closed`);
}
