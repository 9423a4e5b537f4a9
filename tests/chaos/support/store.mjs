// SPDX-License-Identifier: Apache-2.0
// The store as its own SQL shows it, read beside the daemon.
import { spawnSync } from 'node:child_process';

const conversations = 'SELECT id, owner, agent FROM conversations WHERE number IN (SELECT conversation FROM journal WHERE number >= SINCE)';
const journal = (join) => `SELECT j.number, c.id AS conversation, j.kind, j.state, j.message, j.why, j.event FROM journal j JOIN conversations c ON ${join} WHERE j.number >= SINCE`;
const outbox = 'SELECT conversation, number, kind, state, attempts FROM outbox';
const unfinished = 'SELECT count(*) AS many FROM outbox WHERE state < 2 AND NOT (kind = 3 AND state = 0 AND attempts > 0)'; // a notice's next try may be hours away
const newest = 'SELECT coalesce(max(number), 0) AS many FROM journal';

const python = `
import json, sqlite3, sys
database = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True, timeout=20)
database.row_factory = sqlite3.Row
database.execute('BEGIN')
print(json.dumps([[dict(row) for row in database.execute(sql)] for sql in sys.argv[2:]]))
`;

const output = (program, args) => {
  const ran = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (ran.status !== 0) throw new Error(`${program}: ${ran.stderr || ran.error}`);
  return ran.stdout;
};

/** `ask(queries)`: the rows of each, all of one moment. */
class Reader {
  read(since = 0) {
    const [rows, known, items] = this.ask([journal(this.join), conversations, outbox].map((sql) => sql.replace('SINCE', String(since))));
    return { journal: rows, conversations: known, outbox: items };
  }
  unfinished() {
    return Number(this.ask([unfinished])[0][0].many);
  }
  newest() {
    return Number(this.ask([newest])[0][0].many);
  }
}

export class SqliteReader extends Reader {
  join = 'c.number = j.conversation';
  constructor(file) {
    super();
    this.file = file;
  }
  ask(queries) {
    return JSON.parse(output('python3', ['-c', python, this.file, ...queries]));
  }
  /** What is wrong with the file itself; null: nothing. */
  damage() {
    const said = this.ask(['PRAGMA integrity_check'])[0].map((row) => row.integrity_check).join('; ');
    return said === 'ok' ? null : said;
  }
}

export class PostgresReader extends Reader {
  join = 'c.bucket = j.bucket AND c.number = j.conversation';
  constructor(url) {
    super();
    this.url = url;
  }
  damage() {
    return null; // its files are the server's
  }
  ask(queries) {
    const sql = queries.map((query) => `SELECT coalesce(json_agg(row_to_json(q)), '[]'::json) FROM (${query}) q`);
    const all = `SELECT json_build_array(${sql.map((one) => `(${one})`).join(', ')})`;
    return JSON.parse(output('psql', [this.url, '--no-psqlrc', '--tuples-only', '--no-align', '--command', all]));
  }
}
