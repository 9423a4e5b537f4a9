// SPDX-License-Identifier: Apache-2.0
// Who is signed in, and what they may do.
import { signal } from '@preact/signals';
import { Problem, get, post, remove, speakAs } from '../api/client';
import type { Role, Session } from '../api/types';

export type Entrance = 'loading' | 'unreachable' | 'setup' | 'signed_out' | 'in';

export const entrance = signal<Entrance>('loading');
export const session = signal<Session | null>(null);
/** The session ended by itself; whoever signs in again reads that. */
export const expired = signal(false);

const ranks: readonly Role[] = ['agent', 'operator', 'owner', 'admin'];
/** Each role may do what the ones before may. */
export const mayAs = (role: Role, needed: Role): boolean => ranks.indexOf(role) >= ranks.indexOf(needed);
export const may = (needed: Role): boolean => session.value !== null && mayAs(session.value.role, needed);

let before = ''; // who was signed in last in this page

export function enter(found: Session): void {
  // Somebody else: nothing that the one before had read stays in the page.
  if (before && before !== found.name) return location.reload();
  before = found.name;
  speakAs(found.csrf, expire);
  expired.value = false;
  session.value = found;
  entrance.value = 'in';
}

/** The session is over; what was typed is kept. */
export function leave(): void {
  speakAs('', () => {});
  session.value = null;
  entrance.value = 'signed_out';
}

export function expire(): void {
  leave();
  expired.value = true;
}

export async function arrive(): Promise<void> {
  try {
    enter(await get<Session>('/session'));
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) {
      entrance.value = 'unreachable';
      return;
    }
    entrance.value = error.body.reason === 'setup' ? 'setup' : 'signed_out';
  }
}

export async function signOut(): Promise<void> {
  try {
    await post('/presence', { state: 'away' });
  } catch {
    // it ends by itself
  }
  await remove('/session');
  location.hash = '';
  location.reload();
}

/** Reads who one is again, after something about it was changed. */
export async function refresh(): Promise<void> {
  enter(await get<Session>('/session'));
}
