// SPDX-License-Identifier: Apache-2.0
// The shop's own order system: asked, slow, and down.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, Loopback, texts, ulid, userId } from './support/kefud.mjs';

const orders = new Map();
const asked = [];
let platform, daemon, shop;
let hold = null; // a promise that answers wait for

before(async () => {
  shop = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://shop');
    asked.push({ path: url.pathname, customer: url.searchParams.get('line'), token: request.headers['x-shop-token'] });
    await hold;
    const found = url.pathname === '/orders'
      ? { list: [...orders.values()].filter((order) => order.line === url.searchParams.get('line')) }
      : orders.get(decodeURIComponent(url.pathname.split('/').pop()));
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}));
  });
  await new Promise((done) => shop.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${shop.address().port}`;
  platform = await Loopback.start();
  daemon = await Daemon.start({
    platform,
    settings: {
      orders: {
        type: 'http',
        http: {
          url: `${base}/orders/{order}`, customer_url: `${base}/orders?line={customer}`, header: 'X-Shop-Token', token: 'shop-secret',
          timeout: '20s', allow_private_addresses: true,
        },
        fields: { list: '/list', number: '/number', status: '/status', courier: '/courier', tracking_url: '/page', phone: '/phone', customer: '/line' },
        statuses: [{ theirs: 'sent', ours: 'shipped' }],
      },
    },
  });
});
after(async () => {
  await daemon?.stop();
  await platform?.stop();
  shop?.closeAllConnections();
  shop?.close();
});

const courier = '黑貓宅急便';
const order = (number, more = {}) =>
  orders.set(number, { number, status: 'sent', courier, page: 'https://track.example.com/1', phone: '0912345678', ...more });

/** A customer, and everything the shop's bot said to them. */
class Customer {
  constructor() {
    this.user = userId();
    this.events = [];
  }
  async says(text) {
    const event = ulid();
    this.events.push(event);
    await daemon.say(text, { user: this.user, event });
  }
  heard(calls) {
    return texts(calls.filter((call) => call.to === this.user || this.events.some((event) => call.replyToken === `reply-${event}`)));
  }
  async hears(pattern, what) {
    const calls = await platform.until((all) => this.heard(all).some((text) => pattern.test(text)), what);
    return this.heard(calls);
  }
}

test('a customer asks, names the order, shows that it is theirs, and hears where it is', async () => {
  order('TW20261001');
  const customer = new Customer();
  await customer.says('我的包裹在哪裡');
  await customer.hears(/訂單編號/, 'the question for the number');
  await customer.says('TW20261001');
  const before_ = await customer.hears(/末三碼/, 'the question for the second fact');
  assert.equal(before_.some((text) => text.includes(courier) || text.includes('track.example.com')), false, 'nothing is told before');
  await customer.says('678');
  const heard = await customer.hears(/TW20261001[^]*(寄出|出貨|交給)/, 'where it is');
  assert.equal(heard.some((text) => text.includes('末三碼')), true);
  assert.deepEqual(asked.filter((call) => call.path === '/orders/TW20261001'), [{ path: '/orders/TW20261001', customer: null, token: 'shop-secret' }]);
  assert.equal(asked.some((call) => call.customer === customer.user), true, 'their account is looked at first');
  assert.equal(daemon.process.lines.some((line) => line.includes('shop-secret') || line.includes('0912345678')), false, 'the log holds neither token nor phone');
});

test('who asks for the order of another is told no more than who asks for none', async () => {
  order('TW20261002');
  const customer = new Customer();
  await customer.says('我的包裹在哪裡？訂單 TW20261002');
  await customer.hears(/末三碼/, 'the question for the second fact');
  const other = new Customer();
  await other.says('我的包裹在哪裡？訂單 TW20269999');
  await other.hears(/末三碼/, 'the same question');
});

test('a customer whose account the shop knows is told at once', async () => {
  const customer = new Customer();
  order('TW20261003', { line: customer.user });
  await customer.says('我的包裹在哪裡');
  const heard = await customer.hears(/TW20261003/, 'where it is');
  assert.equal(heard.some((text) => text.includes('末三碼')), false);
});

test('while a slow system is asked the customer hears that it takes a moment', async () => {
  const customer = new Customer();
  order('TW20261004', { line: customer.user });
  let answer;
  hold = new Promise((done) => (answer = done));
  await customer.says('我的包裹在哪裡');
  await customer.hears(/查一下|正在幫您查詢/, 'that it takes a moment');
  hold = null;
  answer();
  const heard = await customer.hears(/TW20261004/, 'where it is');
  assert.ok(heard.findIndex((text) => /查一下|正在幫您查詢/.test(text)) < heard.findIndex((text) => text.includes('TW20261004')));
});

test('after a reload a file is asked instead', async () => {
  writeFileSync(join(daemon.folder, 'orders.csv'), `number,status,courier,phone\nTW20261006,已出貨,${courier},0912345678\n`);
  const http = daemon.settings.orders;
  daemon.settings.orders = { type: 'file', file: { path: 'orders.csv' }, statuses: [{ theirs: '已出貨', ours: 'shipped' }] };
  daemon.write();
  await daemon.reload();
  const customer = new Customer();
  await customer.says('我的包裹在哪裡？訂單 TW20261006');
  await customer.hears(/末三碼/, 'the question for the second fact');
  await customer.says('678');
  await customer.hears(/TW20261006[^]*(寄出|出貨|交給)/, 'where it is');
  assert.equal(asked.some((call) => call.path.includes('TW20261006')), false);
  daemon.settings.orders = http;
  daemon.write();
  await daemon.reload();
});

test('when the system is down people take over, with the number', async () => {
  shop.closeAllConnections();
  await new Promise((done) => shop.close(done));
  const customer = new Customer();
  await customer.says('我的包裹在哪裡');
  await customer.hears(/訂單編號/, 'the question for the number');
  await customer.says('TW20261005');
  const conversation = `line-test/${customer.user}`;
  const calls = await platform.until(
    (all) => all.some((call) => call.call === 'notify' && call.body.type === 'case.escalated' && call.body.data.conversation === conversation), 'a notice');
  const notice = calls.find((call) => call.call === 'notify' && call.body.type === 'case.escalated' && call.body.data.conversation === conversation);
  assert.match(JSON.stringify(notice.body), /TW20261005/);
  await customer.hears(/同仁/, 'that a colleague looks');
});
