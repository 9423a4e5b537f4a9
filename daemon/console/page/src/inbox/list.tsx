// SPDX-License-Identifier: Apache-2.0
// The queue. Only the rows in sight exist, so ten thousand scroll like ten.
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import type { ListItem } from '../api/types';
import { countdown, languageName, number, relative, shortMoment } from '../lib/format';
import { rowsInSight, scrollTo } from '../lib/window';
import { session } from '../state/session';
import { language } from '../state/settings';
import { explain, now, When } from '../ui/parts';
import { say } from '../words';
import { heat } from './order';
import { heatWord, meaning } from './summary';
import { items, length, listProblem, listed, openId, queue, reach, readQueue } from './state';

const rowHeight = 88; // as .row in console.css
const soon = 5 * 60_000;
const faraway = 12 * 3_600_000;

/** The row that the keyboard is at. */
export const cursor = signal(0);

function Due({ item }: { item: ListItem }): JSX.Element | null {
  const words = say();
  if (!item.answer_by || (item.owner !== 'waiting' && item.owner !== 'person')) return <When at={item.last_message_at} text={relative} class="quiet" />;
  const at = Date.parse(item.answer_by);
  const left = at - now.value;
  const name = left < 0 ? 'due late' : left < soon ? 'due soon' : 'due';
  const text = left > faraway ? shortMoment(at, now.value, language.value) : countdown(at, now.value, language.value);
  const spoken = left < 0 ? words.late(text.replace('−', '')) : words.due(text);
  return <time class={name} dateTime={item.answer_by} title={spoken}>{left < 0 ? spoken : text}</time>;
}

function Row({ item, at, active, open, count, onOpen }: { item: ListItem; at: number; active: boolean; open: boolean; count: number; onOpen: () => void }): JSX.Element {
  const words = say();
  const me = session.value?.name;
  const hot = heat(item.anger);
  const matter = [item.reason && meaning(words.reasons, item.reason), item.topic && item.topic !== item.reason && meaning(words.topics, item.topic), item.order].filter(Boolean).join(' · ');
  return (
    <div role="option" id={`row-${at}`} class={`row heat-${hot}`} aria-selected={open} data-active={active} aria-setsize={count} aria-posinset={at + 1} style={{ transform: `translateY(${at * rowHeight}px)` }} onClick={onOpen}>
      <span class="first">
        <span class="who">{item.name || item.customer}</span>
        <Due item={item} />
      </span>
      <span class="matter">{matter || item.channel}</span>
      <span class="chips">
        <span class={`chip heat-${hot}`} title={words.anger(number(item.anger, language.value))}>{heatWord(words, item.anger)} {number(item.anger, language.value)}</span>
        {item.urgent && <span class="chip strong">{words.urgent}</span>}
        {item.draft && <span class="chip">{words.draftWaits}</span>}
        {item.agent && (item.agent === me ? item.owner === 'waiting' && <span class="chip strong">{words.yourTurn}</span> : <span class="chip">{words.with(item.agent)}</span>)}
        {item.tags.slice(0, 2).map((tag) => <span key={tag} class="chip">{tag}</span>)}
        <span class="quiet">{languageName(item.language, language.value)}</span>
      </span>
    </div>
  );
}

/** `shown` instead of the queue: what a search found. */
export function List({ onOpen, shown }: { onOpen: (id: string) => void; shown?: ListItem[] }): JSX.Element {
  const words = say();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const list = shown ?? items.value;
  const count = shown ? shown.length : length();
  const { first, end } = rowsInSight(view.top, view.height, rowHeight, count);
  const active = Math.min(cursor.value, Math.max(0, count - 1));

  useLayoutEffect(() => {
    const element = box.current!;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (!shown && end > list.length) void reach(end);
  }, [end, list.length, shown]);
  useEffect(() => {
    const element = box.current;
    if (element) element.scrollTop = scrollTo(active, element.scrollTop, element.clientHeight, rowHeight);
  }, [active]);
  // A new queue begins at its top.
  useEffect(() => {
    cursor.value = 0;
    box.current?.scrollTo(0, 0);
  }, [queue.value]);

  const key = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count };
    const step = moves[event.key];
    if (step !== undefined) {
      event.preventDefault();
      cursor.value = Math.max(0, Math.min(count - 1, active + step));
    }
    const item = list[active];
    if ((event.key === 'Enter' || event.key === ' ') && item) {
      event.preventDefault();
      onOpen(item.conversation);
    }
  };

  const rows: JSX.Element[] = [];
  for (let at = first; at < end; ++at) {
    const item = list[at];
    if (item) rows.push(<Row key={item.conversation} item={item} at={at} count={count} active={at === active} open={item.conversation === openId.value} onOpen={() => ((cursor.value = at), onOpen(item.conversation))} />);
    else rows.push(<div key={`gap-${at}`} class="row gap" role="option" aria-selected={false} aria-label={words.loading} style={{ transform: `translateY(${at * rowHeight}px)` }} />);
  }
  const empty = count === 0 && (shown || listed.value);
  const readNothing = !shown && !listed.value;
  return (
    <>
      {listProblem.value !== null && !shown && (
        <p class="problem" role="alert">
          {explain(listProblem.value)} <button type="button" onClick={() => void readQueue(queue.value)}>{words.again}</button>
        </p>
      )}
      {empty && <p class="empty">{shown ? words.noneFound : words.queueEmpty[queue.value]}</p>}
      {readNothing && listProblem.value === null && <p class="empty" role="status">{words.loading}</p>}
      <div ref={box} class="list" hidden={count === 0} role="listbox" tabIndex={0} aria-label={words.conversations} aria-activedescendant={list[active] && active >= first && active < end ? `row-${active}` : undefined}
        onKeyDown={key} onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}>
        <div class="rows" role="presentation" style={{ blockSize: `${count * rowHeight}px` }}>{rows}</div>
      </div>
    </>
  );
}
