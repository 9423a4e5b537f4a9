// SPDX-License-Identifier: Apache-2.0
// One conversation: who it is, what was said, what can be done, and where to write.
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../api/client';
import type { Conversation, Draft } from '../api/types';
import { languageName, shortMoment } from '../lib/format';
import { session } from '../state/session';
import { language } from '../state/settings';
import { Act, Choice, Dialog, Field, Icon, Loaded, now, tell } from '../ui/parts';
import { say } from '../words';
import { Composer } from './composer';
import { Lines, unmasked } from './lines';
import { inWords } from './summary';
import { act, agents, conversation, conversationProblem, customerTypes, lookers, mayHaveOlder, openId, readOlder, readOpen } from './state';
import { heat } from './order';

/** "Mei", "Mei and Jan", as the reader's language lists them. */
const list = (names: string[]): string => new Intl.ListFormat(language.value, { type: 'conjunction' }).format(names);

function Assign({ onClose }: { onClose: () => void }): JSX.Element {
  const words = say();
  const others = agents.value.filter((agent) => agent.name !== session.value?.name);
  const [to, setTo] = useState(others.find((agent) => agent.state === 'online')?.name ?? others[0]?.name ?? '');
  const [why, setWhy] = useState('');
  const give = async (): Promise<void> => {
    await act('assign', { to, why });
    tell(words.assigned(to));
    onClose();
  };
  return (
    <Dialog title={words.assign} onClose={onClose}>
      {others.length === 0 ? <p>{words.nothing}</p> : (
        <>
          <Choice label={words.assignTo} value={to} onValue={setTo} options={others.map((agent) => [agent.name, `${agent.name} · ${agent.state === 'online' ? words.online : words.away} · ${words.load(agent.load, agent.capacity)}`] as const)} />
          <Field label={words.why} value={why} onValue={setWhy} />
          <p class="buttons"><Act act={give} kind="primary">{words.assign}</Act></p>
        </>
      )}
    </Dialog>
  );
}

function DraftCard({ draft }: { draft: Draft }): JSX.Element {
  const words = say();
  const [text, setText] = useState<string | null>(null);
  const [rule, setRule] = useState(''); // that the guard warned of
  const [reason, setReason] = useState('');
  const override = rule !== '';
  const approve = async (changed?: string): Promise<void> => {
    if (override && !reason.trim()) return tell(words.whyNeeded, true);
    try {
      await act('draft/approve', { draft: draft.id, ...(changed === undefined ? {} : { text: changed }), ...(override ? { override: true } : {}) });
      tell(words.draftDone);
    } catch (error) {
      if (error instanceof Problem && error.status === 409 && error.body.rule) setRule(error.body.rule);
      throw error;
    }
    if (override) await act('note', { text: words.overrideNote(rule, reason.trim()) });
  };
  const discard = async (): Promise<void> => {
    await act('draft/discard', { draft: draft.id });
    tell(words.draftGone);
  };
  return (
    <section class="draft" aria-label={words.draftTitle}>
      <h2>{words.draftTitle} <span class="quiet">{draft.templates.join(', ')}</span></h2>
      {text === null ? <p class="text" lang={draft.language}>{draft.text}</p> : <Field label={words.draftEdit} value={text} onValue={setText} multiline autofocus />}
      {override && <Field label={words.overrideWhy} value={reason} onValue={setReason} autofocus />}
      <p class="buttons">
        {text === null ? <Act act={() => approve()} kind="primary">{override ? words.override : words.draftApprove}</Act> : <Act act={() => approve(text)} kind="primary">{override ? words.override : words.draftSendChanged}</Act>}
        {text === null && <button type="button" onClick={() => setText(draft.text)}>{words.draftEdit}</button>}
        <Act act={discard}>{words.draftDiscard}</Act>
      </p>
    </section>
  );
}

function Actions({ of, onAssign }: { of: Conversation; onAssign: () => void }): JSX.Element {
  const words = say();
  const mine = of.owner === 'person' && of.agent === session.value?.name;
  const done = (text: string, action: string) => async (): Promise<void> => {
    await act(action);
    tell(text);
  };
  return (
    <div class="actions" role="toolbar" aria-label={words.conversation}>
      {!mine && of.owner !== 'closed' && <Act act={done(words.claimed, 'claim')} kind="primary" keys="c">{words.claim}</Act>}
      {of.owner !== 'closed' && <button type="button" aria-keyshortcuts="g" onClick={onAssign}>{words.assign}</button>}
      {mine && <Act act={done(words.handedBack, 'hand-back')} keys="h">{words.handBack}</Act>}
      {of.owner !== 'closed' && of.owner !== 'bot' && <Act act={done(words.resolved, 'resolve')} keys="e">{words.resolve}</Act>}
    </div>
  );
}

function Banners({ of }: { of: Conversation }): JSX.Element {
  const words = say();
  const { looking, typing } = lookers.value;
  const silent = looking.filter((name) => !typing.includes(name));
  const elsewhere = of.owner === 'person' && of.agent !== session.value?.name;
  return (
    <div class="banners" role="status">
      {typing.length > 0 && <p class="banner strong"><Icon of="warn" />{words.types(list(typing))}</p>}
      {silent.length > 0 && <p class="banner"><Icon of="info" />{words.looks(list(silent))}</p>}
      {elsewhere && <p class="banner"><Icon of="user" />{words.hasIt(of.agent)}</p>}
      {of.summary?.hours === 'closed' && (
        <p class="banner"><Icon of="clock" />{words.closedNow} {of.answer_by && of.owner !== 'closed' && words.promised(shortMoment(Date.parse(of.answer_by), now.value, language.value))}</p>
      )}
      {!of.reachable && <p class="banner strong"><Icon of="warn" />{words.notReachable}</p>}
    </div>
  );
}

function Shown({ of, onBack, onFacts }: { of: Conversation; onBack: () => void; onFacts: () => void }): JSX.Element {
  const words = say();
  const log = useRef<HTMLDivElement>(null);
  const [assigning, setAssigning] = useState(false);
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const count = of.history?.length ?? 0;
  const newest = of.history?.[count - 1]?.at;
  const toEnd = (): void => log.current?.scrollTo(0, log.current.scrollHeight);
  useEffect(() => document.getElementById('conversation-title')?.focus({ preventScroll: true }), []);
  // The newest line stays in sight unless somebody reads further up; photos make a line longer later.
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
  }, [newest, count]);
  useEffect(() => {
    const watch = new ResizeObserver(() => atEnd.current && toEnd());
    if (log.current?.firstElementChild) watch.observe(log.current.firstElementChild);
    return () => watch.disconnect();
  }, []);
  const scrolled = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = log.current!;
    atEnd.current = scrollHeight - scrollTop - clientHeight < 60;
    setAway(!atEnd.current);
  };
  const name = of.name || of.customer;
  return (
    <>
      <header class="head">
        <button type="button" class="plain square only-narrow" aria-label={words.back} onClick={onBack}><Icon of="back" /></button>
        <div class="title">
          <h1 id="conversation-title" tabIndex={-1}>{name}</h1>
          <p class="quiet">
            {[words.owners[of.owner] + (of.owner === 'person' ? ` (${of.agent})` : ''), of.channel, languageName(of.language, language.value)].filter(Boolean).join(' · ')}
          </p>
        </div>
        <button type="button" class="hide-wide" onClick={onFacts}>{words.showFacts}</button>
      </header>
      {of.summary && <p class={`summary heat-${heat(of.summary.anger.level)}`}>{inWords(words, language.value, of.summary)}</p>}
      <Actions of={of} onAssign={() => setAssigning(true)} />
      <Banners of={of} />
      <div class="log" ref={log} tabIndex={0} role="log" aria-label={words.conversation} onScroll={scrolled}>
        <div>
          {mayHaveOlder() && <p class="center"><Act act={readOlder}>{words.older}</Act></p>}
          <Lines conversation={of} />
          {customerTypes.value && <p class="typing" role="status">{words.customerTypes}</p>}
        </div>
      </div>
      {away && <button type="button" class="to-end" onClick={toEnd}><Icon of="down" />{words.newest}</button>}
      {of.draft && <DraftCard key={of.draft.id} draft={of.draft} />}
      <Composer key={of.conversation} conversation={of} />
      {assigning && <Assign onClose={() => setAssigning(false)} />}
    </>
  );
}

export function ConversationPane({ onBack, onFacts }: { onBack: () => void; onFacts: () => void }): JSX.Element {
  const words = say();
  const missing = conversationProblem.value instanceof Problem && conversationProblem.value.status === 404;
  if (openId.value === null) {
    return (
      <div class="pick">
        <p>{words.pick}</p>
        <p class="quiet hide-narrow">{words.pickKeys}</p>
      </div>
    );
  }
  if (missing) return <p class="empty">{words.gone} <button type="button" onClick={onBack}>{words.back}</button></p>;
  return <Loaded read={{ value: conversation.value, error: conversationProblem.value, again: () => void readOpen() }}>{(found) => <Shown key={found.conversation} of={found} onBack={onBack} onFacts={onFacts} />}</Loaded>;
}

/** Clicks what the keyboard asks for, when it can be done now. */
export function press(keys: string): boolean {
  const button = document.querySelector<HTMLButtonElement>(`.actions [aria-keyshortcuts="${keys}"]`);
  button?.click();
  return button !== null;
}

export const toggleMask = (): void => {
  unmasked.value = !unmasked.value;
};
