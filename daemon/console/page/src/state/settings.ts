// SPDX-License-Identifier: Apache-2.0
// What one person set for themselves in this browser: language, colours, notices.
import { effect, signal } from '@preact/signals';
import { languages, type Language } from '../words/languages';

const prefix = 'kefud:console:';

/** The browser's own store; null where it keeps nothing. */
function local(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function kept(key: string): string {
  try {
    return local()?.getItem(prefix + key) ?? '';
  } catch {
    return '';
  }
}

/** Keeps `value`; nothing kept is an empty one. */
export function keep(key: string, value: string): void {
  try {
    if (value) local()?.setItem(prefix + key, value);
    else local()?.removeItem(prefix + key);
  } catch {
    // full, or forbidden: it lasts as long as the page
  }
}

const isLanguage = (tag: string): tag is Language => (languages as readonly string[]).includes(tag);

/** The language of ours that suits a browser's list best: "zh-TW" is Traditional, "zh" and "zh-CN" are Simplified. */
export function fitting(tags: readonly string[]): Language {
  for (const tag of tags) {
    const lower = tag.toLowerCase();
    if (/^zh\b.*(hant|tw|hk|mo)/.test(lower)) return 'zh-Hant';
    if (/^zh\b/.test(lower)) return 'zh-Hans';
    const exact = languages.find((one) => lower === one.toLowerCase() || lower.startsWith(`${one.toLowerCase()}-`));
    if (exact) return exact;
  }
  return 'en';
}

export type Theme = 'system' | 'light' | 'dark';
const themes: readonly string[] = ['system', 'light', 'dark'];

const chosen = kept('language');
export const language = signal<Language>(isLanguage(chosen) ? chosen : fitting(globalThis.navigator?.languages ?? []));
export const theme = signal<Theme>((themes.includes(kept('theme')) ? kept('theme') : 'system') as Theme);
/** Notices of the browser and a sound: only for those who ask for them. */
export const notices = signal(kept('notices') === 'on');
export const sound = signal(kept('sound') === 'on');
/** Single letters as shortcuts: whoever steers the browser by voice switches them off. */
export const singleKeys = signal(kept('keys') !== 'off');

/** Writes later changes down; the guess from the browser's languages is none. */
export function remember(): void {
  let first = true;
  effect(() => {
    const values = [language.value, theme.value, notices.value, sound.value, singleKeys.value] as const;
    document.documentElement.lang = values[0];
    document.documentElement.dataset.theme = values[1];
    if (first) return;
    keep('language', values[0]);
    keep('theme', values[1] === 'system' ? '' : values[1]);
    keep('notices', values[2] ? 'on' : '');
    keep('sound', values[3] ? 'on' : '');
    keep('keys', values[4] ? '' : 'off');
  });
  first = false;
}
