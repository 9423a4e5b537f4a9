// SPDX-License-Identifier: Apache-2.0
// Where an agent writes: suggestions by `/`, the guard's warnings while typing, notes; what is typed is kept at every key.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem, get, post, query } from '../api/client';
import { connected } from '../api/live';
import type { Conversation, Finding, Suggestion } from '../api/types';
import { cut } from '../lib/spans';
import { Act, Field, tell, tellProblem } from '../ui/parts';
import { say } from '../words';
import { act, showTyping } from './state';
import { forgetTyped, keepTyped, typedIn, typedTurn, type Typed } from './typed';
import { nearest, wantedSuggestion } from './wanted';

const guardAfter = 300; // ms without a key

const isFinding = (body: object): body is Finding => 'rule' in body && 'why' in body;

export function Composer({ conversation }: { conversation: Conversation }): JSX.Element {
  const words = say();
  const id = conversation.conversation;
  const [typed, setTyped] = useState<Typed>(() => typedIn(id) ?? { text: '', mode: 'reply' });
  const [found, setFound] = useState<{ about: string; finding: Finding } | null>(null);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false); // the guard said no to sending; what now?
  const [busy, setBusy] = useState(false);
  const [suggestions, setSuggestions] = useState<Suggestion[] | null>(null);
  const [chosen, setChosen] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const wanted = typed.mode === 'reply' ? wantedSuggestion(typed.text) : null;
  // A warning is about one text: an answer that comes late warns of nothing else.
  const finding = found?.about === typed.text.trim() ? found.finding : null;

  const change = (next: Typed): void => {
    setTyped(next);
    setAsked(false);
    keepTyped(id, next);
  };
  // Something else than a key changed it: it turned out to have arrived.
  useEffect(() => setTyped(typedIn(id) ?? { text: '', mode: 'reply' }), [typedTurn.value]);

  useEffect(() => {
    if (wanted === null) return setSuggestions(null);
    const abort = new AbortController();
    get<{ suggestions: Suggestion[] }>(`/suggestions${query({ conversation: id, q: wanted, limit: 100 })}`, abort.signal).then(
      ({ suggestions: found }) => (setSuggestions(nearest(found, conversation.case.topic)), setChosen(0)),
      (error: unknown) => abort.signal.aborted || (setSuggestions([]), tellProblem(error)),
    );
    return () => abort.abort();
  }, [wanted]);

  useEffect(() => {
    setFound(null);
    const about = typed.text.trim();
    if (typed.mode !== 'reply' || wanted !== null || typed.text.trim().length < 4) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      post<{ finding: Finding | null }>('/guard', { text: typed.text }, abort.signal).then(({ finding: one }) => setFound(one && { about, finding: one }), () => {});
    }, guardAfter);
    return () => (clearTimeout(timer), abort.abort());
  }, [typed.text, typed.mode]);

  // Grows with its text, up to what the style allows.
  useEffect(() => {
    const area = field.current!;
    area.style.blockSize = 'auto';
    area.style.blockSize = `${area.scrollHeight + 2}px`;
  }, [typed.text]);

  const take = (suggestion: Suggestion): void => {
    change({ text: suggestion.text, mode: 'reply' });
    field.current?.focus();
  };

  const send = async (override: boolean): Promise<void> => {
    const text = typed.text.trim();
    if (!text || busy || wanted !== null) return;
    if (override && !reason.trim()) return tell(words.whyNeeded, true);
    setBusy(true);
    keepTyped(id, { ...typed, text, sent: Date.now() });
    try {
      if (typed.mode === 'note') await act('note', { text });
      else await act('reply', override ? { text, override: true } : { text });
      forgetTyped(id);
      setAsked(false);
      if (override && finding) await act('note', { text: words.overrideNote(finding.rule, reason.trim()) });
      setReason('');
    } catch (error) {
      const refused = error instanceof Problem && error.status !== 0;
      keepTyped(id, refused ? { text, mode: typed.mode } : { text, mode: typed.mode, sent: Date.now() });
      if (error instanceof Problem && error.status === 409 && isFinding(error.body)) {
        setFound({ about: text, finding: error.body });
        setAsked(true);
      } else if (error instanceof Problem && error.status === 0) {
        tell(words.notSent, true);
      } else {
        tellProblem(error);
      }
    } finally {
      setBusy(false);
      field.current?.focus();
    }
  };

  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return; // Enter belongs to the input method
    if (suggestions?.length) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        return setChosen((chosen + step + suggestions.length) % suggestions.length);
      }
      if (event.key === 'Enter' || event.key === 'Tab') {
        event.preventDefault();
        return take(suggestions[chosen]!);
      }
    }
    if (event.key === 'Escape' && wanted !== null) {
      event.stopPropagation();
      return change({ ...typed, text: '' });
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send(false);
    }
  };

  const name = conversation.name || words.customer;
  const open = suggestions !== null;
  return (
    <form class={`composer ${typed.mode}`} onSubmit={(event) => (event.preventDefault(), void send(false))}>
      {open && (
        <div class="suggestions" id="suggestions" role="listbox" tabIndex={0} aria-label={words.suggestions} onKeyDown={key}>
          {suggestions.length === 0 && <p role="option" aria-selected={false} aria-disabled="true" class="quiet">{words.noSuggestion}</p>}
          {suggestions.map((suggestion, i) => (
            <div key={`${suggestion.template}-${i}`} id={`suggestion-${i}`} role="option" aria-selected={i === chosen} onMouseDown={(event) => (event.preventDefault(), take(suggestion))}>
              <span class="template">{suggestion.template}{suggestion.finding ? ' ⚠' : ''}</span>
              <span lang={suggestion.locale}>{suggestion.text}</span>
            </div>
          ))}
        </div>
      )}
      {finding && (
        <div class="guard" role="status">
          <p>
            <strong>{words.guard}:</strong> {finding.why}
          </p>
          <p class="quoted">
            {cut(typed.text, [{ start: finding.start_utf16, end: finding.end_utf16, what: finding.rule }]).map((piece, i) => (piece.found.length ? <mark key={i}>{piece.text}</mark> : <span key={i}>{piece.text}</span>))}
          </p>
          {asked && (
            <>
              <Field label={words.overrideWhy} value={reason} onValue={setReason} autofocus />
              <Act act={() => send(true)} kind="danger">{words.override}</Act>
            </>
          )}
        </div>
      )}
      <div class="modes" role="group" aria-label={words.reply}>
        {(['reply', 'note'] as const).map((mode) => (
          <button key={mode} type="button" class="tab" aria-pressed={typed.mode === mode} onClick={() => (change({ ...typed, mode }), field.current?.focus())}>
            {mode === 'reply' ? words.reply : words.note}
          </button>
        ))}
        <span class="hint">{typed.mode === 'note' ? words.noteHint : words.sendKey}</span>
      </div>
      <div class="write">
        <textarea ref={field} id="composer" rows={2} value={typed.text} aria-label={typed.mode === 'note' ? words.note : words.reply} placeholder={typed.mode === 'note' ? words.noteHint : words.replyTo(name)}
          aria-controls={open ? 'suggestions' : undefined} aria-activedescendant={suggestions?.length ? `suggestion-${chosen}` : undefined} aria-autocomplete={open ? 'list' : undefined}
          onInput={(event) => (change({ text: event.currentTarget.value, mode: typed.mode }), typed.mode === 'reply' && showTyping())} onKeyDown={key} />
        <button type="submit" class="primary" disabled={!typed.text.trim() || wanted !== null} aria-busy={busy}>{typed.mode === 'note' ? words.save : words.send}</button>
      </div>
      {!connected.value && typed.text && <p class="hint" role="status">{words.kept}</p>}
    </form>
  );
}

/** Writing begins: the cursor goes into the field, for an answer or a note. */
export function beginToWrite(mode: 'reply' | 'note'): void {
  const form = document.querySelector<HTMLFormElement>('form.composer');
  const button = form?.querySelectorAll<HTMLButtonElement>('.modes .tab')[mode === 'reply' ? 0 : 1];
  if (button?.getAttribute('aria-pressed') !== 'true') button?.click();
  form?.querySelector('textarea')?.focus();
}
