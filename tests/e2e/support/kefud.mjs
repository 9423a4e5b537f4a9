// SPDX-License-Identifier: Apache-2.0
// Starts the real binary for a test, in a folder of its own, on free ports, and stops it at the end.
import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, '../../..');
export const binary = resolve(process.env.KEFUD_BINARY ?? join(root, 'build/release/kefud'));

/** The shared samples, or null in a plain clone. */
export const sharedFolder = (() => {
  const folder = resolve(root, process.env.KEFUD_TEST_DATA ?? '../shared');
  return existsSync(join(folder, 'specs')) ? folder : null;
})();
/** For `test(name, needsShared, ...)`: skips and says why when the samples are not there. */
export const needsShared = sharedFolder ? {} : { skip: 'set KEFUD_TEST_DATA to the folder with specs/ to run this' };
export const sharedLines = (name) =>
  readFileSync(join(sharedFolder, name), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

export const secret = '7f3a9c1e5b2d4f608a7c9e1b3d5f7081';
export const destination = 'U0123456789abcdef0123456789abcdef';
export const webhookSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
export const agentToken = 'test-agent-token';

// A test that fails leaves its programs behind, and they would keep the run from ending.
const running = new Set();
after(() => running.forEach((child) => child.kill('SIGKILL')));

/** A child process whose output is read line by line; `line(pattern)` waits for one that matches, also among those already seen. */
export class Process {
  constructor(args, { program = binary, ...options } = {}) {
    this.lines = [];
    this.waiting = [];
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(this.child);
    this.exited = new Promise((done) => this.child.once('exit', (code, signal) => done({ code, signal })));
    this.exited.then(() => running.delete(this.child));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.take(line));
    }
    this.exited.then(() => this.waiting.forEach(({ fail }) => fail(new Error('exited with ' + (this.child.signalCode ?? this.child.exitCode) + ':\n' + this.lines.join('\n')))));
  }

  take(line) {
    this.lines.push(line);
    this.waiting = this.waiting.filter(({ pattern, done }) => {
      const match = line.match(pattern);
      if (match) done(match);
      return !match;
    });
  }

  line(pattern, from = 0, milliseconds = 60_000) {
    for (const line of this.lines.slice(from)) {
      const match = line.match(pattern);
      if (match) return Promise.resolve(match);
    }
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no line like ${pattern} in:\n${this.lines.join('\n')}`)), milliseconds);
      this.waiting.push({ pattern, done: (m) => (clearTimeout(timer), done(m)), fail: (e) => (clearTimeout(timer), fail(e)) });
    });
  }

  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return this.exited;
  }
}

/** The stand-in for LINE and webhook receivers. */
export class Loopback {
  /** `record`: a file for what arrives, when it may be more than the stand-in remembers. */
  static async start({ record } = {}) {
    const self = new Loopback();
    self.record = record;
    self.process = new Process(['loopback', '--port', '0', '--quiet', ...(record ? ['--record', record] : [])]);
    const [, url] = await self.process.line(/(http:\/\/\S+)/);
    self.url = url;
    return self;
  }
  async sent() {
    const text = this.record ? readFileSync(this.record, 'utf8') : await (await fetch(`${this.url}/_sent`)).text();
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }
  fault(fault) {
    return fetch(`${this.url}/_fault`, { method: 'POST', body: JSON.stringify(fault) });
  }
  /** Asks again until `wanted(calls)` is true. */
  async until(wanted, what, milliseconds = 30_000) {
    const end = Date.now() + milliseconds;
    for (;;) {
      const calls = await this.sent();
      if (wanted(calls)) return calls;
      if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms; the platform saw ${JSON.stringify(calls).slice(0, 4000)}`);
      await pause(25);
    }
  }
  stop() {
    return this.process.stop();
  }
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export class Daemon {
  /** `settings` replaces members of the default settings, which are one LINE account, one webhook channel, one notifier, one agent. */
  static async start({ platform, settings = {}, folder = mkdtempSync(join(tmpdir(), 'kefud-e2e-')), keep = false, state = folder } = {}) {
    const self = new this();
    Object.assign(self, { folder, keep, state, file: join(folder, 'kefud.yaml') });
    self.settings = {
      allow_plain_secrets: true,
      state,
      listen: { address: '127.0.0.1', port: 0 },
      shop: { name: 'Test shop', locale: 'zh-Hant', time_zone: 'Asia/Taipei' },
      channels: [
        {
          id: 'line-test', type: 'line', path: '/webhook/line', quiet_window: 0, stale_after: '3650d',
          line: { destination, channel_secrets: [secret], access_token: 'token', api_base: platform.url, data_base: platform.url, profiles: false },
        },
        {
          id: 'web-test', type: 'webhooks', path: '/webhook/web', quiet_window: 0,
          webhooks: { secrets: [webhookSecret], send_to: `${platform.url}/webhooks/web-test`, allow_private_addresses: true },
        },
      ],
      notifiers: [{ id: 'desk', type: 'webhook', url: `${platform.url}/notify`, allow_private_addresses: true }],
      agents: [{ name: 'mei', token: agentToken }, { name: 'jan', token: agentToken + '-jan' }],
      log: { level: 'info', format: 'text' },
      ...settings,
    };
    self.write();
    await self.launch();
    return self;
  }
  write() {
    writeFileSync(this.file, JSON.stringify(this.settings)); // JSON is YAML
  }
  async launch() {
    this.process = new Process(['run', '--config', this.file]);
    const [, port] = await this.process.line(/ready.*port=(\d+)/);
    this.url = `http://127.0.0.1:${port}`;
  }
  kill() {
    return this.process.stop('SIGKILL');
  }
  async stop() {
    const ended = await this.process.stop();
    if (!this.keep) rmSync(this.folder, { recursive: true, force: true });
    return ended;
  }
  async reload() {
    const from = this.process.lines.length;
    this.process.child.kill('SIGHUP');
    return this.process.line(/(reloaded|reload_refused)/, from);
  }
  postLine(body, { signature = sign(body), path = '/webhook/line' } = {}) {
    return fetch(this.url + path, { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8', 'x-line-signature': signature }, body });
  }
  /** One message as LINE sends it. */
  say(text, { user = userId(), event = ulid(), token = `reply-${event}`, ...more } = {}) {
    return this.postLine(JSON.stringify({ destination, events: [messageEvent(text, { user, event, token, ...more })] }));
  }
  postWebhook(payload, { id = `msg_${ulid()}`, now = Math.floor(Date.now() / 1000) } = {}) {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const key = Buffer.from(webhookSecret.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${now}.${body}`).digest('base64');
    return fetch(this.url + '/webhook/web', {
      method: 'POST', body,
      headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String(now), 'webhook-signature': `v1,${signature}` },
    });
  }
  async api(method, path, body, token = agentToken) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }
  command(...args) {
    return spawnSync(binary, [args[0], '--config', this.file, ...args.slice(1)], { encoding: 'utf8' });
  }
}

export const sign = (body, key = secret) => createHmac('sha256', key).update(body).digest('base64');
export const userId = () => 'U' + randomBytes(16).toString('hex');
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const ulid = () => '01K' + [...randomBytes(23)].map((byte) => letters[byte & 31]).join('');

export const messageEvent = (text, { user, event, token, at = Date.now(), redelivery = false, id = String(BigInt('0x' + randomBytes(7).toString('hex'))), message = null, source = null }) => ({
  type: 'message', mode: 'active', timestamp: at, source: source ?? { type: 'user', userId: user }, webhookEventId: event,
  deliveryContext: { isRedelivery: redelivery }, replyToken: token, message: message ?? { id, type: 'text', quoteToken: 'q', text },
});

/** Runs one of kefud's commands on standard input. */
export const kefud = (args, input = '') => spawnSync(binary, args, { input, encoding: 'utf8', cwd: '/', maxBuffer: 1 << 28 });

export const texts = (calls) => calls.flatMap((call) => (call.messages ?? call.body?.data?.messages ?? []).map((message) => message.text ?? message.altText).filter(Boolean));
