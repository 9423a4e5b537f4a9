// SPDX-License-Identifier: Apache-2.0
// Small pieces that every view uses.
import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Problem } from '../api/client';
import { language } from '../state/settings';
import { say } from '../words';

/** A moment that runs: once a second while somebody looks. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);

// Drawings of lines on a 24 x 24 field.
const icons = {
  inbox: 'M4 5h16v14H4zM4 13h5l1.5 3h3l1.5-3h5',
  desk: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  mirror: 'M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6',
  admin: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-4 4-6 8-6s7 2 8 6',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5',
  stop: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01',
  warn: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2',
  out: 'M14 4h5v16h-5M4 12h11M11 8l4 4-4 4',
  down: 'M12 5v14M6 13l6 6 6-6',
} as const;

export function Icon({ of }: { of: keyof typeof icons }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={icons[of]} />
    </svg>
  );
}

/** What went wrong, in the reader's language as far as it is known. */
export function explain(error: unknown): string {
  const words = say();
  if (!(error instanceof Problem)) return words.failed(error instanceof Error ? error.message : String(error));
  if (error.status === 0) return words.unreachable;
  if (error.status === 429) return words.tooMany(Math.max(1, error.retryAfter));
  if (error.status === 403) return words.forbidden;
  return words.failed(error.message);
}

// Short messages ------------------------------------------------------------------------------------------------------------------------

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}
const toasts = signal<Toast[]>([]);
let lastToast = 0;
const shownFor = 6_000;

export function tell(text: string, bad = false): void {
  const toast = { id: ++lastToast, text, bad };
  toasts.value = [...toasts.value.slice(-3), toast];
  setTimeout(() => (toasts.value = toasts.value.filter((one) => one !== toast)), shownFor);
}
export const tellProblem = (error: unknown): void => tell(explain(error), true);

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <p key={toast.id} class={toast.bad ? 'toast bad' : 'toast'}>
          {toast.text}
        </p>
      ))}
    </div>
  );
}

// Dialogs -------------------------------------------------------------------------------------------------------------------------------

/** The browser's own modal dialog: it keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, children, wide = false }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class={wide ? 'wide' : ''} aria-labelledby={id} onCancel={(event) => (event.preventDefault(), onClose())}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain square" aria-label={say().close} title={say().close} onClick={onClose}>
          <Icon of="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

// Forms ---------------------------------------------------------------------------------------------------------------------------------

interface FieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  type?: string;
  hint?: string;
  autocomplete?: string;
  required?: boolean;
  autofocus?: boolean;
  inputMode?: 'numeric' | 'decimal' | 'text';
  multiline?: boolean;
  min?: string;
  step?: string;
}

export function Field({ label, value, onValue, type = 'text', hint, autocomplete = 'off', required = false, autofocus = false, inputMode, multiline = false, min, step }: FieldProps): JSX.Element {
  const id = useId();
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  useEffect(() => {
    if (autofocus) field.current?.focus();
  }, []);
  const described = hint ? { 'aria-describedby': `${id}-hint` } : {};
  return (
    <p class="field">
      <label for={id}>{label}</label>
      {multiline ? (
        <textarea ref={field} id={id} rows={3} value={value} required={required} {...described} onInput={(event) => onValue(event.currentTarget.value)} />
      ) : (
        <input ref={field} id={id} type={type} value={value} autocomplete={autocomplete} required={required} inputMode={inputMode} min={min} step={step} {...described}
          onInput={(event) => onValue(event.currentTarget.value)} />
      )}
      {hint && <span class="hint" id={`${id}-hint`}>{hint}</span>}
    </p>
  );
}

export function Choice<T extends string>({ label, value, options, onValue }: { label: string; value: T; options: readonly (readonly [T, string])[]; onValue: (value: T) => void }): JSX.Element {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.currentTarget.value as T)}>
        {options.map(([key, text]) => (
          <option key={key} value={key} selected={key === value}>
            {text}
          </option>
        ))}
      </select>
    </p>
  );
}

export function Check({ label, checked, onValue, hint }: { label: string; checked: boolean; onValue: (on: boolean) => void; hint?: string }): JSX.Element {
  return (
    <p class="field check">
      <label>
        <input type="checkbox" checked={checked} onChange={(event) => onValue(event.currentTarget.checked)} />
        <span>{label}</span>
      </label>
      {hint && <span class="hint">{hint}</span>}
    </p>
  );
}

/** A button whose work takes a while: it can be pressed once, and says what went wrong. */
export function Act({ children, act, kind = '', disabled = false, title, submit = false, keys }: { children: ComponentChildren; act?: () => Promise<unknown>; kind?: string; disabled?: boolean; title?: string; submit?: boolean; keys?: string }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    if (!act || busy) return;
    setBusy(true);
    try {
      await act();
    } catch (error) {
      tellProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type={submit ? 'submit' : 'button'} class={kind} disabled={disabled} aria-busy={busy} title={title} aria-keyshortcuts={keys} onClick={submit ? undefined : () => void run()}>
      {children}
    </button>
  );
}

// Reading from the daemon ---------------------------------------------------------------------------------------------------------------

export interface Read<T> {
  value: T | null;
  error: unknown;
  again: () => void;
}

/** Reads what `read` brings, again whenever one of `of` changes; an answer that comes too late is dropped. */
export function useRead<T>(read: (signal: AbortSignal) => Promise<T>, of: readonly unknown[]): Read<T> {
  const [state, setState] = useState<{ value: T | null; error: unknown }>({ value: null, error: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    read(abort.signal).then(
      (value) => abort.signal.aborted || setState({ value, error: null }),
      (error: unknown) => abort.signal.aborted || setState((before) => ({ value: before.value, error })),
    );
    return () => abort.abort();
  }, [...of, turn]);
  return { ...state, again: () => setTurn((n) => n + 1) };
}

/** What was read, or that it is on its way, or why it did not come. */
export function Loaded<T>({ read, children }: { read: Read<T>; children: (value: T) => ComponentChildren }): JSX.Element {
  if (read.value !== null) return <>{children(read.value)}</>;
  if (!read.error) return <p class="quiet" role="status">{say().loading}</p>;
  return (
    <p class="problem" role="alert">
      {explain(read.error)}{' '}
      <button type="button" onClick={read.again}>{say().again}</button>
    </p>
  );
}

export function When({ at, text, class: name = '' }: { at: string; text: (at: number, now: number, language: string) => string; class?: string }): JSX.Element {
  const moment = Date.parse(at);
  return (
    <time dateTime={at} class={name} title={new Date(moment).toLocaleString(language.value)}>
      {text(moment, now.value, language.value)}
    </time>
  );
}
