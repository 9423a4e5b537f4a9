// SPDX-License-Identifier: Apache-2.0
// LINE's side of the sends, as the Messaging API reference has it: a reply token works once and for a minute, a push's retry key is known for good.
// What a customer sees is written into the trace at the moment of the request's arrival; what is said about it may be late, wrong or cut off.
import { createServer } from 'node:http';

const tokenLife = 60_000;

/** How a call goes wrong: whether the message is out, and what kefud hears. `share`: of the calls. */
const troubles = {
  slow: { out: 1, answer: 'late' }, // slower than the send's limit, now and then
  lost: { out: 1, answer: 'cut' },
  cut: { out: 0, answer: 'cut' },
  half: { out: 1, answer: 'half' },
  too_many: { out: 0, answer: 429 },
  failing: { out: 0.5, answer: 500 }, // LINE: the message may be out all the same
};

export class Platform {
  constructor(trace, random) {
    Object.assign(this, { trace, random, tokens: new Map(), keys: new Map(), trouble: null, share: 0, sent: 0, sockets: new Set() });
  }
  async start() {
    this.server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => this.take(request, text, response));
    });
    this.server.keepAliveTimeout = 60_000;
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {}); // kefud was killed
    });
    await this.up();
    this.url = `http://127.0.0.1:${this.port}`;
  }
  async up() {
    await new Promise((done) => this.server.listen(this.port ?? 0, '127.0.0.1', done));
    this.port = this.server.address().port;
  }
  async down() {
    const closed = new Promise((done) => this.server.close(done));
    this.sockets.forEach((socket) => socket.destroy());
    await closed;
  }
  /** From now on that share of the calls goes wrong in that way; null: none. */
  set(trouble, share = 0) {
    if (trouble !== null && !troubles[trouble]) throw new Error(`no trouble is called ${trouble}`);
    Object.assign(this, { trouble, share });
  }
  /** A webhook is on its way with that token. */
  issue(token, conversation) {
    this.tokens.set(token, { conversation, until: Date.now() + tokenLife });
  }
  take(request, text, response) {
    const body = text ? JSON.parse(text) : {};
    const reply = (status, json) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    const kind = { '/v2/bot/message/reply': 'reply', '/v2/bot/message/push': 'push' }[request.url];
    if (request.url === '/notify') return reply(200, {});
    if (!kind) return reply(404, { message: 'Not found' });
    const trouble = this.trouble && this.random.chance(this.share) ? troubles[this.trouble] : null;
    if (trouble && !this.random.chance(trouble.out)) return this.fail(trouble.answer, response, reply);
    const [status, json] = this.accept(kind, body, request.headers['x-line-retry-key']);
    if (trouble) return this.fail(trouble.answer, response, () => reply(trouble.answer === 'late' ? status : 500, json));
    reply(status, json);
  }
  fail(answer, response, reply) {
    if (answer === 'cut') return response.socket.destroy();
    if (answer === 'late') return void setTimeout(() => reply(), this.random.whole(100, 4000));
    if (answer === 429) return reply(429, { message: 'The API rate limit has been exceeded. Try again later.' });
    if (answer === 500) return reply(500, { message: 'The server made an error' });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 }).write('{"sentMessages":[{"id":');
    setTimeout(() => response.socket?.destroy(), 5);
  }
  accept(kind, body, key) {
    const texts = body.messages.map((message) => message.text ?? message.altText ?? '');
    const show = (conversation, more) => this.trace.sends.push({ conversation, at: this.trace.now(), kind, token: null, key: null, ...more, texts });
    const sent = { sentMessages: body.messages.map(() => ({ id: String(++this.sent), quoteToken: 'q' })) };
    if (kind === 'reply') {
      const token = this.tokens.get(body.replyToken);
      if (!token || token.until < Date.now()) return [400, { message: 'Invalid reply token' }];
      this.tokens.delete(body.replyToken);
      show(token.conversation, { token: body.replyToken });
      return [200, sent];
    }
    if (key && this.keys.has(key)) return [409, { message: 'The retry key is already accepted', ...this.keys.get(key) }];
    if (key) this.keys.set(key, sent);
    show(this.nameOf(body.to), { key: key ?? '' });
    return [200, sent];
  }
  nameOf(user) {
    return `line/${user}`;
  }
  async stop() {
    if (this.server.listening) await this.down();
  }
}
