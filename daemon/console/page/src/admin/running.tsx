// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, post } from '../api/client';
import { paused } from '../api/live';
import type { Status } from '../api/types';
import { number, shortMoment } from '../lib/format';
import { language } from '../state/settings';
import { Act, Choice, Dialog, Icon, Loaded, When, now, useRead } from '../ui/parts';
import { say } from '../words';
import { meaning } from '../inbox/summary';

/** Asks twice: a stop concerns every customer. */
function Stop({ channels, onClose }: { channels: string[]; onClose: () => void }): JSX.Element {
  const words = say();
  const [channel, setChannel] = useState('*');
  const [sure, setSure] = useState(false);
  const stop = async (): Promise<void> => {
    await post('/pause', channel === '*' ? {} : { channel });
    onClose();
  };
  return (
    <Dialog title={words.stop} onClose={onClose}>
      {sure ? <p><strong>{words.stopAskAgain}</strong></p> : (
        <>
          <p>{words.stopAsk}</p>
          <Choice label={words.channel} value={channel} onValue={setChannel} options={[['*', words.stopOn] as const, ...channels.map((id) => [id, id] as const)]} />
        </>
      )}
      <p class="buttons">
        {sure ? <Act key="really" kind="danger" act={stop}>{words.stopReally}</Act> : <button key="first" type="button" class="danger" onClick={() => setSure(true)}>{words.stopYes}</button>}
        <button type="button" onClick={onClose}>{words.cancel}</button>
      </p>
    </Dialog>
  );
}

function Numbers({ title, values }: { title: string; values: Record<string, number | string> }): JSX.Element {
  const words = say();
  return (
    <section class="sheet">
      <h2>{title}</h2>
      <dl>
        {Object.entries(values).map(([name, value]) => (
          <div key={name} class="fact">
            <dt>{meaning(words.columns, name)}</dt>
            <dd>{typeof value === 'number' ? number(value, language.value) : /^\d{4}-/.test(value) ? <When at={value} text={shortMoment} /> : value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const readEvery = 10; // seconds

export function Running(): JSX.Element {
  const words = say();
  const [stopping, setStopping] = useState(false);
  const read = useRead((signal) => get<Status>('/status', signal), [Math.floor(now.value / (readEvery * 1000)), paused.value]);
  return (
    <>
      <h1>{words.adminParts.running}</h1>
      <p class="buttons"><button type="button" class="danger" onClick={() => setStopping(true)}><Icon of="stop" />{words.stop}</button></p>
      <Loaded read={read}>
        {(status) => (
          <>
            <section class="sheet">
              <h2>{words.channelsTitle}</h2>
              <div class="scroll" tabIndex={0} role="region" aria-label={words.channelsTitle}>
                <table class="data">
                  <thead><tr><th scope="col">{words.channel}</th><th scope="col">{words.kind}</th><th scope="col">{words.sending}</th></tr></thead>
                  <tbody>
                    {status.channels.map((channel) => {
                      const stop = status.paused.find((pause) => pause.channel === '*' || pause.channel === channel.id);
                      return (
                        <tr key={channel.id}>
                          <th scope="row">{channel.id}</th>
                          <td>{channel.type}</td>
                          <td>{stop ? <span class="chip strong">{words.stoppedBy(stop.by)}</span> : <span class="chip good">{words.sends}</span>}</td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </div>
            </section>
            <div class="grid">
              <Numbers title={words.storeTitle} values={status.store} />
              <Numbers title={words.intakeTitle} values={status.intake} />
              <Numbers title={words.dispatchTitle} values={status.dispatch} />
            </div>
            <p class="quiet">kefud {status.version}</p>
            {stopping && <Stop channels={status.channels.map(({ id }) => id)} onClose={() => setStopping(false)} />}
          </>
        )}
      </Loaded>
    </>
  );
}
