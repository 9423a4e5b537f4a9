// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server for the tests of one file, stopped at the end.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { root } from './kefud.mjs';

const script = join(root, 'tests/support/postgres');
const folder = mkdtempSync(join(tmpdir(), 'kefud-e2e-pg-'));
const file = join(folder, 'url');
const started = spawnSync(script, ['start', file], { encoding: 'utf8' });
const said = started.status === 0 ? readFileSync(file, 'utf8').trim() : `missing: ${started.stderr}`;

/** For `test(name, needsPostgres, ...)`: skips and says why when there is none. */
export const needsPostgres = said.startsWith('missing: ') ? { skip: said.slice('missing: '.length) } : {};

let databases = 0;
/** `store:` settings for a database of its own. */
export function database() {
  const name = `k${++databases}`;
  const made = query(`CREATE DATABASE ${name}`, said);
  if (made.status !== 0) throw new Error(made.stderr);
  return { type: 'postgresql', url: said.replace('///kefud?', `///${name}?`), tls: 'disable' };
}

export const query = (sql, url) => spawnSync('psql', [url, '--no-psqlrc', '--tuples-only', '--no-align', '--command', sql], { encoding: 'utf8' });

after(() => {
  spawnSync(script, ['stop', file]);
  rmSync(folder, { recursive: true, force: true });
});
