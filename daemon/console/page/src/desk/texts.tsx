// SPDX-License-Identifier: Apache-2.0
// Every template with its locales side by side: what is missing is seen, what is changed is shown as a customer would read it.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem, get, post } from '../api/client';
import type { Place, Preview, Template } from '../api/types';
import { readPack, withMore, withTemplate, withVariant, withoutVariant, type VariantPlace } from '../lib/pack_texts';
import { languageName } from '../lib/format';
import { cut } from '../lib/spans';
import { catalogTurn } from '../inbox/state';
import { go, route } from '../state/route';
import { language } from '../state/settings';
import { Check, Field, Loaded, explain, tellProblem, useRead } from '../ui/parts';
import { say } from '../words';
import { catalog, change, changes, draft, readFile, textOf } from './draft';
import { Places } from './places';

const previewAfter = 350; // ms without a key

function IcuHelp(): JSX.Element {
  const words = say();
  return (
    <details class="sheet icu">
      <summary>{words.icuHelp}</summary>
      <dl>
        {words.icu.map(([example, meaning]) => (
          <div key={example} class="fact">
            <dt><code>{example}</code></dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** What a customer would read now, drafts included. */
function Shown({ template, locale, variant, source, values }: { template: string; locale: string; variant: number; source: string; values: Record<string, string> }): JSX.Element {
  const words = say();
  const [state, setState] = useState<{ preview: Preview | null; errors: Place[]; problem: string }>({ preview: null, errors: [], problem: '' });
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
      post<Preview>('/catalog/preview', { template, locale, variant, changes: changes.value, ...(Object.keys(given).length ? { arguments: given } : {}) }, abort.signal).then(
        (preview) => setState({ preview, errors: [], problem: '' }),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          const errors = error instanceof Problem ? (error.body.errors ?? []) : [];
          setState({ preview: null, errors, problem: errors.length ? '' : error instanceof Problem && error.status === 409 ? error.message : explain(error) });
        },
      );
    }, previewAfter);
    return () => (clearTimeout(timer), abort.abort());
  }, [template, locale, variant, source, JSON.stringify(values), draft.value]);
  const { preview, errors, problem } = state;
  return (
    <div class="preview" aria-live="polite">
      {errors.length > 0 && <div class="problem"><Places places={errors} /></div>}
      {problem && <p class="problem">{problem}</p>}
      {preview?.messages.map((message, i) => (
        <div key={i} class="line bot" lang={preview.locale}>
          <p class="text">
            {message.text && preview.finding ? cut(message.text, [{ start: preview.finding.start_utf16, end: preview.finding.end_utf16, what: 1 }]).map((piece, at) => (piece.found.length ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text}</span>)) : message.text}
          </p>
          {message.quick_replies?.length ? <p class="chips">{message.quick_replies.map((reply) => <span key={reply.label} class="chip">{reply.label}</span>)}</p> : null}
        </div>
      ))}
      {preview?.finding && <p class="problem">{words.guard}: {preview.finding.why}</p>}
    </div>
  );
}

function Locale({ template, locale, path }: { template: Template; locale: string; path: string }): JSX.Element {
  const words = say();
  const text = textOf(path);
  const [sample, setSample] = useState<Record<string, string>>({});
  useEffect(() => {
    readFile(path).catch(tellProblem);
  }, [path, text === undefined]);
  const name = `${languageName(locale, language.value)} (${locale})`;
  if (text === undefined) return <section class="locale"><h2>{name}</h2><p class="quiet">{words.loading}</p></section>;
  const places = readPack(text).get(template.id);
  const placeholders = [...new Set((template.locales[locale] ?? []).flatMap((variant) => variant.placeholders))];
  const toFile = (): void => go('desk', 'files', path, String(template.locales[locale]?.[0]?.line ?? 1), '1');
  const edit = (place: VariantPlace, value: string): void => change(path, withVariant(text, place, value));
  return (
    <section class="locale">
      <h2>{name}</h2>
      {places === undefined && (
        <>
          <p class="problem">{words.missing}</p>
          <button type="button" onClick={() => change(path, withTemplate(text, template.id, '…'))}>{words.writeIt}</button>
        </>
      )}
      {places === null && <p>{words.onlyInFile} <button type="button" onClick={toFile}>{words.toFile}</button></p>}
      {places?.map((place, i) => (
        <div key={i} class="variant">
          <Field label={words.variant(i + 1)} value={place.value} onValue={(value) => edit(place, value)} multiline />
          <Shown template={template.id} locale={locale} variant={i} source={place.value} values={sample} />
          {places.length > 1 && <button type="button" class="plain link" onClick={() => change(path, withoutVariant(text, place))}>{words.removeVariant(i + 1)}</button>}
        </div>
      ))}
      {places && <p class="buttons"><button type="button" onClick={() => change(path, withMore(text, places[places.length - 1]!, '…'))}>{words.addVariant}</button><button type="button" class="plain" onClick={toFile}>{words.toFile}</button></p>}
      {placeholders.length > 0 && (
        <details>
          <summary>{words.samples}</summary>
          {placeholders.map((placeholder) => <Field key={placeholder} label={`{${placeholder}}`} value={sample[placeholder] ?? ''} onValue={(value) => setSample({ ...sample, [placeholder]: value })} />)}
        </details>
      )}
    </section>
  );
}

export function Texts(): JSX.Element {
  const words = say();
  const read = useRead((signal) => get<{ locales: string[]; templates: Template[] }>('/catalog/templates', signal), [catalogTurn.value]);
  const [wanted, setWanted] = useState('');
  const [onlyMissing, setOnlyMissing] = useState(false);
  const fits = (template: Template): boolean => {
    const text = wanted.trim().toLowerCase();
    const words = [template.id, ...Object.values(template.locales).flatMap((variants) => variants.map((variant) => variant.source))];
    return (!text || words.some((one) => one.toLowerCase().includes(text))) && (!onlyMissing || template.missing.length > 0);
  };
  return (
    <Loaded read={read}>
      {({ locales, templates }) => {
        const shown = templates.filter(fits);
        const template = templates.find((one) => one.id === route.value[2]) ?? shown[0];
        return (
          <div class="columns">
            <nav class="side" aria-label={words.deskParts.texts}>
              <Field label={words.search} value={wanted} onValue={setWanted} type="search" />
              <Check label={words.onlyMissing} checked={onlyMissing} onValue={setOnlyMissing} />
              <ul class="names">
                {shown.map((one) => (
                  <li key={one.id}>
                    <a href={`#/desk/texts/${encodeURIComponent(one.id)}`} aria-current={one.id === template?.id ? 'true' : undefined}>
                      {one.id} {one.missing.length > 0 && <span class="chip strong" title={words.missingIn(one.missing.join(', '))}>{one.missing.join(', ')}</span>}
                    </a>
                  </li>
                ))}
              </ul>
              {shown.length === 0 && <p class="quiet">{words.noneFound}</p>}
            </nav>
            <div class="content">
              <IcuHelp />
              {template && (
                <>
                  <h1>{template.id}</h1>
                  {template.missing.length > 0 && <p class="quiet">{words.missingIn(template.missing.join(', '))}</p>}
                  <div class="locales">
                    {locales.map((locale) => (
                      <Locale key={`${template.id} ${locale}`} template={template} locale={locale} path={catalog.value?.files.find(({ path }) => path === `replies/${locale}.yaml`)?.path ?? `replies/${locale}.yaml`} />
                    ))}
                  </div>
                </>
              )}
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}
