// SPDX-License-Identifier: Apache-2.0
/** What happened, in one sequence of moments; check.mjs says what the lists are. */
export class Trace {
  messages = [];
  sends = [];
  claims = [];
  replies = [];
  faults = [];
  #moment = 0;

  now() {
    return ++this.#moment;
  }
  /** All that was seen of one conversation, oldest first, with the faults of that time: for people. */
  of(conversation) {
    const own = (list, what, at) => list.filter((one) => one.conversation === conversation).map((one) => ({ moment: at(one), what, ...one }));
    const events = [
      ...own(this.messages, 'message', ({ asked }) => asked), ...own(this.sends, 'send', ({ at }) => at),
      ...own(this.claims, 'claim', ({ from }) => from), ...own(this.replies, 'agent', ({ at }) => at),
    ];
    const from = Math.min(...events.map(({ moment }) => moment));
    const to = Math.max(...events.map(({ moment }) => moment)) + 200;
    const faults = this.faults.filter(({ at, until }) => at <= to && (until ?? Infinity) >= from).map((one) => ({ moment: one.at, what: 'fault', ...one }));
    return [...events, ...faults].sort((a, b) => a.moment - b.moment);
  }
}
