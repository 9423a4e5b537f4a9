// SPDX-License-Identifier: Apache-2.0
// One day of a shop, made up from a seed: who writes when, from which platform, about which order. Pure: the same seed and end give the same day.
import { languages, names, reasons } from './customers.mjs';

const minute = 60_000, hour = 60 * minute;

/** Numbers in [0, 1), the same after the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
export const between = (draw, low, high) => low + draw() * (high - low);
export const oneOf = (draw, list) => list[Math.floor(draw() * list.length)];
const weighted = (draw, list, weight) => {
  let left = draw() * list.reduce((sum, one) => sum + weight(one), 0);
  return list.find((one) => (left -= weight(one)) < 0) ?? list.at(-1);
};

/** How many write in each hour of the shop's day: little at night, most after lunch and after work. */
const busy = [3, 1, 1, 1, 1, 2, 4, 8, 14, 20, 24, 22, 26, 24, 20, 18, 18, 20, 24, 30, 34, 32, 20, 9];

const couriers = { TWD: ['黑貓宅急便', '7-ELEVEN', '全家'], CZK: ['Zásilkovna', 'PPL'], EUR: ['DPD', 'Royal Mail'], CNY: ['顺丰', '中通'] };
const currencies = { 'zh-Hant': 'TWD', 'zh-Hans': 'CNY', cs: 'CZK', en: 'EUR' };
const items = ['陶瓷馬克杯', '亞麻圍裙', '小夜燈', '帆布袋', '茶具組'];

function orderOf(draw, number, language, end, customer) {
  const currency = currencies[language];
  const status = weighted(draw, [['processing', 20], ['shipped', 15], ['in_transit', 40], ['ready_for_pickup', 10], ['delivered', 12], ['delayed', 3]], ([, share]) => share)[0];
  const date = (days) => new Date(end - days * 24 * hour).toISOString().slice(0, 10);
  const days = Math.floor(between(draw, 1, 5));
  return {
    number, status, courier: status === 'processing' ? '' : oneOf(draw, couriers[currency]), tracking_number: '', tracking_url: '',
    amount: String(Math.round(between(draw, 3, 30)) * (currency === 'EUR' || currency === 'CNY' ? 4 : 60)), currency, item: oneOf(draw, items),
    shipped_at: status === 'processing' ? '' : date(days + 1), last_scan_at: ['in_transit', 'delayed', 'ready_for_pickup'].includes(status) ? date(1) : '',
    delivered_at: status === 'delivered' ? date(days) : '', expected_at: status === 'processing' ? '' : date(status === 'delayed' ? 2 : -2),
    phone: `09${String(Math.floor(draw() * 1e8)).padStart(8, '0')}`, customer,
  };
}

/**
 * The day that ends at `end` (milliseconds since 1970), in the shop's clock, which is `ahead` of UTC.
 * messages: [{at, channel: 'line' | 'web', customer, name, language, text?, photos?}], in order; orders: rows of orders.csv.
 */
export function makeDay({ seed, end, customers = 180, ahead = 8 * hour }) {
  const draw = random(seed);
  const begin = end - 24 * hour;
  const hours = [...Array(24).keys()].map((index) => ({ from: begin + index * hour, weight: busy[new Date(begin + index * hour + ahead).getUTCHours()] }));
  const messages = [], orders = [];
  for (let index = 0; index < customers; ++index) {
    const language = weighted(draw, Object.entries(languages), ([, share]) => share)[0];
    const channel = language === 'zh-Hant' && draw() < 0.85 ? 'line' : 'web';
    const name = oneOf(draw, names[language]);
    const customer = channel === 'line' ? `U${[...Array(32)].map(() => Math.floor(draw() * 16).toString(16)).join('')}` : `${language}-${index}`;
    const order = orderOf(draw, `2026${String(100000 + index * 37)}`, language, end, draw() < 0.4 ? customer : '');
    orders.push(order);
    const words = oneOf(draw, weighted(draw, reasons, ({ share }) => share)[language]);
    let at = weighted(draw, hours, ({ weight }) => weight).from + draw() * hour;
    for (const step of words) {
      const one = { at: Math.round(at), channel, customer, name, language };
      if (step.photos) messages.push({ ...one, photos: step.photos });
      else messages.push({ ...one, text: step.replace('{order}', order.number).replace('{digits}', order.phone.slice(-3)) });
      at += between(draw, 0.4, 3) * minute;
    }
  }
  return { begin, end, orders, messages: messages.filter(({ at }) => at < end).sort((a, b) => a.at - b.at) };
}
