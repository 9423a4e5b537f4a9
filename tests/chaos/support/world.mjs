// SPDX-License-Identifier: Apache-2.0
// One part of a run: daemons, the platform, customers; a fault after the other, and the checker after each.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '../../e2e/support/process.mjs';
import { check } from './check.mjs';
import { Crowd } from './customers.mjs';
import { inject } from './faults.mjs';
import { Platform } from './platform.mjs';
import { Random } from './random.mjs';
import { Trace } from './trace.mjs';

const [notice, inFlight] = [3, 1]; // an outbox item's kind and state
const settlesWithin = 60_000;
const deliversWithin = 120_000;

export class World {
  constructor({ folder, random, counts }) {
    mkdirSync(folder, { recursive: true });
    Object.assign(this, { folder, random, counts, trace: new Trace(), wrong: [], unknown: 0 });
    this.platform = new Platform(this.trace, random.branch());
  }
  /** `daemons`, `reader`: started. */
  open({ daemons, reader, ...more }) {
    Object.assign(this, { daemons, reader, ...more });
    this.crowd = new Crowd({ trace: this.trace, platform: this.platform, daemons, random: this.random.branch() });
  }
  /** Runs what is planned until the time is over; `faults`: what the names in it mean. */
  async run(plan, faults, { until, perSecond }) {
    for (const round of plan) {
      if (Date.now() >= until || this.wrong.length > 0) break;
      await this.round(round, faults, perSecond);
    }
    await this.look(0, null); // all of it once more: later rounds may have touched earlier conversations
  }
  async round(round, faults, perSecond) {
    this.random = new Random(round.seed);
    const began = Date.now();
    const since = this.reader.newest();
    const first = this.trace.messages.length;
    const fault = { at: this.trace.now(), until: null, ...round };
    this.trace.faults.push(fault);
    this.crowd.start({ perSecond });
    await pause(round.before);
    await inject(this, round, faults);
    ++this.counts.faults;
    await pause(200);
    fault.until = this.trace.now();
    const over = Date.now();
    await this.delivered();
    const delivered = Date.now();
    await this.settle();
    const lasted = (from, to) => `${((to - from) / 1000).toFixed(1)} s`;
    console.log(
      `chaos: ${[round.fault, ...(round.also ? [round.also.fault] : []), ...(round.kills ? ['kills'] : [])].join(' + ')}: ${lasted(began, over)}, all delivered after ${lasted(over, delivered)}, all out after ${lasted(delivered, Date.now())}; ` +
        `messages ${this.trace.messages.length - first}`,
    );
    await this.look(this.everything ? 0 : since, new Set(this.trace.messages.slice(first).map(({ conversation }) => conversation)));
  }
  /** Until everybody was heard. A daemon that has died would leave them at it for ever. */
  async delivered() {
    let over = false;
    const finished = this.crowd.finish().then(() => (over = true));
    for (const end = Date.now() + deliversWithin; !over; await Promise.race([finished, pause(100)])) {
      const died = this.daemons.map((daemon) => daemon.hasDied()).find(Boolean);
      if (died) throw died;
      if (Date.now() > end) throw new Error(`not everything was taken within ${deliversWithin / 1000} s after the fault`);
    }
  }
  /** Until nothing is on its way any more. What never gets there is for the checker to find. */
  async settle() {
    for (const end = Date.now() + settlesWithin; Date.now() < end; await pause(100)) if (this.reader.unfinished() === 0) return;
  }
  /** A notice that waits for its next try may be at it just now: that is looked at when the try is over. */
  async read(since) {
    const isTryingAgain = ({ kind, state, attempts }) => kind === notice && state === inFlight && attempts > 1;
    for (const end = Date.now() + settlesWithin; ; await pause(50)) {
      const store = this.reader.read(since);
      if (Date.now() >= end || !store.outbox.some(isTryingAgain)) return store;
    }
  }
  /** `only`: the conversations to look at; null: all. */
  async look(since, only) {
    const store = await this.read(since);
    const mine = ({ conversation }) => only === null || only.has(conversation);
    const trace = { messages: this.trace.messages.filter(mine), sends: this.trace.sends.filter(mine), claims: this.trace.claims.filter(mine), replies: this.trace.replies.filter(mine) };
    const damage = this.reader.damage();
    const broken = damage ? [{ rule: 'lost', conversation: null, what: `the database is damaged: ${damage}` }] : [];
    const found = check(trace, { ...store, journal: store.journal.filter(mine), outbox: store.outbox.filter(mine) }, { settled: true }).concat(broken);
    if (only === null) this.unknown = store.journal.filter(({ kind, state }) => kind === 2 && state === 4).length;
    if (found.length === 0 || this.wrong.length > 0) return;
    this.wrong = found;
    this.evidence = this.describe(found[0], store);
  }
  /** The first violation for people: what was promised, what happened, what is stored, what the daemons said. */
  describe({ rule, conversation, what }, store) {
    const lines = [`${rule}: ${conversation}: ${what}`, '', 'what the platform sent and saw:', ...this.trace.of(conversation).map((event) => `  ${JSON.stringify(event)}`), '', 'what is stored:'];
    for (const row of store.journal.filter((one) => one.conversation === conversation)) lines.push(`  ${JSON.stringify(row)}`);
    for (const item of store.outbox.filter((one) => one.conversation === conversation)) lines.push(`  outbox ${JSON.stringify(item)}`);
    lines.push(`  ${JSON.stringify(store.conversations.find(({ id }) => id === conversation))}`, '', 'what the daemons said of it since their last start:');
    for (const daemon of this.daemons) lines.push(...daemon.process.lines.filter((line) => line.includes(conversation)).map((line) => `  ${line}`));
    return lines.join('\n');
  }
  /** All there is, for somebody who wants to understand it. */
  keep() {
    writeFileSync(join(this.folder, 'trace.jsonl'), ['messages', 'sends', 'claims', 'replies', 'faults'].flatMap((list) => this.trace[list].map((one) => JSON.stringify({ list, ...one }))).join('\n') + '\n');
    this.daemons.forEach((daemon, at) => writeFileSync(join(this.folder, `daemon${at}.log`), daemon.process.lines.join('\n') + '\n'));
  }
  async close() {
    for (const daemon of this.daemons ?? []) await daemon.stop();
    await this.platform.stop();
  }
}
