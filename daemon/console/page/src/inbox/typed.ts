// SPDX-License-Identifier: Apache-2.0
// What somebody is writing, per conversation: it survives a reload, a lost connection and a restart of the daemon.
import { signal } from '@preact/signals';
import { session } from '../state/session';
import { keep, kept } from '../state/settings';

export interface Typed {
  text: string;
  mode: 'reply' | 'note';
  /** When it was sent, while nobody knows whether it arrived. */
  sent?: number;
}

/** Goes up when the kept text was changed by something else than typing. */
export const typedTurn = signal(0);

const key = (conversation: string): string => `typed:${session.value?.name ?? ''}:${conversation}`;

export function typedIn(conversation: string): Typed | null {
  try {
    const found = JSON.parse(kept(key(conversation)) || 'null') as Partial<Typed> | null;
    if (typeof found?.text !== 'string') return null;
    const typed: Typed = { text: found.text, mode: found.mode === 'note' ? 'note' : 'reply' };
    if (typeof found.sent === 'number') typed.sent = found.sent;
    return typed;
  } catch {
    return null;
  }
}

export function keepTyped(conversation: string, typed: Typed): void {
  keep(key(conversation), typed.text || typed.mode === 'note' ? JSON.stringify(typed) : '');
}

export function forgetTyped(conversation: string): void {
  keep(key(conversation), '');
  ++typedTurn.value;
}
