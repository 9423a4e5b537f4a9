// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, query } from '../api/client';
import type { AuditLine } from '../api/types';
import { dayAndTime } from '../lib/format';
import { Act, Field, Loaded, When, useRead } from '../ui/parts';
import { say } from '../words';
import { routeTo } from '../state/route';

interface Page {
  lines: AuditLine[];
  next: number | null;
}

export function Audit(): JSX.Element {
  const words = say();
  const [who, setWho] = useState('');
  const [action, setAction] = useState('');
  const [older, setOlder] = useState<Page | null>(null);
  const path = (before?: number): string => `/audit${query({ who: who.trim(), action: action.trim(), before })}`;
  const read = useRead((signal) => (setOlder(null), get<Page>(path(), signal)), [who, action]);
  return (
    <>
      <h1>{words.adminParts.audit}</h1>
      <div class="filters">
        <Field label={words.who} value={who} onValue={setWho} />
        <Field label={words.action} value={action} onValue={setAction} />
      </div>
      <Loaded read={read}>
        {(first) => {
          const lines = [...first.lines, ...(older?.lines ?? [])];
          const next = older ? older.next : first.next;
          const more = async (): Promise<void> => {
            const page = await get<Page>(path(next!));
            setOlder({ lines: [...(older?.lines ?? []), ...page.lines], next: page.next });
          };
          return (
            <>
              <div class="scroll sheet" tabIndex={0} role="region" aria-label={words.adminParts.audit}>
                <table class="data">
                  <thead><tr><th scope="col">{words.when}</th><th scope="col">{words.who}</th><th scope="col">{words.action}</th><th scope="col">{words.detail}</th><th scope="col">{words.conversation}</th></tr></thead>
                  <tbody>
                    {lines.map((line) => (
                      <tr key={line.number}>
                        <td><When at={line.at} text={(at, _, tag) => dayAndTime(at, tag)} /></td>
                        <td>{line.who}</td>
                        <td><code>{line.action}</code></td>
                        <td>{line.detail}</td>
                        <td>{line.conversation && <a href={routeTo('inbox', 'waiting', line.conversation)}>{line.conversation}</a>}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {lines.length === 0 && <p class="quiet">{words.nothing}</p>}
              {next !== null && <p class="center"><Act act={more}>{words.olderLines}</Act></p>}
            </>
          );
        }}
      </Loaded>
    </>
  );
}
