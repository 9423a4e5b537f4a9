// SPDX-License-Identifier: Apache-2.0
// What one sets for oneself: language, colours, notices, password, second factor.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { allowNotices, ring } from '../inbox/notices';
import { refresh, session } from '../state/session';
import { notices, singleKeys, sound, theme, type Theme } from '../state/settings';
import { Act, Check, Choice, Dialog, Field, tell } from '../ui/parts';
import { say } from '../words';
import { LanguageChoice } from './sign_in';

function SecondFactor(): JSX.Element {
  const words = say();
  const [begun, setBegun] = useState<{ secret: string; uri: string } | null>(null);
  const [code, setCode] = useState('');
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const [password, setPassword] = useState('');
  const [ending, setEnding] = useState(false);
  const begin = async (): Promise<void> => setBegun(await post('/session/totp'));
  const confirm = async (): Promise<void> => {
    const { recovery_codes: codes } = await post<{ recovery_codes: string[] }>('/session/totp/confirm', { code: code.trim() });
    setRecovery(codes);
    setBegun(null);
    await refresh();
  };
  const end = async (): Promise<void> => {
    await post('/session/totp/off', { password });
    setEnding(false);
    setRecovery(null);
    await refresh();
  };
  const { totp = false, recovery_codes_left: left = 0 } = session.value ?? {};
  return (
    <section>
      <h3>{words.secondFactor}</h3>
      <p>{totp ? `${words.secondFactorOn} ${words.recoveryLeft(left)}` : words.secondFactorOff}</p>
      {recovery && (
        <>
          <p>{words.recoveryCodes}</p>
          <pre class="codes" tabIndex={0}>{recovery.join('\n')}</pre>
        </>
      )}
      {!totp && !begun && <p class="buttons"><Act act={begin}>{words.secondFactorBegin}</Act></p>}
      {begun && (
        <>
          <p>{words.secondFactorSecret}</p>
          <p><code class="secret">{begun.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code></p>
          <p><a href={begun.uri}>{words.secondFactorOpen}</a></p>
          <Field label={words.code} value={code} onValue={setCode} autocomplete="one-time-code" inputMode="numeric" />
          <p class="buttons"><Act act={confirm} kind="primary">{words.confirm}</Act></p>
        </>
      )}
      {totp && !ending && <p class="buttons"><button type="button" onClick={() => setEnding(true)}>{words.secondFactorEnd}</button></p>}
      {ending && (
        <>
          <Field label={words.password} value={password} onValue={setPassword} type="password" autocomplete="current-password" />
          <p class="buttons"><Act act={end} kind="danger">{words.secondFactorEnd}</Act></p>
        </>
      )}
    </section>
  );
}

function Password(): JSX.Element {
  const words = say();
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [repeated, setRepeated] = useState('');
  const change = async (): Promise<void> => {
    if (fresh !== repeated) return tell(words.passwordsDiffer, true);
    await post('/session/password', { old, new: fresh });
    [setOld, setFresh, setRepeated].forEach((empty) => empty(''));
    tell(words.passwordChanged);
  };
  return (
    <details>
      <summary>{words.changePassword}</summary>
      <Field label={words.oldPassword} value={old} onValue={setOld} type="password" autocomplete="current-password" />
      <Field label={words.newPassword} hint={words.passwordHint} value={fresh} onValue={setFresh} type="password" autocomplete="new-password" />
      <Field label={words.repeatPassword} value={repeated} onValue={setRepeated} type="password" autocomplete="new-password" />
      <p class="buttons"><Act act={change} kind="primary">{words.changePassword}</Act></p>
    </details>
  );
}

export function Account({ onClose }: { onClose: () => void }): JSX.Element {
  const words = say();
  const setNotices = async (on: boolean): Promise<void> => {
    const allowed = !on || (await allowNotices());
    notices.value = on && allowed;
    if (!allowed) tell(words.noticesDenied, true);
  };
  return (
    <Dialog title={words.menu} onClose={onClose}>
      <LanguageChoice />
      <Choice label={words.theme} value={theme.value} onValue={(value) => (theme.value = value)} options={(['system', 'light', 'dark'] as const).map((one: Theme) => [one, words.themes[one]] as const)} />
      <Check label={words.notices} checked={notices.value} onValue={(on) => void setNotices(on)} />
      <Check label={words.sound} checked={sound.value} onValue={(on) => ((sound.value = on), on && ring())} />
      <Check label={words.keysOn} checked={singleKeys.value} onValue={(on) => (singleKeys.value = on)} />
      <SecondFactor />
      <Password />
    </Dialog>
  );
}
