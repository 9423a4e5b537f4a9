// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Daemon, Process, binary, root } from './kefud.mjs';

/** The daemon as a service: service_manager.py, in systemd's place, holds its socket and hears what it notifies. */
export class Service extends Daemon {
  watchdog = 0; // in microseconds, how often it has to say that it is alive; 0: never

  async launch() {
    const manager = join(root, 'tests/e2e/support/service_manager.py');
    const options = this.watchdog ? ['--watchdog', String(this.watchdog)] : [];
    this.process = new Process([manager, ...options, '--', binary, 'run', '--config', this.file], { program: 'python3', stdio: ['pipe', 'pipe', 'pipe'] });
    const [, port] = await this.process.line(/^listening (\d+)$/);
    this.url = `http://127.0.0.1:${port}`;
    await this.notified(/^READY=1$/);
  }
  /** The next line the daemon notifies that matches, among those from the `from`th line on. */
  notified(pattern, from = 0) {
    return this.process.line(new RegExp(`^notify ${pattern.source.replace(/^\^/, '')}`), from);
  }
  tell(word) {
    this.process.child.stdin.write(word + '\n');
  }
}
