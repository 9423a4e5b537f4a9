// SPDX-License-Identifier: Apache-2.0
// The built program, and programs as children of a test.
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, '../../..');
export const binary = resolve(process.env.KEFUD_BINARY ?? join(root, 'build/release/kefud'));

/** All that were started and have not ended. */
export const running = new Set();

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

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
