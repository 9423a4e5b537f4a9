// SPDX-License-Identifier: Apache-2.0
// Puts the built page into one file for the binary: `node pack.mjs FOLDER FILE`. A line of JSON, then the bytes it points into: each file as it is, and
// compressed twice, here once instead of in the daemon for every visitor.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [folder, target] = process.argv.slice(2);
const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2', '.mp3': 'audio/mpeg', '.ogg': 'audio/ogg', '.wav': 'audio/wav', '.webmanifest': 'application/manifest+json',
};
const names = ['index.html', ...readdirSync(join(folder, 'assets')).filter((name) => extname(name) in types).sort().map((name) => `assets/${name}`)];

const parts = [];
let size = 0;
const put = (bytes) => {
  parts.push(bytes);
  size += bytes.length;
  return [size - bytes.length, bytes.length];
};
const files = names.map((name) => {
  const bytes = readFileSync(join(folder, name));
  return {
    name,
    type: types[extname(name)],
    tag: createHash('sha256').update(bytes).digest('hex').slice(0, 32),
    plain: put(bytes),
    gzip: put(gzipSync(bytes, { level: 9 })),
    br: put(brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })),
  };
});
writeFileSync(target, Buffer.concat([Buffer.from(JSON.stringify(files) + '\n'), ...parts]));
