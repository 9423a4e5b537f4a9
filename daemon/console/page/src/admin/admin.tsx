// SPDX-License-Identifier: Apache-2.0
// Emergency stop, channels, what was given up, people and the audit: each for the role that may.
import type { ComponentType, JSX } from 'preact';
import type { Role } from '../api/types';
import { route } from '../state/route';
import { may } from '../state/session';
import { say } from '../words';
import { Audit } from './audit';
import { Letters } from './letters';
import { People } from './people';
import { Running } from './running';

const parts: Record<string, { needed: Role; Part: ComponentType }> = {
  running: { needed: 'operator', Part: Running },
  letters: { needed: 'operator', Part: Letters },
  people: { needed: 'admin', Part: People },
  audit: { needed: 'owner', Part: Audit },
};

export function View(): JSX.Element {
  const words = say();
  const open = Object.keys(parts).filter((name) => may(parts[name]!.needed));
  const name = open.find((one) => one === route.value[1]) ?? 'running';
  const { Part } = parts[name]!;
  return (
    <div class="work">
      <nav class="tabs subnav" aria-label={words.admin}>
        {open.map((part) => <a key={part} class="tab" href={`#/admin/${part}`} aria-current={part === name ? 'page' : undefined}>{words.adminParts[part as keyof typeof words.adminParts]}</a>)}
      </nav>
      <div class="content"><Part /></div>
    </div>
  );
}
