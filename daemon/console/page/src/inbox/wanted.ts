// SPDX-License-Identifier: Apache-2.0
import type { Suggestion } from '../api/types';

const mostShown = 10;

/** Those about the case's matter first; else as the daemon has them. */
export function nearest(found: readonly Suggestion[], topic: string): Suggestion[] {
  const parts = topic.split('_').filter((part) => part.length > 3);
  const far = ({ template }: Suggestion): number => (template === topic ? 0 : topic && template.includes(topic) ? 1 : parts.some((part) => template.includes(part)) ? 2 : 3);
  return [...found].sort((a, b) => far(a) - far(b)).slice(0, mostShown);
}

/** What `/` stands before when it begins an answer: words to look for among the suggestions; null: the answer is no search. */
export const wantedSuggestion = (text: string): string | null => (/^\/[^\n]{0,60}$/.test(text) ? text.slice(1).trim() : null);
