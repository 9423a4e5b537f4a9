// SPDX-License-Identifier: Apache-2.0
// Does what a page tells its reader to do. The convention, for writers of pages:
//   ```console     is tried: each line that begins with "$ " is given to bash ("> " continues it), and the lines below it must come out, in that order;
//                  "..." stands for anything; as a line of its own also for another order: programs in the background say their part when they will.
//                  Every command must succeed.
//   ```yaml        (or any other language) whose first line is a comment with nothing but a file's name is written to that file first.
//   ```sh          is not tried: it needs root, a platform's account or somebody's own server.
// All blocks of a page share one shell, in a new folder. The ports 8080 and 8099 stand for free ones, so a page names
// them where a program would take them by itself.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { blocksOf } from './documents.mjs';
import { binary } from './kefud.mjs';

/** What a page has to offer for trying: [{line, command, expected: [line]} or {line, file, content}]. */
export function stepsOf(text) {
  const steps = [];
  for (const { line, info, lines } of blocksOf(text)) {
    const [, file] = lines[0]?.match(/^(?:#|\/\/) ([\w-]+(?:\/[\w-]+)*\.[a-z]+)$/) ?? [];
    if (info === 'console') {
      lines.forEach((words, index) => {
        if (words.startsWith('$ ')) steps.push({ line: line + 1 + index, command: words.slice(2), expected: [] });
        else if (words.startsWith('> ')) steps.at(-1).command += `\n${words.slice(2)}`;
        else if (words !== '') steps.at(-1).expected.push(words);
      });
    } else if (file && info !== 'sh') steps.push({ line, file, content: lines.join('\n') + '\n' });
  }
  return steps;
}

/** The first expected line that is not among the lines, after those found before it since the last "..."; nothing when all are. */
export function missing(expected, lines) {
  let from = 0;
  for (const words of expected) {
    if (words.trim() === '...') {
      from = 0;
      continue;
    }
    const pattern = new RegExp(`^${words.split('...').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
    const found = lines.findIndex((line, index) => index >= from && pattern.test(line.trimEnd()));
    if (found < 0) return words;
    from = found + 1;
  }
  return undefined;
}

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(String(port)));
    });
  });

/** Tries a page; the error says which line does not hold. `patience`: how long, in milliseconds, a command may take to end or to say what is expected. */
export async function tryPage(page, text, patience = 60_000) {
  const folder = mkdtempSync(join(tmpdir(), 'kefud-page-'));
  const home = join(folder, 'here');
  mkdirSync(home);
  mkdirSync(join(folder, 'bin'));
  symlinkSync(binary, join(folder, 'bin/kefud'));
  const ports = { 8080: await freePort(), 8099: await freePort() };
  const toFree = (words) => words.replace(/\b(8080|8099)\b/g, (port) => ports[port]);
  const back = (words) => Object.entries(ports).reduce((all, [known, free]) => all.replaceAll(free, known), words);
  const shell = spawn('bash', ['--noprofile', '--norc'], {
    cwd: home, detached: true, env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOME: home, LANG: 'C.UTF-8', TZ: 'UTC' }, stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let look = () => {};
  for (const stream of [shell.stdout, shell.stderr]) stream.setEncoding('utf8').on('data', (words) => ((output += words), look()));
  const until = (wanted, step) =>
    new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`${page}:${step.line}: $ ${step.command}\n${wanted().why}; so far:\n${back(output)}`)), patience);
      look = () => {
        if (!wanted().holds) return;
        clearTimeout(timer);
        done();
      };
      look();
    });

  try {
    for (const [number, step] of stepsOf(text).entries()) {
      if (step.file) {
        mkdirSync(dirname(join(home, step.file)), { recursive: true });
        writeFileSync(join(home, step.file), toFree(step.content));
        continue;
      }
      output = '';
      // What reads its input must not read the commands that follow.
      shell.stdin.write(`{ ${toFree(step.command)}\n} </dev/null\nprintf '\\036%s %s\\036\\n' ${number} $?\n`);
      const end = new RegExp(`\\x1e${number} (\\d+)\\x1e`);
      await until(() => ({ holds: end.test(output), why: 'it does not end' }), step);
      const status = Number(output.match(end)[1]);
      if (status !== 0) throw new Error(`${page}:${step.line}: $ ${step.command}\nexit code ${status}:\n${back(output)}`);
      // What runs in the background says it a little later.
      const said = () => missing(step.expected, back(output.replace(/\x1e[^\x1e]*\x1e\n?/g, '')).split('\n'));
      await until(() => ({ holds: said() === undefined, why: `nothing says "${said()}"` }), step);
    }
  } finally {
    const gone = new Promise((done) => shell.once('close', done)); // when what it started in the background has ended, too
    process.kill(-shell.pid, 'SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
}
