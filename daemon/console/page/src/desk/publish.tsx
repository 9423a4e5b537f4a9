// SPDX-License-Identifier: Apache-2.0
// From a draft to what customers get: what differs, what is wrong, what the conversation tests say, and why it is published.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, post } from '../api/client';
import type { Place, TestResult, Version } from '../api/types';
import { Act, Check, Field, explain, tell } from '../ui/parts';
import { say } from '../words';
import { catalog, changes, check, checkProblem, checked, draft, readCatalog, rebase, throwAway } from './draft';
import { Diff, Places, Tests } from './places';

export function Publish(): JSX.Element {
  const words = say();
  const [why, setWhy] = useState('');
  const [tests, setTests] = useState<TestResult | null>(null);
  const [errors, setErrors] = useState<Place[]>([]);
  const [despite, setDespite] = useState(false);
  const state = checked.value;
  const old = catalog.value !== null && draft.value.base !== '' && draft.value.base !== catalog.value.version;

  /** What the daemon objects to, in its place; what else went wrong is thrown on. */
  const objected = (error: unknown): void => {
    if (!(error instanceof Problem) || error.status !== 422) throw error;
    setErrors(error.body.errors ?? []);
    if (error.body.tests) setTests(error.body.tests);
    tell(words.notPublished, true);
  };
  const test = async (): Promise<void> => {
    setTests(null);
    setErrors([]);
    await post<TestResult>('/catalog/test', { changes: changes.value }).then(setTests, objected);
  };
  const publish = async (): Promise<void> => {
    if (!why.trim()) return tell(words.whyNeeded, true);
    setErrors([]);
    try {
      const version = await post<Version>('/catalog/publish', { changes: changes.value, why: why.trim(), base: draft.value.base, ...(despite ? { despite_tests: true } : {}) });
      await readCatalog();
      throwAway();
      setWhy('');
      setTests(null);
      setDespite(false);
      tell(words.published(version.number));
    } catch (error) {
      if (error instanceof Problem && error.status === 409) await readCatalog();
      objected(error);
    }
  };

  if (changes.value.length === 0) return <div class="content"><h1>{words.deskParts.publish}</h1><p class="quiet">{words.noDraft}</p></div>;
  const wrong = errors.length ? errors : (state?.errors ?? []);
  return (
    <div class="content">
      <h1>{words.deskParts.publish}</h1>
      {old && <p class="problem" role="alert">{words.otherBase} <button type="button" onClick={rebase}>{words.rebase}</button></p>}
      {state === null && (checkProblem.value === null ? <p class="quiet" role="status">{words.checking}</p> : <p class="problem" role="alert">{explain(checkProblem.value)} <button type="button" onClick={check}>{words.again}</button></p>)}
      {wrong.length > 0 && <section class="problem" aria-label={words.errorsN(wrong.length)} role="status"><h2>{words.errorsN(wrong.length)}</h2><Places places={wrong} /></section>}
      {state?.ok && wrong.length === 0 && <p class="fine" role="status">{words.noErrors}</p>}
      {tests && <Tests result={tests} />}
      <p class="buttons">
        <Act act={test} disabled={!state?.ok}>{words.runTests}</Act>
        <button type="button" onClick={throwAway}>{words.throwAway}</button>
      </p>
      <Field label={words.why} value={why} onValue={setWhy} hint={words.publishHint} />
      {tests !== null && tests.failed > 0 && <Check label={words.despiteTests} checked={despite} onValue={setDespite} />}
      <p class="buttons"><Act act={publish} kind="primary" disabled={!state?.ok || old}>{words.publish}</Act></p>
      <h2>{words.difference}</h2>
      {state && <Diff files={state.diff} />}
    </div>
  );
}
