// SPDX-License-Identifier: Apache-2.0
// Customers who write through LINE's webhooks, and people who take over, answer and hand back.
import { destination, messageEvent, sign, ulid, userId } from '../../e2e/support/line_event.mjs';
import { pause } from '../../e2e/support/process.mjs';
import { agents } from './daemon.mjs';

const questions = [
  '我的包裹在哪裡', '請問發票怎麼開', '你好', 'Are you a robot?', 'kde je moje zásilka?', '我要退款', 'Do you ship to Japan?', '可以取消訂單嗎',
  'I want a refund', '訂單編號是 A123456789', '請問有貨嗎', '謝謝', '你們這些騙子', 'Chci mluvit s člověkem', '我要找真人客服', '運費多少',
];

export class Crowd {
  /** `daemons`: those whose turn it is to get a webhook; any of them takes any. */
  constructor({ trace, platform, daemons, random }) {
    Object.assign(this, { trace, platform, daemons, random, counter: 0, repeated: 0, going: new Set() });
  }
  some() {
    return this.random.one(this.daemons);
  }
  /** One message, again and again until it gets a 2xx, as LINE with redelivery on. */
  async deliver(message) {
    const event = messageEvent(message.text, message);
    for (let tries = 0; ; ++tries) {
      const body = JSON.stringify({ destination, events: [{ ...event, deliveryContext: { isRedelivery: tries > 0 } }] });
      try {
        const { status } = await this.some().call('POST', '/webhook/line', body, { 'x-line-signature': sign(body) });
        if (status >= 200 && status < 300) {
          message.acked ??= this.trace.now();
          return;
        }
      } catch {
        // down, or cut off: nobody knows whether it arrived
      }
      ++this.repeated;
      await pause(this.random.whole(20, 200));
    }
  }
  write(user, text) {
    const event = ulid();
    const message = { conversation: this.platform.nameOf(user), user, id: String(++this.counter + 1_000_000_000), event, token: `token-${event}`, text, at: Date.now(), asked: this.trace.now(), acked: null };
    this.trace.messages.push(message);
    this.platform.issue(message.token, message.conversation);
    return message;
  }
  /** A few messages of one customer: mostly one after the other, at times two on their way at once, the later first; some come twice. */
  async customer() {
    const user = userId();
    let turns = this.random.whole(1, 4);
    const texts = this.random.shuffled(questions);
    const helped = this.random.chance(0.2) ? this.help(user) : null;
    while (turns-- > 0) {
      const message = this.write(user, texts.pop());
      if (turns > 0 && this.random.chance(0.1)) {
        --turns;
        const second = this.write(user, texts.pop());
        const later = this.deliver(second);
        await pause(this.random.whole(0, 20));
        await Promise.all([later, this.deliver(message)]);
      } else await this.deliver(message);
      if (this.random.chance(0.1)) {
        ++this.repeated;
        await this.deliver(message);
      }
      await pause(this.random.whole(0, 400));
    }
    await helped;
  }
  /** Somebody takes that conversation, writes, and hands it back. */
  async help(user) {
    const conversation = this.platform.nameOf(user);
    const agent = this.random.one(agents);
    await pause(this.random.whole(50, 600));
    const claim = { conversation, agent, from: null, until: null };
    for (let tries = 0; claim.from === null; ++tries) {
      const answer = await this.some().as(agent, '/claim', { conversation }).catch(() => null);
      if (answer?.status === 200) claim.from = this.trace.now();
      else if (tries > 60) return; // the customer never got through, or it is somebody else's
      else await pause(150);
    }
    this.trace.claims.push(claim);
    for (let i = this.random.whole(0, 2); i > 0; --i) {
      const reply = { conversation, agent, text: `您好，我是${agent}，這是第 ${++this.counter} 則。`, at: this.trace.now(), ended: null };
      this.trace.replies.push(reply);
      // Not repeated when no answer comes: whoever writes looks first whether it is there.
      reply.ended = (await this.some().as(agent, '/reply', { conversation, text: reply.text }).catch(() => null))?.status ?? null;
      await pause(this.random.whole(0, 300));
    }
    claim.until = this.trace.now();
    for (;;) {
      const answer = await this.some().as(agent, '/hand-back', { conversation }).catch(() => null);
      if (answer && answer.status < 500) return;
      await pause(100);
    }
  }
  /** New customers at that pace until told to stop; no more at a time than that. */
  start({ perSecond, atOnce = 40 }) {
    this.timer = setInterval(() => {
      if (this.going.size >= atOnce) return;
      const one = this.customer().finally(() => this.going.delete(one));
      this.going.add(one);
    }, 1000 / perSecond);
  }
  /** No new ones; when those who are there are done. */
  async finish() {
    clearInterval(this.timer);
    await Promise.all(this.going);
  }
}
