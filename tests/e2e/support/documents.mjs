// SPDX-License-Identifier: Apache-2.0
// The Markdown pages of the tree, and what is in them: headings, links, fenced blocks.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const tree = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

const generated = new Set(['.git', 'build', 'node_modules', 'state']);
function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !generated.has(entry.name)) yield* files(join(folder, entry.name));
    else if (entry.isFile()) yield join(folder, entry.name);
  }
}

/** All files of the tree by their path in it; what is built or fetched is left out. */
export const allFiles = () => [...files(tree)].map((file) => relative(tree, file)).sort();
export const pages = () => allFiles().filter((file) => file.endsWith('.md'));
export const textOf = (page) => readFileSync(join(tree, page), 'utf8');

/** Fenced blocks, without what indents them in a list. `line`: of the opening fence, from 1; `info`: what stands behind it. */
export function blocksOf(text) {
  const blocks = [];
  let open = null;
  text.split('\n').forEach((line, index) => {
    if (open) {
      if (line.trim() === '```') {
        blocks.push(open);
        open = null;
      } else open.lines.push(line.slice(Math.min(open.indent, line.search(/\S|$/))));
      return;
    }
    const [, lead, info] = line.match(/^(\s*(?:(?:[-*]|\d+\.)\s+)?)```(\S*)\s*$/) ?? [];
    if (lead !== undefined) open = { line: index + 1, indent: lead.length, info, lines: [] };
  });
  if (open) throw new Error(`the block of line ${open.line} is never closed`);
  return blocks;
}

/** The text with code left empty, line by line: links in code are none. `inline: false` leaves `words` as they are. */
export function withoutCode(text, { inline = true } = {}) {
  let fenced = false;
  return text.split('\n').map((line) => {
    const fence = /^\s*(?:(?:[-*]|\d+\.)\s+)?```/.test(line);
    if (fence) fenced = !fenced;
    return fence || fenced ? '' : inline ? line.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length)) : line;
  });
}

/** The anchors of a page as GitHub makes them from its headings, and those that are written out. */
export function anchorsOf(text) {
  const anchors = new Set();
  for (const line of withoutCode(text, { inline: false })) {
    const [, heading] = line.match(/^#{1,6} (.+?)\s*$/) ?? [];
    if (heading) {
      const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const slug = words.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
      let name = slug;
      for (let again = 1; anchors.has(name); ++again) name = `${slug}-${again}`;
      anchors.add(name);
    }
    for (const [, id] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  }
  return anchors;
}

/** Where links and images lead, with their lines. */
export function linksOf(text) {
  const links = [];
  withoutCode(text).forEach((line, index) => {
    const targets = [...line.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g), ...line.matchAll(/<(https?:\/\/[^>\s]+)>/g), ...line.matchAll(/\b(?:src|href)="([^"]+)"/g), ...line.matchAll(/^\[[^\]]+\]:\s*(\S+)/g)];
    for (const [, target] of targets) links.push({ line: index + 1, target });
  });
  return links;
}
