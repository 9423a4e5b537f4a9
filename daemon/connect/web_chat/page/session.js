// SPDX-License-Identifier: Apache-2.0
// The connection to the shop: sends what waits, one message after the other, and takes up where it was when it breaks. Knows nothing of the page.
const mostWaiting = 50;
const pingEvery = 25_000;
const pongWithin = 10_000;
const shortestWait = 500;
const longestWait = 30_000;
const typingEvery = 3_000;
const usualMaxText = 4_000;

/** 128 random bits. crypto.randomUUID is only there with HTTPS. */
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

class Session {
  /**
   * `base`: where the channel lives, "https://shop.example/chat". `on`: what the page wants to hear:
   * whole(lines), line(line), stored(id), waiting(id), failed(id), typing(from), state(name), welcome(welcome).
   */
  constructor({ base, channel, storage, identity = {}, language, on }) {
    Object.assign(this, { base, channel, storage, identity, language, on });
    this.state = 'new';
    this.last = 0; // the number of the shop's line that came last; an approved draft may have a smaller one than the line before
    this.known = new Set(); // of the lines the page has: the customer's ids, the shop's numbers
    this.seen = 0;
    this.failures = 0;
    this.maxText = usualMaxText;
  }

  start() {
    if (this.socket || this.state === 'refused') return;
    clearTimeout(this.again);
    if (this.state === 'new' || this.state === 'asleep') this.become('connecting');
    const url = new URL(`${this.base}/ws`);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('channel', this.channel);
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => this.put({ type: 'hello', token: this.storage.token, ...this.identity, language: this.language, after: this.last });
    socket.onmessage = ({ data }) => this.socket === socket && this.take(JSON.parse(data));
    socket.onclose = ({ code }) => this.socket === socket && this.lost(code);
    this.watch(pongWithin);
  }

  /** Somebody is there again, or the network is. */
  wake() {
    if (this.state !== 'online' && this.state !== 'new') this.start();
  }

  stop() {
    clearTimeout(this.again);
    this.forget()?.close();
  }

  /** Queues a message; '' when that is not possible, else its id. */
  say(text, files = []) {
    if (this.storage.queue.length >= mostWaiting) return '';
    // Half a character, as a careless cut leaves it, is none.
    const message = { id: newId(), text: text.replace(/\p{Surrogate}/gu, '\ufffd'), files };
    this.storage.enqueue(message);
    this.storage.used = true;
    this.start();
    this.pump();
    return message.id;
  }

  read(number) {
    this.seen = number;
    if (this.state === 'online' && this.seen !== this.told) {
      this.told = this.seen;
      this.put({ type: 'read', number: this.seen });
    }
  }

  typing() {
    const now = Date.now();
    if (this.state !== 'online' || now - (this.typed ?? 0) < typingEvery) return;
    this.typed = now;
    this.put({ type: 'typing' });
  }

  /** The id of the uploaded file, for say(). Throws when it cannot be. */
  async upload(bytes) {
    const url = this.files();
    // Without a type the browser need not ask first whether it may.
    const answer = await fetch(url, { method: 'POST', body: new Blob([bytes]), credentials: 'omit' });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return (await answer.json()).id;
  }

  /** A photo of the visitor's own, as the line that is stored names it. Throws when it cannot be had. */
  async photo(name) {
    const url = this.files();
    url.searchParams.set('photo', name);
    const answer = await fetch(url, { credentials: 'omit' });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.blob();
  }

  files() {
    const url = new URL(`${this.base}/files`);
    url.searchParams.set('channel', this.channel);
    url.searchParams.set('ticket', this.ticket ?? '');
    return url;
  }

  // --------------------------------------------------------------------------------------------------------------------------------------

  put(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  take(frame) {
    this.watch(pingEvery);
    if (frame.type === 'welcome') this.welcome(frame);
    if (frame.type === 'line') this.line(frame);
    if (frame.type === 'typing') this.on.typing(frame.from);
    if (frame.type === 'stored') this.settle(frame.id);
    if (frame.type === 'refused') this.refused(frame);
    if (frame.type === 'bye') this.bye = frame;
  }

  welcome(frame) {
    if (frame.token) this.storage.token = frame.token;
    this.ticket = frame.ticket;
    this.maxText = frame.max_text;
    this.failures = 0;
    this.become('online');
    this.on.welcome(frame);
    if (frame.whole) {
      this.last = frame.lines.findLast((line) => line.number)?.number ?? 0;
      this.known = new Set(frame.lines.map((line) => line.id ?? line.number));
      this.known.forEach((id) => this.storage.drop(id));
      this.on.whole(frame.lines);
    } else {
      frame.lines.forEach((line) => this.line(line));
    }
    this.told = 0;
    if (this.seen) this.read(this.seen);
    this.pump();
  }

  line(line) {
    const key = line.id ?? line.number;
    this.storage.drop(key);
    if (this.known.has(key)) return;
    this.known.add(key);
    if (line.number) this.last = line.number;
    this.on.line(line);
  }

  /** One at a time: the next waits until this one is stored, so that their order stays. */
  pump() {
    if (this.state !== 'online' || this.sending) return;
    const [next] = this.storage.queue;
    if (!next) return;
    this.sending = next.id;
    this.put({ type: 'message', ...next });
  }

  settle(id) {
    this.storage.drop(id);
    this.known.add(id);
    this.sending = '';
    this.on.stored(id);
    this.pump();
  }

  refused({ id, retry_after }) {
    if (!retry_after) return this.fail(id);
    this.on.waiting(id);
    clearTimeout(this.later);
    this.later = setTimeout(() => ((this.sending = ''), this.pump()), retry_after);
  }

  fail(id) {
    this.storage.drop(id);
    this.sending = '';
    this.on.failed(id);
    this.pump();
  }

  /** Something must be heard within `limit`; else we ask, and without an answer the connection is dead. */
  watch(limit) {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      if (limit === pongWithin) return this.lost(0);
      this.put({ type: 'ping' });
      this.watch(pongWithin);
    }, limit);
  }

  forget() {
    clearTimeout(this.silence);
    clearTimeout(this.later);
    const socket = this.socket;
    this.socket = null;
    this.sending = '';
    return socket;
  }

  lost(code) {
    const poison = this.sending;
    this.forget()?.close();
    const { code: why, retry_after: after = 0 } = this.bye ?? {};
    this.bye = null;
    if (why === 'identity_wrong') return this.become('refused');
    if (why === 'idle') return this.become('asleep');
    // 1007, 1009 and malformed: the daemon cannot read that message, and never will.
    if (poison && (why === 'malformed' || code === 1007 || code === 1009)) this.fail(poison);
    this.become(why === 'full' ? 'busy' : 'offline');
    const wait = Math.min(longestWait, shortestWait * 2 ** this.failures++) * (0.5 + Math.random() / 2);
    this.again = setTimeout(() => this.start(), Math.max(wait, after));
  }

  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.on.state(state);
  }
}
