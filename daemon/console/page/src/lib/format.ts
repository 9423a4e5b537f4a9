// SPDX-License-Identifier: Apache-2.0
// Dates, spans, numbers and money as the reader's language writes them.
const kept = new Map<string, unknown>();
function once<T>(key: string, make: () => T): T {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key) as T;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const clockTime = (at: number, language: string): string =>
  once(`clock ${language}`, () => new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' })).format(at);

export const dayAndTime = (at: number, language: string): string =>
  once(`moment ${language}`, () => new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' })).format(at);

export const fullMoment = (at: number, language: string): string =>
  once(`full ${language}`, () => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'medium' })).format(at);

export const dayName = (at: number, language: string): string =>
  once(`day ${language}`, () => new Intl.DateTimeFormat(language, { weekday: 'short', month: 'short', day: 'numeric' })).format(at);

/** The time today, else the day with it. */
export function shortMoment(at: number, now: number, language: string): string {
  const same = new Date(at).toDateString() === new Date(now).toDateString();
  return same ? clockTime(at, language) : dayAndTime(at, language);
}

/** "5 minutes ago", "in 2 hours". */
export function relative(at: number, now: number, language: string): string {
  const format = once(`relative ${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' }));
  const span = at - now;
  const size = Math.abs(span);
  if (size < minute) return format.format(Math.round(span / 1000), 'second');
  if (size < hour) return format.format(Math.round(span / minute), 'minute');
  if (size < day) return format.format(Math.round(span / hour), 'hour');
  return format.format(Math.round(span / day), 'day');
}

/** What is left until `at`, as a clock that runs: "4:05", "1:02:09", "2 d 3 h"; after it the same with a minus. */
export function countdown(at: number, now: number, language: string): string {
  const seconds = Math.trunc((at - now) / 1000);
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  const two = (n: number): string => String(n).padStart(2, '0');
  if (size >= 86_400) {
    const unit = (n: number, name: 'day' | 'hour'): string =>
      once(`unit ${name} ${language}`, () => new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'narrow' })).format(n);
    return `${sign}${unit(Math.floor(size / 86_400), 'day')} ${unit(Math.floor((size % 86_400) / 3600), 'hour')}`;
  }
  const h = Math.floor(size / 3600);
  const m = Math.floor((size % 3600) / 60);
  return sign + (h > 0 ? `${h}:${two(m)}:${two(size % 60)}` : `${m}:${two(size % 60)}`);
}

/** A span of seconds in words: "3 min", "1.5 hr". */
export function span(seconds: number, language: string): string {
  const unit = (n: number, name: 'second' | 'minute' | 'hour' | 'day', digits: number): string =>
    once(`span ${name} ${digits} ${language}`, () => new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits })).format(n);
  if (seconds < 90) return unit(seconds, 'second', 0);
  if (seconds < 5400) return unit(seconds / 60, 'minute', 0);
  if (seconds < 129_600) return unit(seconds / 3600, 'hour', 1);
  return unit(seconds / 86_400, 'day', 1);
}

export const number = (n: number, language: string, digits = 1): string =>
  once(`number ${digits} ${language}`, () => new Intl.NumberFormat(language, { maximumFractionDigits: digits })).format(n);

export const percent = (share: number, language: string): string =>
  once(`percent ${language}`, () => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })).format(share);

export function money(amount: number, currency: string, language: string): string {
  try {
    return once(`money ${currency} ${language}`, () => new Intl.NumberFormat(language, { style: 'currency', currency, maximumFractionDigits: 2, minimumFractionDigits: 0 })).format(amount);
  } catch {
    return `${number(amount, language, 2)} ${currency}`; // no code that Intl knows
  }
}

/** The name of a customer's language in the reader's; the tag when there is none. */
export function languageName(tag: string, language: string): string {
  if (!tag || tag === 'und' || tag === 'mul') return '';
  try {
    return once(`names ${language}`, () => new Intl.DisplayNames(language, { type: 'language' })).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** The word for `n` by the plural rules of `language`. */
export function plural(language: string, n: number, forms: { one?: string; few?: string; many?: string; other: string }): string {
  const rule = once(`plural ${language}`, () => new Intl.PluralRules(language)).select(n);
  return (forms[rule as 'one'] ?? forms.other).replaceAll('#', number(n, language));
}
