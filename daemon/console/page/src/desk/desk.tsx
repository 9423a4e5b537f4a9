// SPDX-License-Identifier: Apache-2.0
// Where operators teach: the shop's texts and files, what a draft would change, publishing and going back, and what a message means.
import type { ComponentType, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { route } from '../state/route';
import { catalogTurn } from '../inbox/state';
import { tellProblem } from '../ui/parts';
import { say } from '../words';
import { changes, check, checked, readCatalog } from './draft';
import { Explain } from './explain';
import { Files } from './files';
import { History } from './history';
import { Publish } from './publish';
import { Texts } from './texts';

const parts: Record<string, ComponentType> = { texts: Texts, files: Files, publish: Publish, history: History, message: Explain };

export function View(): JSX.Element {
  const words = say();
  const name = parts[route.value[1] ?? ''] ? route.value[1]! : 'texts';
  const Part = parts[name]!;
  useEffect(() => {
    readCatalog().catch(tellProblem);
  }, [catalogTurn.value]);
  useEffect(check, []);
  const errors = checked.value?.errors.length ?? 0;
  return (
    <div class="work">
      <nav class="tabs subnav" aria-label={words.desk}>
        {Object.keys(parts).map((part) => (
          <a key={part} class="tab" href={`#/desk/${part}`} aria-current={part === name ? 'page' : undefined}>
            {words.deskParts[part as keyof typeof words.deskParts]}
            {part === 'publish' && changes.value.length > 0 && <span class={errors ? 'chip strong' : 'chip good'}>{errors ? words.errorsN(errors) : words.filesN(changes.value.length)}</span>}
          </a>
        ))}
      </nav>
      <Part />
    </div>
  );
}
