// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import type { FileDiff, Place, TestResult } from '../api/types';
import { go } from '../state/route';
import { say } from '../words';

/** Mistakes with file, line and column; each leads there. */
export function Places({ places }: { places: readonly Place[] }): JSX.Element {
  return (
    <ul class="places">
      {places.map((place, i) => (
        <li key={i}>
          <button type="button" class="plain link" onClick={() => go('desk', 'files', place.file, String(place.line), String(place.column))}>
            {place.file}:{place.line}:{place.column}
          </button>{' '}
          {place.message}
        </li>
      ))}
    </ul>
  );
}

const signs = { same: ' ', added: '+', removed: '−' };

export function Diff({ files }: { files: readonly FileDiff[] }): JSX.Element {
  const words = say();
  if (files.length === 0) return <p class="quiet">{words.noChanges}</p>;
  return (
    <>
      {files.map((file) => (
        <figure key={file.path} class="diff sheet">
          <figcaption>{file.path} <span class="chip">{words.diffKinds[file.kind]}</span></figcaption>
          <div class="scroll" tabIndex={0} role="region" aria-label={file.path}>
            <table>
              <tbody>
                {file.lines.map((line, i) => (
                  <tr key={i} class={line.kind}>
                    <td class="number">{line.old ?? ''}</td>
                    <td class="number">{line.new ?? ''}</td>
                    <td class="sign">{signs[line.kind]}<span class="hidden">{line.kind === 'same' ? '' : words.diffKinds[line.kind]}</span></td>
                    <td class="code">{line.text}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </figure>
      ))}
    </>
  );
}

export function Tests({ result }: { result: TestResult }): JSX.Element {
  const words = say();
  return (
    <>
      <p role="status" class={result.failed ? 'problem' : 'fine'}>{words.testsRan(result.passed, result.failed)}</p>
      {result.failures.map((failure) => (
        <details key={failure.name} class="sheet">
          <summary>{failure.name}</summary>
          <Places places={failure.differences} />
        </details>
      ))}
    </>
  );
}
