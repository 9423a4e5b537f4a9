// SPDX-License-Identifier: Apache-2.0
// A daemon that is killed, restarted and pestered, and the calls to it that may fail.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { destination, secret } from '../../e2e/support/line_event.mjs';
import { Process, pause } from '../../e2e/support/process.mjs';

export const agents = ['mei', 'jan'];
const tokenOf = (name) => `chaos-token-of-${name}`;

export class Daemon {
  /** `store`: settings of it; `environment`: what is added to ours, asked at each start. */
  constructor({ folder, platform, state = join(folder, 'state'), store = {}, environment = () => ({}) }) {
    Object.assign(this, { folder, state, environment, file: join(folder, 'kefud.yaml'), process: null, url: null });
    mkdirSync(state, { recursive: true });
    this.http = new Agent({ keepAlive: true, maxSockets: 256 });
    writeFileSync(this.file, JSON.stringify({ // JSON is YAML
      allow_plain_secrets: true,
      state,
      store,
      listen: { address: '127.0.0.1', port: 0 },
      shop: { name: 'Chaos shop', locale: 'zh-Hant', time_zone: 'Asia/Taipei' },
      channels: [{
        id: 'line', type: 'line', path: '/webhook/line', quiet_window: 0,
        send: { timeout: '1500ms', connect: '1s', first_retry: '100ms', longest_retry: '1s' },
        line: { destination, channel_secrets: [secret], access_token: 'token', api_base: platform.url, data_base: platform.url, profiles: false },
      }],
      notifiers: [{ id: 'desk', type: 'webhook', url: `${platform.url}/notify`, allow_private_addresses: true }],
      agents: agents.map((name) => ({ name, token: tokenOf(name) })),
      log: { level: 'info', format: 'text' },
    }));
  }
  begin() {
    return new Process(['run', '--config', this.file], { env: { ...process.env, ...this.environment() } });
  }
  /** Killed before it is ready, mostly. */
  async stumble(milliseconds) {
    const stumbling = this.begin();
    await pause(milliseconds);
    await stumbling.stop('SIGKILL');
  }
  async launch() {
    this.process = this.begin();
    const [, port] = await this.process.line(/ready.*port=(\d+)/);
    this.url = `http://127.0.0.1:${port}`;
  }
  /** Until it starts: what it needs may not be there yet. */
  async relaunch(tries = 100) {
    for (;;) {
      try {
        return await this.launch();
      } catch (error) {
        if (--tries <= 0) throw error;
        await pause(100);
      }
    }
  }
  /** Nobody asked it to. */
  hasDied() {
    const { exitCode, signalCode } = this.process.child;
    return exitCode !== null || signalCode !== null ? new Error(`the daemon ended by itself (${signalCode ?? exitCode}):\n${this.process.lines.slice(-30).join('\n')}`) : null;
  }
  async kill() {
    const died = this.hasDied();
    if (died) throw died;
    this.url = null;
    await this.process.stop('SIGKILL');
  }
  async stop() {
    const ended = await this.process.stop();
    this.http.destroy();
    return ended;
  }
  reload() {
    this.process.child.kill('SIGHUP');
  }
  /** The status, and the JSON when there is any; throws when no whole answer came. */
  call(method, path, body, headers = {}, limit = 8000) {
    const url = this.url;
    if (!url) return Promise.reject(new Error('it is down'));
    return new Promise((done, fail) => {
      const call = request(url + path, { method, agent: this.http, timeout: limit, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => done({ status: response.statusCode, text })).on('error', fail).on('aborted', () => fail(new Error('cut off')));
      });
      call.on('timeout', () => call.destroy(new Error(`no answer in ${limit} ms`))).on('error', fail).end(body);
    });
  }
  as(agent, path, body) {
    return this.call('POST', `/api/v1${path}`, JSON.stringify(body), { authorization: `Bearer ${tokenOf(agent)}` }, 15_000);
  }
}
