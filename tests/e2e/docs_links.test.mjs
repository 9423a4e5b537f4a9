// SPDX-License-Identifier: Apache-2.0
// Where the pages lead: to files, headings and pictures that are there. Needs nothing but the tree.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { allFiles, anchorsOf, blocksOf, linksOf, pages, textOf, tree, withoutCode } from './support/documents.mjs';

const problems = (find) => pages().flatMap((page) => find(page, textOf(page)).map(({ line, why }) => `${page}:${line}: ${why}`));

test('every link leads to a file that is there, and to a heading in it', () => {
  const wrong = problems((page, text) =>
    linksOf(text).flatMap(({ line, target }) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [path, anchor] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
      if (!existsSync(join(tree, file))) return [{ line, why: `${target}: there is no ${file}` }];
      if (anchor !== undefined && !anchorsOf(textOf(file)).has(decodeURIComponent(anchor))) return [{ line, why: `${target}: ${file} has no such heading` }];
      return [];
    }),
  );
  assert.deepEqual(wrong, []);
});

test('links to elsewhere are well-formed, and encrypted unless they stay on this machine', () => {
  const wrong = problems((page, text) =>
    linksOf(text).flatMap(({ line, target }) => {
      if (!/^[a-z]+:/.test(target)) return [];
      if (!/^https?:\/\/[\w.-]+(:\d+)?(\/|$)/.test(target)) return [{ line, why: `${target} is no address` }];
      const { protocol, hostname } = new URL(target);
      return protocol === 'https:' || hostname === '127.0.0.1' ? [] : [{ line, why: `${target} is not https` }];
    }),
  );
  assert.deepEqual(wrong, []);
});

// A word in code that begins like a file of the tree is one; * stands for any name, and what has a placeholder is none. The folders of a shop's own catalog
// are named as those of replies/.
test('files that a page names are there', () => {
  const files = allFiles();
  const folders = ['config', 'daemon', 'docs', 'intents', 'replies', 'systemd', 'tests'];
  const wrong = problems((page, text) =>
    withoutCode(text, { inline: false }).flatMap((words, index) =>
      [...words.matchAll(/`((?:\.\.\/)*(?:[\w.-]+\/)+[\w.*-]*)`/g)].flatMap(([, name]) => {
        if (!folders.includes(name.split('/')[0])) return [];
        const pattern = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}`);
        const near = ['', `${dirname(page)}/`, 'replies/'].some((folder) => files.some((file) => file.startsWith(folder) && pattern.test(file.slice(folder.length))));
        return near ? [] : [{ line: index + 1, why: `there is no ${name}` }];
      }),
    ),
  );
  assert.deepEqual(wrong, []);
});

test('a page has one title, and headings follow each other without gaps', () => {
  const wrong = problems((page, text) => {
    const levels = withoutCode(text, { inline: false }).flatMap((line, index) => (/^#{1,6} /.test(line) ? [{ line: index + 1, level: line.indexOf(' ') }] : []));
    const titles = levels.filter(({ level }) => level === 1);
    return [
      ...(titles.length === 1 && levels[0].level === 1 ? [] : [{ line: 1, why: `${titles.length} titles` }]),
      ...levels.slice(1).filter(({ level }, index) => level > levels[index].level + 1).map(({ line }) => ({ line, why: 'a level of headings is left out' })),
    ];
  });
  assert.deepEqual(wrong, []);
});

test('what is tried by a test is written as the test reads it', () => {
  const wrong = problems((page, text) => blocksOf(text).filter(({ info, lines }) => info === 'console' && !lines[0]?.startsWith('$ ')).map(({ line }) => ({ line, why: 'a console block begins with "$ "' })));
  assert.deepEqual(wrong, []);
});
