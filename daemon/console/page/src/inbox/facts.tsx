// SPDX-License-Identifier: Apache-2.0
// What is known about the case, and what the customer may be given.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Authority, Conversation, Facts as FactTable } from '../api/types';
import { dayAndTime, languageName, money, shortMoment } from '../lib/format';
import { session } from '../state/session';
import { language } from '../state/settings';
import { Act, Choice, Field, Icon, When, tell } from '../ui/parts';
import { say } from '../words';
import { unmasked } from './lines';
import { act } from './state';
import { meaning } from './summary';

const kinds = ['gift', 'free_shipping', 'coupon', 'partial_refund', 'keep_item', 'discount'];

/** Moments as a date, words of the daemon in the reader's language, the rest as it is. */
function shownFact(name: string, value: string | number, currency: string | undefined): string {
  const words = say();
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return dayAndTime(Date.parse(value), language.value);
  if ((name === 'amount' || name.endsWith('_amount')) && Number.isFinite(Number(value)) && currency) return money(Number(value), currency, language.value);
  if (name === 'status' || name === 'refund') return meaning(words.statuses, String(value));
  return String(value);
}

function FactList({ facts }: { facts: FactTable }): JSX.Element {
  const words = say();
  const currency = facts.currency === undefined ? undefined : String(facts.currency);
  return (
    <>
      {Object.entries(facts).filter(([name]) => name !== 'currency').map(([name, value]) => (
        <div key={name} class="fact">
          <dt>{meaning(words.factNames, name)}</dt>
          <dd dir="auto">{/^https?:\/\//.test(String(value)) ? <a href={String(value)} target="_blank" rel="noopener noreferrer nofollow">{String(value)}</a> : shownFact(name, value, currency)}</dd>
        </div>
      ))}
    </>
  );
}

const sums = (left: Record<string, number> | undefined): string => Object.entries(left ?? {}).map(([currency, amount]) => money(amount, currency, language.value)).join(', ');

function MayGive({ authority }: { authority: Authority }): JSX.Element {
  const words = say();
  if (authority.unlimited) return <p class="hint">{words.mayAll}</p>;
  const forOrder = sums(authority.left_for_order);
  const today = sums(authority.left_today);
  if (!forOrder && !today) return <p class="hint">{words.mayNothing}</p>;
  return <p class="hint">{forOrder && words.mayGive(forOrder)} {today && words.mayGiveToday(today)}</p>;
}

function Concede({ of }: { of: Conversation }): JSX.Element {
  const words = say();
  const { authority } = of;
  const allowed = authority.may?.length ? authority.may : kinds;
  const [kind, setKind] = useState(allowed[0] ?? 'gift');
  const [amount, setAmount] = useState('');
  const [why, setWhy] = useState('');
  const currency = session.value?.shop.currency || Object.keys(authority.left_for_order ?? {})[0] || '';
  const give = async (): Promise<void> => {
    if (!why.trim()) return tell(words.whyNeeded, true);
    await act('concede', { kind, why: why.trim(), ...(amount ? { amount: Number(amount.replace(',', '.')), ...(currency ? { currency } : {}) } : {}) });
    setAmount('');
    setWhy('');
    tell(words.conceded);
  };
  return (
    <details class="concede">
      <summary>{words.concede}</summary>
      <Choice label={words.concedeKind} value={kind} onValue={setKind} options={allowed.map((one) => [one, meaning(words.kinds, one)] as const)} />
      <Field label={currency ? `${words.concedeAmount} (${currency})` : words.concedeAmount} value={amount} onValue={setAmount} inputMode="decimal" />
      <Field label={words.why} value={why} onValue={setWhy} />
      <p class="buttons"><Act act={give} kind="primary">{words.concede}</Act></p>
    </details>
  );
}

function Tags({ of }: { of: Conversation }): JSX.Element {
  const words = say();
  const [tag, setTag] = useState('');
  const add = async (): Promise<void> => {
    const wanted = tag.trim().replaceAll(/[\s,]+/g, '-');
    if (!wanted) return;
    await act('tag', { add: [wanted] });
    setTag('');
  };
  return (
    <>
      <ul class="tags">
        {of.tags.map((one) => (
          <li key={one} class="chip">
            {one}
            <Act act={() => act('tag', { remove: [one] })} kind="plain small" title={words.tagRemove(one)}><Icon of="close" /><span class="hidden">{words.tagRemove(one)}</span></Act>
          </li>
        ))}
      </ul>
      <form class="inline" onSubmit={(event) => (event.preventDefault(), void add())}>
        <Field label={words.tagAdd} value={tag} onValue={setTag} />
        <Act act={add}>{words.save}</Act>
      </form>
    </>
  );
}

export function Facts({ of, onClose }: { of: Conversation; onClose: () => void }): JSX.Element {
  const words = say();
  const { case: open, summary } = of;
  const order: FactTable = { ...(summary?.order_facts ?? {}) };
  const row = (label: string, value: string): JSX.Element | null => (value ? <div class="fact"><dt>{label}</dt><dd dir="auto">{value}</dd></div> : null);
  return (
    <>
      <header class="head">
        <h2>{words.case}{summary?.case_name ? ` ${summary.case_name}` : ''}</h2>
        <button type="button" class="plain square hide-wide" aria-label={words.close} onClick={onClose}><Icon of="close" /></button>
      </header>
      <div class="facts-body">
        <dl>
          {of.answer_by && of.owner !== 'closed' && of.owner !== 'bot' && <div class="fact"><dt>{words.deadline}</dt><dd><When at={of.answer_by} text={shortMoment} /></dd></div>}
          {row(words.topic, open.topic ? meaning(words.topics, open.topic) : '')}
          {row(words.team, open.tier ? meaning(words.tiers, open.tier) : '')}
          {row(words.order, open.order)}
          {row(words.phone, open.phone)}
          {open.photos > 0 && row(words.photo, words.photosN(open.photos))}
          {row(words.customer, of.customer)}
          {row(words.channel, of.channel_type ? `${of.channel} (${of.channel_type})` : of.channel)}
          {row(words.speaks, languageName(of.language, language.value))}
        </dl>
        {(Object.keys(order).length > 0 || Object.keys(summary?.facts ?? {}).length > 0) && (
          <section>
            <h3>{words.facts}</h3>
            <dl>
              <FactList facts={order} />
              <FactList facts={summary?.facts ?? {}} />
            </dl>
          </section>
        )}
        {of.escalations.length > 0 && (
          <section>
            <h3>{words.escalations}</h3>
            <ul class="escalations">
              {of.escalations.map((one) => (
                <li key={one.id} class={one.closed_at ? 'past' : ''}>
                  <strong>{meaning(words.reasons, one.reason)}</strong> → {meaning(words.tiers, one.tier)} <span class="quiet"><When at={one.opened_at} text={shortMoment} /></span>
                </li>
              ))}
            </ul>
            <button type="button" aria-pressed={unmasked.value} aria-keyshortcuts="m" onClick={() => (unmasked.value = !unmasked.value)}>{unmasked.value ? words.mask : words.unmask}</button>
          </section>
        )}
        <section>
          <h3>{words.given}</h3>
          {of.offer && <p>{words.offered(meaning(words.kinds, of.offer))}</p>}
          {of.concessions.length === 0 ? <p class="quiet">{words.givenNothing}</p> : (
            <ul>
              {of.concessions.map((one, i) => (
                <li key={i}>{meaning(words.kinds, one.kind)} {one.amount > 0 && money(one.amount, one.currency, language.value)} · {one.by} · <When at={one.at} text={shortMoment} /></li>
              ))}
            </ul>
          )}
          <MayGive authority={of.authority} />
          <Concede key={of.conversation} of={of} />
        </section>
        <section>
          <h3>{words.tags}</h3>
          <Tags key={of.conversation} of={of} />
        </section>
      </div>
    </>
  );
}
