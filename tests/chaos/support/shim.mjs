// SPDX-License-Identifier: Apache-2.0
// Builds faults.c and turns its knobs while a daemon runs.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = join(dirname(fileURLToPath(import.meta.url)), 'faults.c');

export const errors = { none: 0, input_output: 5, full: 28, read_only: 30 }; // of Linux: EIO, ENOSPC, EROFS

export class Shim {
  /** `folder`: where the library, its knobs and its log are kept. */
  constructor(folder) {
    this.object = join(folder, 'faults.so');
    this.control = join(folder, 'faults.control');
    this.logFile = join(folder, 'faults.log');
    const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-o', this.object, source, '-ldl', '-pthread'], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`cc cannot build faults.c: ${built.stderr ?? built.error}`);
    this.knobs = { clock: 0, sync: 0, error: 0 };
    writeFileSync(this.control, Buffer.alloc(4096));
  }
  /** `clock`: milliseconds ahead; `sync`: milliseconds that each takes; `error`: what each write fails with. At once, also in a daemon that runs. */
  set(knobs) {
    Object.assign(this.knobs, knobs);
    const bytes = Buffer.alloc(24);
    [this.knobs.clock, this.knobs.sync, this.knobs.error].forEach((value, at) => bytes.writeBigInt64LE(BigInt(value), 8 * at));
    const file = openSync(this.control, 'r+');
    writeSync(file, bytes, 0, bytes.length, 0);
    closeSync(file);
  }
  /** For a daemon whose state is in that folder. `log`: a fresh one begins with it. */
  environment(folder, { log = false } = {}) {
    if (log) rmSync(this.logFile, { force: true });
    return { LD_PRELOAD: this.object, KEFUD_FAULTS_CONTROL: this.control, KEFUD_FAULTS_ROOT: folder, ...(log ? { KEFUD_FAULTS_LOG: this.logFile } : {}) };
  }
  log() {
    return existsSync(this.logFile) ? readFileSync(this.logFile) : Buffer.alloc(0);
  }
}
