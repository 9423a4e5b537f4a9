// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server that crashes and comes back, and a network before it that cuts and stalls.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { root } from '../../e2e/support/process.mjs';

const script = join(root, 'tests/support/postgres');

export class Postgres {
  /** Null when none is installed. `folder`: where its address is kept. */
  static begin(folder) {
    const self = new Postgres();
    self.file = join(folder, 'postgres.url');
    self.run('start');
    const said = readFileSync(self.file, 'utf8').trim();
    if (said.startsWith('missing: ')) return null;
    self.url = said;
    self.socket = `${said.match(/host=([^&]+)/)[1]}/.s.PGSQL.5432`;
    return self;
  }
  run(command) {
    const ran = spawnSync(script, [command, this.file], { encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`postgres ${command}: ${ran.stderr}`);
  }
  /** As a crash: nothing is told to anybody, and it recovers from its log. */
  crash() {
    this.run('crash');
  }
  recover() {
    this.run('recover');
  }
  end() {
    this.run('stop');
  }
}

/** The way to the server: what comes in on a port of ours goes to its socket. */
export class Proxy {
  pairs = new Set();
  stalled = false;

  async start(socket) {
    this.server = createServer((client) => {
      const server = connect(socket);
      const pair = [client, server];
      this.pairs.add(pair);
      const end = () => {
        this.pairs.delete(pair);
        pair.forEach((one) => one.destroy());
      };
      pair.forEach((one) => one.on('error', end).on('close', end));
      client.pipe(server);
      server.pipe(client);
      if (this.stalled) this.hold(pair);
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.port = this.server.address().port;
  }
  hold([client, server]) {
    client.unpipe(server);
    server.unpipe(client);
    client.pause();
    server.pause();
  }
  /** Nothing gets through, and nobody is told. */
  stall(on) {
    this.stalled = on;
    for (const [client, server] of this.pairs) {
      if (on) this.hold([client, server]);
      else {
        client.pipe(server);
        server.pipe(client);
      }
    }
  }
  cut() {
    for (const pair of this.pairs) pair.forEach((one) => one.destroy());
  }
  stop() {
    this.cut();
    this.server.close();
  }
}
