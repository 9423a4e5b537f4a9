// SPDX-License-Identifier: Apache-2.0
// Starts the real binary for a test, in a folder of its own, on free ports, and stops it at the end.
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { destination, messageEvent, secret, sign, ulid, userId } from './line_event.mjs';
import { Process, binary, pause, root, running } from './process.mjs';

export { Process, binary, destination, messageEvent, pause, root, secret, sign, ulid, userId };

/** The shared samples, or null in a plain clone. */
export const sharedFolder = (() => {
  const folder = resolve(root, process.env.KEFUD_TEST_DATA ?? '../shared');
  return existsSync(join(folder, 'specs')) ? folder : null;
})();
/** For `test(name, needsShared, ...)`: skips and says why when the samples are not there. */
export const needsShared = sharedFolder ? {} : { skip: 'set KEFUD_TEST_DATA to the folder with specs/ to run this' };
export const sharedLines = (name) =>
  readFileSync(join(sharedFolder, name), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

export const webhookSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
export const agentToken = 'test-agent-token';

// A test that fails leaves its programs behind, and they would keep the run from ending.
after(() => running.forEach((child) => child.kill('SIGKILL')));

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

/** Runs one of kefud's commands on standard input. */
export const kefud = (args, input = '') => spawnSync(binary, args, { input, encoding: 'utf8', cwd: '/', maxBuffer: 1 << 28 });

export const texts = (calls) => calls.flatMap((call) => (call.messages ?? call.body?.data?.messages ?? []).map((message) => message.text ?? message.altText).filter(Boolean));
