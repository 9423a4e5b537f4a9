// SPDX-License-Identifier: Apache-2.0
// The way in: name and password, the second factor when there is one, and the one-time link of an invitation.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem, post } from '../api/client';
import type { Role, Session } from '../api/types';
import { goInstead } from '../state/route';
import { arrive, enter, entrance, expired, session } from '../state/session';
import { language } from '../state/settings';
import { Choice, Field, explain } from '../ui/parts';
import { say } from '../words';
import { languageNames, languages } from '../words/languages';


export const LanguageChoice = (): JSX.Element => (
  <Choice label={say().language} value={language.value} onValue={(tag) => (language.value = tag)} options={languages.map((tag) => [tag, languageNames[tag]] as const)} />
);

function Card({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <main class="entrance" id="content">
      <div class="card">
        <p class="brand">kefud</p>
        <h1>{title}</h1>
        {children}
        <LanguageChoice />
      </div>
    </main>
  );
}

/** A form that is sent once at a time; what went wrong stands above its button. */
function Form({ button, send, problem, children }: { button: string; send: () => Promise<void>; problem: string; children: ComponentChildren }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    await send().finally(() => setBusy(false));
  };
  return (
    <form onSubmit={(event) => (event.preventDefault(), void submit())}>
      {children}
      <p class="problem" role="alert" hidden={!problem}>{problem}</p>
      <p class="buttons"><button type="submit" class="primary" aria-busy={busy}>{button}</button></p>
    </form>
  );
}

export function SignIn(): JSX.Element {
  const words = say();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [second, setSecond] = useState(false);
  const [problem, setProblem] = useState('');
  const send = async (): Promise<void> => {
    setProblem('');
    try {
      enter(await post<Session>('/session', { name: name.trim(), password, ...(second ? { code: code.trim() } : {}) }));
    } catch (error) {
      const reason = error instanceof Problem ? error.body.reason : '';
      if (reason === 'code_needed') setSecond(true);
      else setProblem(reason === 'code_wrong' ? words.codeWrong : reason === 'wrong' ? words.wrongPassword : explain(error));
    }
  };
  return (
    <Card title={words.signIn}>
      {expired.value && <p role="status">{words.signedOutNow}</p>}
      <Form button={words.signIn} send={send} problem={problem}>
        <Field label={words.name} value={name} onValue={setName} autocomplete="username" required autofocus />
        <Field label={words.password} value={password} onValue={setPassword} type="password" autocomplete="current-password" required />
        {second && <p role="status">{words.codeNeeded}</p>}
        {second && <Field label={words.code} hint={words.codeHint} value={code} onValue={setCode} autocomplete="one-time-code" required autofocus />}
      </Form>
    </Card>
  );
}

/** Nobody exists yet, and this browser has no link. */
export function SetupNeeded(): JSX.Element {
  const words = say();
  return <Card title={words.signIn}><p>{words.setupNeeded}</p></Card>;
}

export function Unreachable(): JSX.Element {
  const words = say();
  useEffect(() => {
    const timer = setInterval(() => void arrive(), 3_000);
    return () => clearInterval(timer);
  }, []);
  return <Card title={words.console}><p role="status">{words.unreachable}</p><p><button type="button" onClick={() => void arrive()}>{words.again}</button></p></Card>;
}

/** `token` of a one-time link. */
export function Setup({ token, onDone }: { token: string; onDone: () => void }): JSX.Element {
  const words = say();
  const [invitation, setInvitation] = useState<{ role: Role; name: string | null } | null>(null);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [problem, setProblem] = useState('');
  const gone = (error: unknown): string => (error instanceof Problem && error.status === 404 ? words.setupGone : explain(error));
  useEffect(() => {
    post<{ role: Role; name: string | null }>('/session/invitation', { token }).then(setInvitation, (error: unknown) => setProblem(gone(error)));
  }, [token]);
  const send = async (): Promise<void> => {
    setProblem('');
    if (password !== repeated) return setProblem(words.passwordsDiffer);
    try {
      const entered = await post<Session>('/session/setup', { token, password, ...(invitation?.name === null ? { name: name.trim() } : {}) });
      goInstead('inbox', 'waiting');
      onDone();
      enter(entered);
    } catch (error) {
      setProblem(gone(error));
    }
  };
  const elsewhere = (): void => {
    goInstead();
    onDone();
  };
  return (
    <Card title={words.setupTitle}>
      {invitation === null ? (
        <>
          {problem ? <p class="problem" role="alert">{problem}</p> : <p role="status">{words.loading}</p>}
          {problem && <p><button type="button" onClick={elsewhere}>{entrance.value === 'in' ? session.value?.name : words.signIn}</button></p>}
        </>
      ) : (
        <Form button={words.begin} send={send} problem={problem}>
          <p>{invitation.name === null ? words.setupFirst : words.setupFor(invitation.name, words.roles[invitation.role])}</p>
          {invitation.name === null
            ? <Field label={words.name} hint={words.nameHint} value={name} onValue={setName} autocomplete="username" required autofocus />
            : <input type="text" class="hidden" name="username" autocomplete="username" value={invitation.name} readOnly tabIndex={-1} aria-hidden="true" />}
          <Field label={words.newPassword} hint={words.passwordHint} value={password} onValue={setPassword} type="password" autocomplete="new-password" required autofocus={invitation.name !== null} />
          <Field label={words.repeatPassword} value={repeated} onValue={setRepeated} type="password" autocomplete="new-password" required />
        </Form>
      )}
    </Card>
  );
}

