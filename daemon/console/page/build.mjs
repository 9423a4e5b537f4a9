// SPDX-License-Identifier: Apache-2.0
// Builds the page: `node build.mjs --outdir DIR` writes DIR/index.html and DIR/assets/* with names that change with their content.
import { build } from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf('--outdir');
if (at < 0 || !process.argv[at + 1]) {
  console.error('usage: node build.mjs --outdir DIR');
  process.exit(2);
}
const outdir = resolve(process.argv[at + 1]);
const assets = join(outdir, 'assets');

await rm(assets, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ['src/main.tsx', 'src/style/console.css'],
  outdir: assets,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2022'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
  logLevel: 'warning',
});
const made = (entry) => basename(Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry)[0]);
const html = await readFile(join(here, 'index.html'), 'utf8');
await writeFile(join(outdir, 'index.html'), html.replaceAll('{{script}}', made('src/main.tsx')).replaceAll('{{style}}', made('src/style/console.css')));
