// SPDX-License-Identifier: Apache-2.0
// What a power cut leaves of a folder: all that was synced; of the rest each write may be there, or not, or torn at a sector, whatever came after it.
// Names (a file made, renamed, removed) are taken as lasting at once: what is tested is the contents of the database and its log.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const sector = 512;

/** The records that faults.c wrote; the last may be cut off by the kill. */
export function* recordsOf(log) {
  for (let at = 0; at + 25 <= log.length; ) {
    const pathLength = log.readUInt32LE(at + 1);
    const length = Number(log.readBigUInt64LE(at + 17));
    const begin = at + 25;
    const end = begin + pathLength + length;
    if (end > log.length) return;
    yield {
      op: String.fromCharCode(log[at]), thread: log.readUInt32LE(at + 5), offset: Number(log.readBigUInt64LE(at + 9)),
      path: log.toString('utf8', begin, begin + pathLength), data: log.subarray(begin + pathLength, end),
    };
    at = end;
  }
}

/** A file: the bytes that are safe, and what was done since. */
class File {
  constructor(safe = Buffer.alloc(0)) {
    this.buffer = Buffer.from(safe);
    this.size = safe.length;
    this.pending = [];
  }
  apply({ op, offset, data }) {
    const size = op === 'W' ? Math.max(this.size, offset + data.length) : offset;
    if (size > this.buffer.length) this.buffer = Buffer.concat([this.buffer.subarray(0, this.size)], Math.max(size, 2 * this.buffer.length));
    if (size > this.size) this.buffer.fill(0, this.size, size);
    this.size = size;
    if (op === 'W') data.copy(this.buffer, offset);
  }
  sync(count) {
    this.pending.splice(0, count).forEach((change) => this.apply(change));
  }
  bytes() {
    return this.buffer.subarray(0, this.size);
  }
}

/** Which sectors of a write made it: a piece from its beginning, or any of them. */
function* torn({ offset, data }, random) {
  const first = Math.floor(offset / sector);
  const last = Math.floor((offset + data.length - 1) / sector);
  const upTo = random.chance(0.5) ? random.whole(first, last) : null;
  for (let number = first; number <= last; ++number) {
    if (upTo === null ? random.chance(0.5) : number > upTo) continue;
    const from = Math.max(offset, number * sector);
    yield { op: 'W', offset: from, data: data.subarray(from - offset, Math.min(offset + data.length, (number + 1) * sector) - offset) };
  }
}

/** `files`: path -> bytes when the log began. What is there after a cut at its end, and how many changes were lost or torn. */
export function afterPowerCut(files, log, random) {
  const now = new Map([...files].map(([path, bytes]) => [path, new File(bytes)]));
  const syncing = new Map();
  for (const { op, thread, path, offset, data } of recordsOf(log)) {
    if (op === 'U') now.delete(path);
    else if (op === 'R') {
      if (now.has(path)) now.set(data.toString(), now.get(path));
      now.delete(path);
    } else {
      if (!now.has(path)) now.set(path, new File());
      const file = now.get(path);
      if (op === 'C' && offset === 1) file.pending.push({ op: 'T', offset: 0 });
      if (op === 'W' || op === 'T') file.pending.push({ op, offset, data });
      // Another thread's sync of the same file may have moved the border meanwhile: counted by the changes themselves.
      if (op === 'B') syncing.set(thread, { file, until: file.pending.at(-1) });
      const began = op === 'E' ? syncing.get(thread) : undefined;
      if (began?.file === file && began.until) file.sync(file.pending.indexOf(began.until) + 1);
    }
  }
  let lost = 0;
  for (const file of now.values()) {
    for (const change of file.pending.splice(0)) {
      const fate = random.next();
      if (fate < 0.4) file.apply(change);
      else ++lost;
      if (fate >= 0.8 && change.op === 'W') for (const piece of torn(change, random)) file.apply(piece);
    }
  }
  return { files: new Map([...now].map(([path, file]) => [path, file.bytes()])), lost };
}

/** The files of a folder, but what the system makes anew. */
export function readFolder(folder) {
  const files = new Map();
  const look = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) look(path);
      else if (entry.isFile() && !path.endsWith('-shm')) files.set(path, readFileSync(path));
    }
  };
  look(folder);
  return files;
}

export function writeFolder(folder, files) {
  for (const [path, bytes] of files) {
    if (relative(folder, path).startsWith('..')) throw new Error(`${path} is not in ${folder}`);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes, { mode: 0o600 });
  }
}
