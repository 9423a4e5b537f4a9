// SPDX-License-Identifier: Apache-2.0
export const languages = ['zh-Hant', 'zh-Hans', 'cs', 'en'] as const;
export type Language = (typeof languages)[number];

/** Each in itself, as people look for it. */
export const languageNames: Record<Language, string> = { 'zh-Hant': '繁體中文', 'zh-Hans': '简体中文', cs: 'Čeština', en: 'English' };
