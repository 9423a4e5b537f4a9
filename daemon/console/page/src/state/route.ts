// SPDX-License-Identifier: Apache-2.0
// Where one is: "#/inbox/waiting/line%2FU4af..." is ['inbox', 'waiting', 'line/U4af...'].
import { signal } from '@preact/signals';

export const parseRoute = (hash: string): string[] =>
  hash.replace(/^#\/?/, '').split('/').filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
export const routeTo = (...parts: string[]): string => '#/' + parts.map(encodeURIComponent).join('/');

export const route = signal<string[]>(parseRoute(globalThis.location?.hash ?? ''));

export function go(...parts: string[]): void {
  const hash = routeTo(...parts);
  if (location.hash !== hash) location.hash = hash;
}

/** Without a step back to where one is. */
export function goInstead(...parts: string[]): void {
  history.replaceState(null, '', routeTo(...parts));
  route.value = parts;
}

export function followRoute(): void {
  window.addEventListener('hashchange', () => (route.value = parseRoute(location.hash)));
}
