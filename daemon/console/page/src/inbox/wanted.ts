// SPDX-License-Identifier: Apache-2.0
/** What `/` stands before when it begins an answer: words to look for among the suggestions; null: the answer is no search. */
export const wantedSuggestion = (text: string): string | null => (/^\/[^\n]{0,60}$/.test(text) ? text.slice(1).trim() : null);
