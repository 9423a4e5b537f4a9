// SPDX-License-Identifier: Apache-2.0
// What an operator changed and did not publish yet. It stays in this browser until it is published or thrown away.
import { computed, signal } from '@preact/signals';
import { get, post, query } from '../api/client';
import type { Catalog, Change, Checked } from '../api/types';
import { session } from '../state/session';
import { keep, kept } from '../state/settings';

interface Draft {
  /** The published version it was made from. */
  base: string;
  files: Record<string, string | null>;
}

const place = `catalog-draft:${session.value?.name ?? ''}`;

function keptDraft(): Draft {
  try {
    const found = JSON.parse(kept(place) || 'null') as Draft | null;
    if (found && typeof found.base === 'string' && typeof found.files === 'object') return found;
  } catch {
    // not readable: there is none
  }
  return { base: '', files: {} };
}

export const draft = signal<Draft>(keptDraft());
export const changes = computed<Change[]>(() => Object.entries(draft.value.files).map(([path, text]) => ({ path, text })));
export const catalog = signal<Catalog | null>(null);
/** The published text of each file that was looked at. */
export const published = signal<Record<string, string>>({});
/** What the daemon says about the draft; null while it is asked. */
export const checked = signal<Checked | null>(null);

/** Why the draft could not be checked. */
export const checkProblem = signal<unknown>(null);

const checkAfter = 400; // ms without a change
let timer = 0;
let turn = 0;

function set(next: Draft): void {
  draft.value = Object.keys(next.files).length ? next : { base: '', files: {} };
  keep(place, Object.keys(next.files).length ? JSON.stringify(next) : '');
  check();
}

/** The draft's text of a file, else the published one; undefined: not read yet. */
export const textOf = (path: string): string | undefined => {
  const changed = draft.value.files[path];
  return changed === undefined ? published.value[path] : (changed ?? '');
};

export function change(path: string, text: string): void {
  const files = { ...draft.value.files, [path]: text };
  if (published.value[path] === text) delete files[path];
  set({ base: draft.value.base || catalog.value?.version || '', files });
}

export const undo = (path: string): void => {
  const files = { ...draft.value.files };
  delete files[path];
  set({ ...draft.value, files });
};
export const throwAway = (): void => set({ base: '', files: {} });

/** The draft counts as made from what is published now: the operator looked at the difference. */
export function rebase(): void {
  if (catalog.value) set({ ...draft.value, base: catalog.value.version });
}

export async function readCatalog(): Promise<void> {
  const found = await get<Catalog>('/catalog');
  if (catalog.value && catalog.value.version !== found.version) published.value = {};
  catalog.value = found;
}

export async function readFile(path: string): Promise<string> {
  const known = published.value[path];
  if (known !== undefined) return known;
  const { text } = await get<{ text: string }>(`/catalog/file${query({ path })}`);
  published.value = { ...published.value, [path]: text };
  return text;
}

/** Asks the daemon about the draft, once the hands rest. */
export function check(): void {
  clearTimeout(timer);
  checked.value = null;
  checkProblem.value = null;
  const mine = ++turn;
  timer = window.setTimeout(() => {
    if (changes.value.length === 0) {
      checked.value = { ok: true, errors: [], diff: [] };
      return;
    }
    post<Checked>('/catalog/check', { changes: changes.value }).then(
      (found) => mine === turn && (checked.value = found),
      (error: unknown) => mine === turn && (checkProblem.value = error),
    );
  }, checkAfter);
}
