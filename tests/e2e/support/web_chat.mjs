// SPDX-License-Identifier: Apache-2.0
// A visitor without a browser: the page's own connection code (session.js, storage.js) on Node's ws.
import { webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { root } from './kefud.mjs';

export const shop = 'https://shop.example';
export const chatChannel = (settings = {}, channel = {}) => ({
  id: 'chat', type: 'web_chat', quiet_window: 0, locale: 'en', ...channel, web_chat: { origins: [shop], page: true, messages_per_minute: 6000, ...settings },
});

class FromShop extends WebSocket {
  constructor(url) {
    super(url, { origin: shop });
    this.on('error', () => {});
  }
}

const folder = join(root, 'daemon/connect/web_chat/page');
const code = ['storage.js', 'session.js'].map((file) => readFileSync(join(folder, file), 'utf8')).join('');
export const { Session, Storage } = new Function('WebSocket', 'crypto', `${code}; return { Session, Storage };`)(FromShop, globalThis.crypto ?? webcrypto);

/** One page: what it shows is `lines`, in order. */
export class Visitor {
  constructor(url, { storage = new Storage('chat', null), identity, language = 'zh-Hans', channel = 'chat' } = {}) {
    Object.assign(this, { storage, lines: [], stored: [], failed: [], waiting: [], states: [], typed: 0 });
    const own = (lines) => lines.map((line) => ({ ...line, text: line.parts.map((part) => part.text ?? '').join('\n') }));
    this.session = new Session({
      base: `${url}/chat`, channel, storage, identity, language,
      on: {
        whole: (lines) => (this.lines = own(lines)),
        line: (line) => this.lines.push(...own([line])),
        stored: (id) => this.stored.push(id),
        waiting: (id) => this.waiting.push(id),
        failed: (id) => this.failed.push(id),
        typing: () => ++this.typed,
        state: (state) => this.states.push(state),
        welcome: (welcome) => (this.welcome = welcome),
      },
    });
    this.session.start();
  }
  say(text, files) {
    return this.session.say(text, files);
  }
  get answers() {
    return this.lines.filter((line) => line.from !== 'customer');
  }
  async until(wanted, what, milliseconds = 30_000) {
    const end = Date.now() + milliseconds;
    while (!wanted(this)) {
      if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms; ${JSON.stringify({ lines: this.lines, states: this.states, queue: this.storage.queue }).slice(0, 3000)}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  leave() {
    this.session.stop();
  }
}

/** The browser that is installed; null when there is none. */
export const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path)) ?? null;
export const needsChromium = chromium ? {} : { skip: 'no Chromium: apt-get install chromium, or set CHROMIUM' };
