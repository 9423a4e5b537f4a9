// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, post, query } from '../api/client';
import type { FileDiff, Version } from '../api/types';
import { dayAndTime } from '../lib/format';
import { catalogTurn } from '../inbox/state';
import { route } from '../state/route';
import { Act, Dialog, Field, Loaded, When, tell, useRead } from '../ui/parts';
import { say } from '../words';
import { readCatalog } from './draft';
import { Diff } from './places';

function Rollback({ version, onClose }: { version: Version; onClose: () => void }): JSX.Element {
  const words = say();
  const [why, setWhy] = useState('');
  const roll = async (): Promise<void> => {
    if (!why.trim()) return tell(words.whyNeeded, true);
    const made = await post<Version>('/catalog/rollback', { number: version.number, why: why.trim() });
    await readCatalog();
    tell(words.published(made.number));
    onClose();
  };
  return (
    <Dialog title={words.rollbackTo(version.number)} onClose={onClose}>
      <p>{words.rollbackHint}</p>
      <Field label={words.why} value={why} onValue={setWhy} autofocus />
      <p class="buttons"><Act act={roll} kind="primary">{words.rollback}</Act></p>
    </Dialog>
  );
}

function OneVersion({ number }: { number: number }): JSX.Element {
  const words = say();
  const read = useRead((signal) => get<{ version: Version; diff: FileDiff[] }>(`/catalog/version${query({ number })}`, signal), [number, catalogTurn.value]);
  const [rolling, setRolling] = useState(false);
  return (
    <Loaded read={read}>
      {({ version, diff }) => (
        <>
          <h1>{words.versionN(version.number)} {version.current && <span class="chip good">{words.isCurrent}</span>}</h1>
          <p>{version.why}</p>
          <p class="quiet">{version.by} · <When at={version.at} text={(at, _, tag) => dayAndTime(at, tag)} /> · <code>{version.hash.slice(0, 12)}</code></p>
          {!version.current && <p class="buttons"><button type="button" onClick={() => setRolling(true)}>{words.rollbackTo(version.number)}</button></p>}
          <Diff files={diff} />
          {rolling && <Rollback version={version} onClose={() => setRolling(false)} />}
        </>
      )}
    </Loaded>
  );
}

export function History(): JSX.Element {
  const words = say();
  const read = useRead((signal) => get<{ versions: Version[] }>(`/catalog/history${query({ limit: 200 })}`, signal), [catalogTurn.value]);
  return (
    <Loaded read={read}>
      {({ versions }) => {
        const number = Number(route.value[2]) || versions[0]?.number;
        return (
          <div class="columns">
            <nav class="side" aria-label={words.deskParts.history}>
              <ul class="names">
                {versions.map((version) => (
                  <li key={version.number}>
                    <a href={`#/desk/history/${version.number}`} aria-current={version.number === number ? 'true' : undefined}>
                      {words.versionN(version.number)} {version.current && <span class="chip good">{words.isCurrent}</span>}
                      <span class="quiet below">{version.by} · <When at={version.at} text={(at, _, tag) => dayAndTime(at, tag)} /></span>
                    </a>
                  </li>
                ))}
              </ul>
            </nav>
            <div class="content">{number === undefined ? <><h1>{words.deskParts.history}</h1><p class="quiet">{words.noHistory}</p></> : <OneVersion key={number} number={number} />}</div>
          </div>
        );
      }}
    </Loaded>
  );
}
