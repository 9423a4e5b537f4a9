// SPDX-License-Identifier: Apache-2.0
// What was said. Customers' words only ever become text nodes.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { mediaAddress } from '../api/client';
import type { Conversation, HistoryLine } from '../api/types';
import { clockTime, dayName } from '../lib/format';
import { addresses, cut, joined, type Found } from '../lib/spans';
import { language } from '../state/settings';
import { session } from '../state/session';
import { Dialog } from '../ui/parts';
import { say } from '../words';
import { meaning } from './summary';

/** Insults are shown to whoever asks for them. */
export const unmasked = signal(false);

type What = { kind: 'insult' | 'evidence'; name: string } | { kind: 'link'; address: string };

/** What a piece looks like; neighbours that look the same are shown as one. */
const looks = (found: What[]): string => (found.some(({ kind }) => kind === 'insult') ? 'insult' : found.map((what) => (what.kind === 'link' ? what.address : '')).join('') + (found.some(({ kind }) => kind === 'evidence') ? ' evidence' : ''));

function Masked({ text }: { text: string }): JSX.Element {
  const [shown, setShown] = useState(false);
  if (shown || unmasked.value) return <>{text}</>;
  return (
    <button type="button" class="masked" aria-label={say().masked} title={say().masked} onClick={() => setShown(true)}>
      {'●'.repeat(Math.min(6, Math.max(2, [...text].length)))}
    </button>
  );
}

/** A text with what the rules found in it, and its links. */
export function Said({ line }: { line: HistoryLine }): JSX.Element {
  const words = say();
  const found: Found<What>[] = [
    ...(line.marks ?? []).map((mark) => ({ start: mark.start_utf16, end: mark.end_utf16, what: { kind: mark.insult ? ('insult' as const) : ('evidence' as const), name: meaning(words.topics, mark.topic) } })),
    ...addresses(line.text).map(({ start, end, what }) => ({ start, end, what: { kind: 'link' as const, address: what } })),
  ];
  return (
    <p class="text" dir="auto">
      {joined(cut(line.text, found), looks).map((piece, i) => {
        let shown: ComponentChildren = piece.text;
        const insult = piece.found.some(({ kind }) => kind === 'insult');
        const link = piece.found.find((what) => what.kind === 'link');
        if (insult) shown = <Masked text={piece.text} />;
        else if (link?.kind === 'link') shown = <a href={link.address} target="_blank" rel="noopener noreferrer nofollow">{shown}</a>;
        const names = [...new Set(piece.found.flatMap((what) => (what.kind === 'link' ? [] : [what.name])))];
        if (names.length) shown = <mark title={words.evidence(names.join(', '))}>{shown}</mark>;
        return <span key={i}>{shown}</span>;
      })}
    </p>
  );
}

function Media({ file }: { file: string }): JSX.Element {
  const [state, setState] = useState<'photo' | 'file' | 'large'>('photo');
  const words = say();
  const address = mediaAddress(file);
  if (state === 'file') return <p><a href={address} download>{words.file}</a></p>;
  return (
    <>
      <button type="button" class="photo" aria-label={words.photoLarge} onClick={() => setState('large')}>
        <img src={address} alt={words.photo} loading="lazy" onError={() => setState('file')} />
      </button>
      {state === 'large' && (
        <Dialog title={words.photo} onClose={() => setState('photo')} wide>
          <img class="large" src={address} alt={words.photo} />
          <p><a href={address} download>{words.save}</a></p>
        </Dialog>
      )}
    </>
  );
}

function Line({ line, conversation }: { line: HistoryLine; conversation: Conversation }): JSX.Element {
  const words = say();
  const who = {
    customer: conversation.name || words.customer,
    bot: words.bot,
    agent: line.name === session.value?.name ? words.you : (line.name ?? ''),
    note: `${words.note} · ${line.name === session.value?.name ? words.you : (line.name ?? '')}`,
  }[line.who];
  const state = line.state === 'unsent' ? words.unsent : line.state ? (words.states[line.state] ?? line.state) : '';
  const missing = (line.attachments ?? []).length > (line.media ?? []).length;
  return (
    <li class={`line ${line.who}`} data-state={line.state}>
      <p class="from">{who}</p>
      {line.text ? <Said line={line} /> : line.state === 'unsent' && <p class="text quiet">{words.removed}</p>}
      {(line.media ?? []).map((file) => <Media key={file} file={file} />)}
      {missing && <p class="text quiet">{(line.attachments ?? []).map((kind) => (kind === 'image' ? words.photo : kind)).join(', ')}</p>}
      <p class="foot">
        <time dateTime={line.at} title={new Date(line.at).toLocaleString(language.value)}>{clockTime(Date.parse(line.at), language.value)}</time>
        {state && <span class="state"> · {state}</span>}
        {line.templates?.length ? <span class="template"> · {line.templates.join(', ')}</span> : null}
      </p>
    </li>
  );
}

/** The whole talk, oldest first, with a heading for each day. */
export function Lines({ conversation }: { conversation: Conversation }): JSX.Element {
  const entries: JSX.Element[] = [];
  let day = '';
  (conversation.history ?? []).forEach((line, i) => {
    const name = dayName(Date.parse(line.at), language.value);
    if (name !== day) entries.push(<li key={`day-${name}-${i}`} class="day"><span>{name}</span></li>);
    day = name;
    entries.push(<Line key={line.id ?? `${line.at}-${line.who}-${i}`} line={line} conversation={conversation} />);
  });
  return <ol class="lines">{entries}</ol>;
}
