// SPDX-License-Identifier: Apache-2.0
// The console's words. Each language is a file of its own, fetched when somebody reads it.
import { signal } from '@preact/signals';
import type { Language } from './languages';
import type { Words } from './en';

export type { Words } from './en';

const load: Record<Language, () => Promise<{ words: Words }>> = {
  en: () => import('./en'),
  'zh-Hant': () => import('./zh-Hant'),
  'zh-Hans': () => import('./zh-Hans'),
  cs: () => import('./cs'),
};

const current = signal<Words | null>(null);

export async function speak(language: Language): Promise<void> {
  const { words } = await load[language]();
  current.value = words;
}

/** The words in the language that is read now. Only after the first speak(). */
export function say(): Words {
  return current.value!;
}
