// SPDX-License-Identifier: Apache-2.0
// The agents' desk: queue, conversation, case side by side; one at a time on a phone. Everything works from the keyboard.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, query } from '../api/client';
import { queues, type Found, type ListItem, type Queue } from '../api/types';
import { number } from '../lib/format';
import { go, goInstead, route } from '../state/route';
import { language, singleKeys } from '../state/settings';
import { explain } from '../ui/parts';
import { say } from '../words';
import { beginToWrite } from './composer';
import { ConversationPane, press, toggleMask } from './conversation';
import { Facts } from './facts';
import { List, cursor } from './list';
import { conversation, counts, items, openConversation, openId, queue, readQueue } from './state';

const isQueue = (name: string | undefined): name is Queue => queues.includes(name as Queue);
const searchAfter = 250; // ms without a key

function useSearch(): { text: string; setText: (text: string) => void; found: ListItem[] | null; complete: boolean; problem: unknown } {
  const [text, setText] = useState('');
  const [state, setState] = useState<{ found: ListItem[] | null; complete: boolean; problem: unknown }>({ found: null, complete: true, problem: null });
  useEffect(() => {
    if (!text.trim()) return setState({ found: null, complete: true, problem: null });
    const abort = new AbortController();
    const timer = setTimeout(() => {
      get<{ found: Found[]; complete: boolean }>(`/search${query({ q: text.trim(), limit: 100 })}`, abort.signal).then(
        ({ found, complete }) => setState({ found: found.map(({ item }) => item), complete, problem: null }),
        (problem: unknown) => abort.signal.aborted || setState({ found: [], complete: true, problem }),
      );
    }, searchAfter);
    return () => (clearTimeout(timer), abort.abort());
  }, [text]);
  return { text, setText, ...state };
}

export function Inbox(): JSX.Element {
  const words = say();
  const [, wantedQueue, wantedConversation] = route.value;
  const search = useSearch();
  const [facts, setFacts] = useState(false);
  const searchField = useRef<HTMLInputElement>(null);
  const name: Queue = isQueue(wantedQueue) ? wantedQueue : 'waiting';
  const shown = search.found ?? items.value;

  useEffect(() => {
    if (!isQueue(wantedQueue)) goInstead('inbox', 'waiting');
    else if (queue.value !== wantedQueue) void readQueue(wantedQueue);
  }, [wantedQueue]);
  useEffect(() => {
    void openConversation(wantedConversation ?? null);
    setFacts(false);
  }, [wantedConversation]);

  const open = (id: string): void => go('inbox', name, id);
  const back = (): void => go('inbox', name);
  // The focus follows: into the conversation that was opened, back to the list that was left.
  const before = useRef<string | undefined>(wantedConversation);
  useEffect(() => {
    if (before.current && !wantedConversation) document.querySelector<HTMLElement>('.list')?.focus();
    before.current = wantedConversation;
  }, [wantedConversation]);

  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      const writing = target.matches('input, textarea, select, [contenteditable]') || target.closest('dialog') !== null;
      if (event.key === 'Escape' && !target.closest('dialog')) {
        if (writing) target.blur();
        else if (openId.value) back();
        return;
      }
      if (writing || event.ctrlKey || event.metaKey || event.altKey || !singleKeys.value) return;
      const move = (step: number): void => {
        const next = Math.max(0, Math.min(shown.length - 1, cursor.value + step));
        cursor.value = next;
        if (openId.value && shown[next]) open(shown[next].conversation);
      };
      const does: Record<string, () => void> = {
        j: () => move(1), k: () => move(-1), c: () => press('c'), h: () => press('h'), e: () => press('e'), g: () => press('g'), m: toggleMask,
        r: () => beginToWrite('reply'), n: () => beginToWrite('note'), s: () => searchField.current?.focus(),
        Enter: () => target.matches('button, a, summary') || (shown[cursor.value] && open(shown[cursor.value]!.conversation)),
      };
      const at = Number(event.key);
      const action = does[event.key] ?? (at >= 1 && at <= queues.length ? () => go('inbox', queues[at - 1]!) : undefined);
      if (!action || (event.key === 'Enter' && target.matches('button, a, summary, [role=listbox]'))) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  });

  return (
    <div class="inbox" data-open={openId.value !== null} data-facts={facts}>
      <nav class="pane queue" aria-label={words.queuesLabel}>
        {openId.value === null && <h1 class="hidden">{words.inbox}</h1>}
        <div class="tabs">
          {queues.map((one) => (
            <a key={one} class="tab" href={`#/inbox/${one}`} aria-current={one === name ? 'page' : undefined}>
              {words.queues[one]} {counts.value && <span class="count">{number(counts.value[one], language.value)}</span>}
            </a>
          ))}
        </div>
        <p class="field search">
          <label for="search" class="hidden">{words.search}</label>
          <input ref={searchField} id="search" type="search" autocomplete="off" placeholder={words.searchHint} value={search.text} onInput={(event) => search.setText(event.currentTarget.value)} />
        </p>
        {search.found && <p class="hint" role="status">{search.problem ? explain(search.problem) : words.found(search.found.length)} {!search.complete && words.foundPart}</p>}
        <List onOpen={open} {...(search.found ? { shown: search.found } : {})} />
      </nav>
      <section class="pane talk" aria-label={words.conversation}>
        <ConversationPane onBack={back} onFacts={() => setFacts(true)} />
      </section>
      {conversation.value && (
        <aside class="pane facts" aria-label={words.case}>
          <Facts of={conversation.value} onClose={() => setFacts(false)} />
        </aside>
      )}
    </div>
  );
}
