// SPDX-License-Identifier: Apache-2.0
// Stands in for LINE and the shop's own chat while the demo's day is played: knows its customers' names, has their photos, takes what is sent to them.
import { createServer } from 'node:http';
import { deflateSync } from 'node:zlib';
import { random } from './day.mjs';

/** CRC-32, as PNG wants it. */
const checksum = (bytes) => ~bytes.reduce((sum, byte) => {
  let rest = (sum ^ byte) & 0xff;
  for (let bit = 0; bit < 8; ++bit) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return (sum >>> 8) ^ rest;
}, -1) >>> 0;

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const size = Buffer.alloc(4), sum = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(checksum(body));
  return Buffer.concat([size, body, sum]);
}

/** A cup on a table, as a PNG; another colour for each seed, with a crack. */
export function photo(seed, width = 320, height = 240) {
  const draw = random(seed);
  const [cup, table] = [0, 1].map(() => [0, 1, 2].map(() => 90 + Math.floor(draw() * 140)));
  const crack = 120 + draw() * 80;
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) {
      const inCup = y > 60 && y < 190 && Math.abs(x - 160) < 70 - (y - 60) / 8;
      const broken = inCup && Math.abs(x - crack - 12 * Math.sin(y / 9)) < 2.5;
      const light = 1 - y / 700;
      (broken ? [30, 30, 30] : inCup ? cup : table).forEach((value, at) => (rows[y * (width * 3 + 1) + 1 + x * 3 + at] = value * light));
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits, RGB
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** Listens on `port` (0: a free one). `namesOf`: display names by LINE's user ids. `counts` says how much was taken. */
export async function startPlatform(namesOf, port) {
  const counts = { replies: 0, pushes: 0, webhooks: 0, notices: 0 };
  const server = createServer(async (request, response) => {
    for await (const part of request) void part;
    const json = (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { pathname } = new URL(request.url, 'http://platform');
    const [, user] = pathname.match(/^\/v2\/bot\/profile\/(\w+)$/) ?? [];
    const [, picture] = pathname.match(/^(?:\/v2\/bot\/message\/(\w+)\/content|\/photos\/\w+\.png)$/) ?? [];
    if (user) return json({ userId: user, displayName: namesOf.get(user) ?? 'LINE', language: 'zh-TW' });
    if (picture || pathname.startsWith('/photos/')) return response.writeHead(200, { 'content-type': 'image/png' }).end(photo(pathname.length + Number(pathname.replace(/\D/g, '').slice(-6))));
    if (pathname.endsWith('/reply')) ++counts.replies;
    else if (pathname.endsWith('/push')) ++counts.pushes;
    else if (pathname.startsWith('/webhooks/')) ++counts.webhooks;
    else if (pathname === '/notify') ++counts.notices;
    return json({ sentMessages: [{ id: String(counts.replies + counts.pushes), quoteToken: 'q' }] });
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { counts, url: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((done) => (server.close(done), server.closeAllConnections())) };
}
