// SPDX-License-Identifier: Apache-2.0
// The people of the demo shop: who is at work takes what waits for them, answers, sometimes gives something, and closes the case or hands it back. All through
// the API, as themselves. Towards the end of the day they leave some waiting.
import { answers } from './customers.mjs';
import { between, oneOf, random } from './day.mjs';

const minute = 60_000;

/** As in config/demo.yaml. */
const people = [
  { name: 'mei', shows: '小美', token: 'demo-token-mei', languages: ['zh-Hant', 'zh-Hans'], tiers: ['presale', 'insale', 'aftersale'], from: 9, until: 18 },
  { name: 'jana', shows: 'Jana', token: 'demo-token-jana', languages: ['cs', 'en'], tiers: ['presale', 'insale', 'aftersale'], from: 8, until: 20 },
  { name: 'hao', shows: '阿豪', token: 'demo-token-hao', languages: ['zh-Hant', 'zh-Hans', 'en'], tiers: ['presale', 'insale', 'aftersale'], from: 13, until: 22 },
  { name: 'boss', shows: '店長', token: 'demo-token-boss', languages: [], tiers: ['review_desk', 'supervisor', 'manager'], from: 10, until: 21 },
];

export class Team {
  constructor({ url, seed, ahead, end }) {
    Object.assign(this, { url, ahead, end, draw: random(seed + 1), noticed: new Map(), counts: { claimed: 0, replied: 0, resolved: 0, handed_back: 0, given: 0 } });
  }

  async call(person, method, path, body) {
    const response = await fetch(`${this.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
    const answer = await response.json();
    // Somebody was quicker, or the customer is gone: people see that in the console, too.
    if (response.status !== 200 && response.status !== 409) throw new Error(`${path} as ${person.name}: ${response.status} ${JSON.stringify(answer)}`);
    return { ok: response.status === 200, ...answer };
  }

  /** A look at the queue, every two minutes. `add` plans what comes later, `write` is a customer's hand. */
  async work(now, add, write) {
    const hour = new Date(now + this.ahead).getUTCHours();
    const here = people.filter(({ from, until }) => hour >= from && hour < until);
    for (const person of here) await this.call(person, 'POST', '/presence', { state: 'online' });
    if (here.length === 0) return;
    const { conversations } = await this.call(here[0], 'GET', '/conversations?owner=waiting');
    for (const one of conversations) {
      const { conversation: id, language, agent } = one;
      const tier = one.escalations?.at(-1)?.tier ?? '';
      const fits = ({ languages, tiers, name }) => name === agent || (!agent && tiers.includes(tier) && (languages.length === 0 || languages.includes(language)));
      const person = here.find(fits);
      if (!person) continue;
      // Most are taken within minutes; who came in the last half hour may still wait when the day ends.
      if (!this.noticed.has(id)) this.noticed.set(id, now + between(this.draw, 0.5, 8) * minute + (now > this.end - 40 * minute && this.draw() < 0.6 ? 60 * minute : 0));
      if (now < this.noticed.get(id)) continue;
      this.noticed.delete(id);
      await this.take(person, one, now, add, write);
    }
  }

  async take(person, { conversation: id, language, channel, customer }, now, add, write) {
    const words = answers[language] ?? answers.en;
    const about = { conversation: id };
    if (!(await this.call(person, 'POST', '/claim', about)).ok) return;
    ++this.counts.claimed;
    const reply = async (text) => {
      if ((await this.call(person, 'POST', '/reply', { ...about, text })).ok) ++this.counts.replied;
    };
    let at = now + between(this.draw, 0.5, 2) * minute;
    const later = (from, to, run) => add({ at: (at += between(this.draw, from, to) * minute), run });
    later(0, 1, () => reply(oneOf(this.draw, words.first).replace('{agent}', person.shows)));
    if (this.draw() < 0.25) later(1, 3, () => this.call(person, 'POST', '/note', { ...about, text: '已問過倉庫，等回覆。' }));
    if (this.draw() < 0.2) later(1, 4, async () => {
      const given = await this.call(person, 'POST', '/concede', { ...about, kind: 'coupon', amount: 100, currency: 'TWD', why: '久候補償' });
      if (given.ok) ++this.counts.given;
    });
    later(3, 12, () => reply(oneOf(this.draw, words.done)));
    if (this.draw() < 0.6) later(1, 6, (when) => write({ channel: channel.startsWith('line') ? 'line' : 'web', customer, language, text: oneOf(this.draw, words.thanks) }, when));
    const closes = this.draw() < 0.7;
    later(2, 8, async () => {
      if ((await this.call(person, 'POST', closes ? '/resolve' : '/hand-back', about)).ok) ++this.counts[closes ? 'resolved' : 'handed_back'];
    });
  }
}
