// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, post } from '../api/client';
import type { DeadLetter } from '../api/types';
import { shortMoment } from '../lib/format';
import { Act, Dialog, Loaded, When, useRead } from '../ui/parts';
import { say } from '../words';
import { meaning } from '../inbox/summary';
import { routeTo } from '../state/route';

export function Letters(): JSX.Element {
  const words = say();
  const read = useRead((signal) => get<{ letters: DeadLetter[] }>('/dead-letters', signal), []);
  const [asking, setAsking] = useState<DeadLetter | null>(null);
  const repeat = async (letter: DeadLetter): Promise<void> => {
    await post('/dead-letters/repeat', { number: letter.number });
    setAsking(null);
    read.again();
  };
  const drop = async (letter: DeadLetter): Promise<void> => {
    await post('/dead-letters/drop', { number: letter.number });
    read.again();
  };
  return (
    <>
      <h1>{words.adminParts.letters}</h1>
      <p>{words.lettersHint}</p>
      <Loaded read={read}>
        {({ letters }) => letters.length === 0 ? <p class="fine">{words.noLetters}</p> : (
          <div class="scroll sheet" tabIndex={0} role="region" aria-label={words.adminParts.letters}>
            <table class="data">
              <thead><tr><th scope="col">{words.when}</th><th scope="col">{words.kind}</th><th scope="col">{words.state}</th><th scope="col">{words.conversation}</th><th scope="col">{words.detail}</th><th scope="col"><span class="hidden">{words.again}</span></th></tr></thead>
              <tbody>
                {letters.map((letter) => (
                  <tr key={letter.number}>
                    <td><When at={letter.created_at} text={shortMoment} /></td>
                    <td>{meaning(words.letterKinds, letter.kind)}</td>
                    <td>{words.states[letter.state]} ({letter.attempts}×)</td>
                    <td>{letter.conversation ? <a href={routeTo('inbox', 'waiting', letter.conversation)}>{letter.conversation}</a> : letter.to}</td>
                    <td>{letter.text && <p>{letter.text}</p>}<p class="quiet">{letter.detail}</p></td>
                    <td class="buttons"><button type="button" onClick={() => setAsking(letter)}>{words.repeat}</button><Act act={() => drop(letter)}>{words.drop}</Act></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {asking && (
        <Dialog title={words.repeat} onClose={() => setAsking(null)}>
          <p>{asking.state === 'unknown' ? words.repeatUnknown : words.repeatRefused}</p>
          <p class="buttons"><Act kind="primary" act={() => repeat(asking)}>{words.repeat}</Act><button type="button" onClick={() => setAsking(null)}>{words.cancel}</button></p>
        </Dialog>
      )}
    </>
  );
}
