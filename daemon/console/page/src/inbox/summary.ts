// SPDX-License-Identifier: Apache-2.0
// A conversation in one plain sentence: "angry 0.9 · wants: parcel, refund · order 20261121-8842, shipped". Pure.
import type { Summary } from '../api/types';
import { number } from '../lib/format';
import type { Words } from '../words';
import { heat } from './order';

/** A word of the daemon's in the reader's language; one that nobody translated is shown as it is. */
export const meaning = (table: Record<string, string>, name: string): string => table[name] ?? name.replaceAll('_', ' ');

export const heatWord = (words: Words, anger: number): string => [words.calm, words.upset, words.angry][heat(anger)]!;

export function inWords(words: Words, language: string, summary: Summary): string {
  const parts = [`${heatWord(words, summary.anger.level)} ${number(summary.anger.level, language)}`];
  const wants = summary.wants.filter((label) => label !== 'anger').map((label) => meaning(words.labels, label));
  if (wants.length) parts.push(words.wants(wants.join(language.startsWith('zh') ? '、' : ', ')));
  else if (summary.topic) parts.push(meaning(words.topics, summary.topic));
  if (summary.order) parts.push(words.orderIs(summary.order, summary.order_facts?.status ? meaning(words.statuses, String(summary.order_facts.status)) : ''));
  return parts.join(' · ');
}
