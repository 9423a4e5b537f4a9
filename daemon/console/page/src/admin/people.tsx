// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, post } from '../api/client';
import type { Invitation, Person, Role } from '../api/types';
import { dayAndTime, relative } from '../lib/format';
import { language } from '../state/settings';
import { Act, Choice, Dialog, Field, Loaded, When, tell, tellProblem, useRead } from '../ui/parts';
import { say } from '../words';

const roles: readonly Role[] = ['agent', 'operator', 'owner', 'admin'];

function Link({ invitation, onClose }: { invitation: Invitation; onClose: () => void }): JSX.Element {
  const words = say();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(invitation.link);
    tell(words.copied);
  };
  return (
    <Dialog title={words.linkFor(invitation.name)} onClose={onClose}>
      <p>{words.linkHint(dayAndTime(Date.parse(invitation.expires_at), language.value))}</p>
      <p><code class="secret">{invitation.link}</code></p>
      <p class="buttons"><Act act={copy} kind="primary">{words.copy}</Act></p>
    </Dialog>
  );
}

export function People(): JSX.Element {
  const words = say();
  const read = useRead((signal) => get<{ people: Person[] }>('/people', signal), []);
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('agent');
  const [link, setLink] = useState<Invitation | null>(null);
  const [resetting, setResetting] = useState('');
  const options = roles.map((one) => [one, words.roles[one]] as const);
  const invite = async (): Promise<void> => {
    setLink(await post<Invitation>('/people', { name: name.trim(), role }));
    setName('');
    read.again();
  };
  const change = async (person: Person, what: { role?: Role; disabled?: boolean }): Promise<void> => {
    await post('/people/change', { name: person.name, ...what }).catch(tellProblem);
    read.again();
  };
  const reset = async (): Promise<void> => {
    setLink(await post<Invitation>('/people/reset', { name: resetting }));
    setResetting('');
    read.again();
  };
  return (
    <>
      <h1>{words.adminParts.people}</h1>
      <form class="sheet filters" onSubmit={(event) => event.preventDefault()}>
        <Field label={words.name} value={name} onValue={setName} hint={words.nameHint} />
        <Choice label={words.role} value={role} onValue={setRole} options={options} />
        <Act act={invite} kind="primary" disabled={!name.trim()}>{words.invite}</Act>
      </form>
      <Loaded read={read}>
        {({ people }) => (
          <div class="scroll sheet" tabIndex={0} role="region" aria-label={words.adminParts.people}>
            <table class="data">
              <thead><tr><th scope="col">{words.name}</th><th scope="col">{words.role}</th><th scope="col">{words.secondFactor}</th><th scope="col">{words.seen}</th><th scope="col">{words.entry}</th></tr></thead>
              <tbody>
                {people.map((person) => (
                  <tr key={person.name}>
                    <th scope="row">{person.name} {person.invited && <span class="chip">{words.invited}</span>}</th>
                    <td><Choice label={`${words.role}: ${person.name}`} value={person.role} onValue={(next) => void change(person, { role: next })} options={options} /></td>
                    <td>{person.totp ? words.yes : words.no}</td>
                    <td>{person.seen_at ? <When at={person.seen_at} text={relative} /> : '–'}</td>
                    <td class="buttons">
                      <Act act={() => change(person, { disabled: !person.disabled })}>{person.disabled ? words.enable : words.disable}</Act>
                      <button type="button" onClick={() => setResetting(person.name)}>{words.newLink}</button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {link && <Link invitation={link} onClose={() => setLink(null)} />}
      {resetting && (
        <Dialog title={words.newLink} onClose={() => setResetting('')}>
          <p>{words.resetAsk(resetting)}</p>
          <p class="buttons"><Act kind="danger" act={reset}>{words.newLink}</Act><button type="button" onClick={() => setResetting('')}>{words.cancel}</button></p>
        </Dialog>
      )}
    </>
  );
}
