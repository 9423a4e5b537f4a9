// SPDX-License-Identifier: Apache-2.0
import type { ColumnType } from '../api/types';
import { meaning } from '../inbox/summary';
import { dayAndTime, dayName, money, number, percent, span } from '../lib/format';
import { session } from '../state/session';
import { language } from '../state/settings';
import { say } from '../words';

/** The name of a column; one that nobody translated is shown as it is. */
export const columnName = (name: string): string => {
  const words = say();
  return words.columns[name] ?? words.labels[name] ?? meaning(words.topics, name);
};

export function shownCell(value: string | number | null, type: ColumnType, by?: 'hour' | 'day', currency?: string): string {
  const tag = language.value;
  if (value === null) return '–';
  if (type === 'time') return by === 'day' ? dayName(Date.parse(String(value)), tag) : dayAndTime(Date.parse(String(value)), tag);
  if (typeof value === 'string') {
    const words = say();
    return words.reasons[value] ?? words.topics[value] ?? words.labels[value] ?? words.kinds[value] ?? words.tiers[value] ?? words.columns[value] ?? value;
  }
  if (type === 'share') return percent(value, tag);
  if (type === 'seconds') return span(value, tag);
  if (type === 'money') return money(value, currency || session.value?.shop.currency || '', tag);
  return number(value, tag, type === 'integer' ? 0 : 2);
}
