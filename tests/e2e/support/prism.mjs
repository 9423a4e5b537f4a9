// SPDX-License-Identifier: Apache-2.0
// An OpenAPI document as a server that judges every request.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** `first`: path and fetch options of one request; its first validation compiles the whole document, which takes seconds. */
export async function startPrism(document, first) {
  const here = dirname(fileURLToPath(import.meta.url));
  const port = await freePort();
  const program = join(here, '../node_modules/@stoplight/prism-cli/dist/index.js');
  const prism = spawn(process.execPath, [program, 'mock', '-h', '127.0.0.1', '-p', String(port), document], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const listening = new Promise((done, fail) => {
    const read = (data) => {
      log += data;
      if (log.includes('Prism is listening')) done();
    };
    prism.stdout.on('data', read);
    prism.stderr.on('data', read);
    prism.on('exit', () => fail(new Error(log)));
  });
  await listening;
  await fetch(`http://127.0.0.1:${port}${first.path}`, { method: 'POST', ...first });
  log = '';
  return { url: `http://127.0.0.1:${port}`, log: () => log, stop: () => prism.kill() };
}
