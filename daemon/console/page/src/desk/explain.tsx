// SPDX-License-Identifier: Apache-2.0
// "Type a message": what it means, by which rules and which words, what lost, and a place to say that it was wrong.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import type { Explanation, Version } from '../api/types';
import { languageName, number } from '../lib/format';
import { cut, joined } from '../lib/spans';
import { meaning } from '../inbox/summary';
import { language } from '../state/settings';
import { Act, Check, Field, tell } from '../ui/parts';
import { say } from '../words';

const labels = ['anger', 'tracking', 'refund', 'cancel', 'human'];

function Bar({ share }: { share: number }): JSX.Element {
  return <meter min={0} max={1} value={Math.max(0, Math.min(1, share))} aria-hidden="true" />;
}

function Wrong({ found }: { found: Explanation }): JSX.Element {
  const words = say();
  const [right, setRight] = useState<string[]>(found.labels);
  const [tag, setTag] = useState(found.language);
  const teach = async (): Promise<void> => {
    const version = await post<Version>('/classify/wrong', { text: found.text, language: tag, labels: right });
    tell(words.taught(version.number));
  };
  return (
    <details class="sheet">
      <summary>{words.wrong}</summary>
      <p>{words.wrongHint}</p>
      <fieldset>
        <legend>{words.rightLabels}</legend>
        {labels.map((label) => <Check key={label} label={meaning(words.labels, label)} checked={right.includes(label)} onValue={(on) => setRight(on ? [...right, label] : right.filter((one) => one !== label))} />)}
      </fieldset>
      <Field label={words.speaks} value={tag} onValue={setTag} />
      <p class="buttons"><Act act={teach} kind="primary">{words.teach}</Act></p>
    </details>
  );
}

function Why({ found }: { found: Explanation }): JSX.Element {
  const words = say();
  const spans = [
    ...found.rules.filter((rule) => !rule.blocked_by).map((rule) => ({ start: rule.start_utf16, end: rule.end_utf16, what: `${meaning(words.topics, rule.topic)}: ${rule.rule}` })),
    ...found.entities.map((entity) => ({ start: entity.start_utf16, end: entity.end_utf16, what: entity.kind })),
  ];
  return (
    <>
      <p class="said sheet" lang={found.language}>
        {joined(cut(found.text, spans), (what) => (what.length ? 'found' : '')).map((piece, i) => (piece.found.length ? <mark key={i} title={[...new Set(piece.found)].join(', ')}>{piece.text}</mark> : <span key={i}>{piece.text}</span>))}
      </p>
      <p>
        {languageName(found.language, language.value) || found.language} · {words.anger(number(found.anger.level, language.value, 2))}
        {found.anger.kinds.length > 0 && ` (${found.anger.kinds.map((kind) => meaning(words.topics, kind)).join(', ')})`}
      </p>
      <h2>{words.labelsTitle}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={words.labelsTitle}>
        <table class="data">
          <thead><tr><th scope="col">{words.label}</th><th scope="col">{words.given2}</th><th scope="col" class="n">{words.score}</th><th scope="col" class="n">{words.byPatterns}</th><th scope="col" class="n">{words.byLearning}</th><th scope="col">{words.forIt}</th><th scope="col">{words.againstIt}</th></tr></thead>
          <tbody>
            {found.learned.labels.map((one) => (
              <tr key={one.label} class={one.given ? 'given' : ''}>
                <th scope="row">{meaning(words.labels, one.label)}</th>
                <td>{one.given ? '✓' : ''}<span class="hidden">{one.given ? words.yes : words.no}</span></td>
                <td class="n">{number(one.score, language.value, 2)} <Bar share={one.score} /></td>
                <td class="n">{number(one.patterns, language.value, 2)}</td>
                <td class="n">{number(one.learned, language.value, 2)}</td>
                <td>{one.for.map((word) => word.text).join(', ')}</td>
                <td>{one.against.map((word) => word.text).join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2>{words.rulesTitle}</h2>
      {found.rules.length === 0 ? <p class="quiet">{words.noRules}</p> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={words.rulesTitle}>
          <table class="data">
            <thead><tr><th scope="col">{words.topic}</th><th scope="col">{words.rule}</th><th scope="col">{words.words}</th><th scope="col" class="n">{words.weight}</th><th scope="col">{words.lostTo}</th></tr></thead>
            <tbody>
              {found.rules.map((rule, i) => (
                <tr key={i} class={rule.blocked_by ? 'lost' : ''}>
                  <td>{meaning(words.topics, rule.topic)}</td>
                  <td><code>{rule.rule}</code></td>
                  <td>{found.text.slice(rule.start_utf16, rule.end_utf16)}</td>
                  <td class="n">{number(rule.weight, language.value, 2)}</td>
                  <td>{rule.blocked_by && <code>{rule.blocked_by}</code>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.topics.length > 0 && (
        <>
          <h2>{words.topicsTitle}</h2>
          <ul class="chips">{found.topics.map((topic) => <li key={topic.name} class="chip">{meaning(words.topics, topic.name)} {number(topic.score, language.value, 2)}</li>)}</ul>
        </>
      )}
      {found.would_say?.length ? (
        <>
          <h2>{words.wouldSay}</h2>
          {found.would_say.map((answer, i) => <div key={i} class="line bot" lang={answer.locale}><p class="from template">{answer.template}</p><p class="text">{answer.text}</p></div>)}
        </>
      ) : null}
    </>
  );
}

export function Explain(): JSX.Element {
  const words = say();
  const [text, setText] = useState('');
  const [found, setFound] = useState<Explanation | null>(null);
  const ask = async (): Promise<void> => {
    if (text.trim()) setFound(await post<Explanation>('/classify', { text: text.trim() }));
  };
  return (
    <div class="content">
      <h1>{words.deskParts.message}</h1>
      <form onSubmit={(event) => event.preventDefault()}>
        <Field label={words.typeMessage} value={text} onValue={setText} multiline />
        <p class="buttons"><Act act={ask} kind="primary">{words.explain}</Act></p>
      </form>
      <div aria-live="polite">{found && <Why found={found} />}</div>
      {found && <Wrong key={found.text} found={found} />}
    </div>
  );
}
