// SPDX-License-Identifier: Apache-2.0
// The frame around every view: where one can go, who is at work, whether sending is stopped.
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { post } from './api/client';
import { connected, everConnected, paused } from './api/live';
import type { Role } from './api/types';
import { Inbox } from './inbox/inbox';
import { presence, setPresence, startLive, stopLive } from './inbox/state';
import { Account } from './sign_in/account';
import { Setup, SetupNeeded, SignIn, Unreachable } from './sign_in/sign_in';
import { route } from './state/route';
import { entrance, may, session, signOut } from './state/session';
import { singleKeys } from './state/settings';
import { Act, Dialog, Icon, Toasts, tellProblem } from './ui/parts';
import { say } from './words';

type View = 'inbox' | 'desk' | 'mirror' | 'admin';
const needed: Record<View, Role> = { inbox: 'agent', desk: 'operator', mirror: 'owner', admin: 'operator' };
const views = Object.keys(needed) as View[];

/** Fetched when somebody goes there. */
const later: Record<Exclude<View, 'inbox'>, () => Promise<{ View: ComponentType }>> = {
  desk: () => import('./desk/desk'),
  mirror: () => import('./mirror/mirror'),
  admin: () => import('./admin/admin'),
};
const loaded = signal<Partial<Record<View, ComponentType>>>({});

const stayOnlineEvery = 120_000;
const presentFor = 600_000;

function Stopped(): JSX.Element | null {
  const words = say();
  const [asking, setAsking] = useState('');
  if (paused.value.length === 0) return null;
  return (
    <div class="stopped" role="alert">
      {paused.value.map((pause) => (
        <p key={pause.channel}>
          <Icon of="stop" /> {words.stopped(pause.by, pause.channel)} <button type="button" onClick={() => setAsking(pause.channel)}>{words.goOn}</button>
        </p>
      ))}
      {asking && (
        <Dialog title={words.goOn} onClose={() => setAsking('')}>
          <p>{words.goOnAsk}</p>
          <p class="buttons">
            <Act kind="primary" act={async () => (await post('/resume', asking === '*' ? {} : { channel: asking }), setAsking(''))}>{words.goOn}</Act>
            <button type="button" onClick={() => setAsking('')}>{words.cancel}</button>
          </p>
        </Dialog>
      )}
    </div>
  );
}

function KeyHelp({ onClose }: { onClose: () => void }): JSX.Element {
  const words = say();
  return (
    <Dialog title={words.keys} onClose={onClose}>
      <dl class="keys">
        {Object.entries(words.keyHelp).map(([key, what]) => (
          <div key={key} class="fact">
            <dt><kbd>{key}</kbd></dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

function Frame(): JSX.Element {
  const words = say();
  const [account, setAccount] = useState(false);
  const [keys, setKeys] = useState(false);
  const wanted = views.find((view) => view === route.value[0] && may(needed[view])) ?? 'inbox';
  const View = wanted === 'inbox' ? Inbox : loaded.value[wanted];

  useEffect(() => {
    document.title = `${words[wanted]} · kefud`;
    if (wanted !== 'inbox' && !loaded.value[wanted]) later[wanted]().then(({ View: found }) => (loaded.value = { ...loaded.value, [wanted]: found }), tellProblem);
  });
  useEffect(() => {
    startLive();
    return stopLive;
  }, []);
  useEffect(() => {
    const help = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key === '?' && singleKeys.value && !target.matches('input, textarea, select, [contenteditable]') && !target.closest('dialog')) setKeys(true);
    };
    document.addEventListener('keydown', help);
    return () => document.removeEventListener('keydown', help);
  }, []);
  // Whoever sits here stays online; whoever left does not.
  useEffect(() => {
    let seen = Date.now();
    const here = (): void => void (seen = Date.now());
    const timer = setInterval(() => {
      if (presence.value === 'online' && Date.now() - seen < presentFor) post('/presence', { state: 'online' }).catch(() => {});
    }, stayOnlineEvery);
    for (const event of ['keydown', 'pointerdown'] as const) document.addEventListener(event, here);
    return () => {
      clearInterval(timer);
      for (const event of ['keydown', 'pointerdown'] as const) document.removeEventListener(event, here);
    };
  }, []);

  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={(event) => (event.preventDefault(), document.getElementById('content')?.focus())}>{words.toContent}</a>
      <header class="bar">
        <span class="brand" title={session.value?.version}>{session.value?.shop.name ?? 'kefud'}</span>
        <nav aria-label={words.console}>
          {views.filter((view) => may(needed[view])).map((view) => (
            <a key={view} href={`#/${view}`} aria-current={view === wanted ? 'page' : undefined}>
              <Icon of={view} /> <span class="label">{words[view]}</span>
            </a>
          ))}
        </nav>
        <span class="grow" />
        <Act kind={`presence ${presence.value}`} title={words.presence} act={() => setPresence(presence.value === 'online' ? 'away' : 'online')}>
          <span class="dot" aria-hidden="true" /> <span class="hidden">{words.presence} </span>{words[presence.value]}
        </Act>
        <button type="button" class="plain square help" aria-label={words.keys} title={words.keys} onClick={() => setKeys(true)}>?</button>
        <button type="button" class="plain" title={words.menu} onClick={() => setAccount(true)}>
          <Icon of="user" /> <span class="label">{session.value?.name}</span><span class="hidden"> {words.menu}</span>
        </button>
        <Act kind="plain" title={words.signOut} act={signOut}><Icon of="out" /> <span class="label">{words.signOut}</span></Act>
      </header>
      <Stopped />
      {everConnected.value && !connected.value && <p class="offline" role="status">{words.offline}</p>}
      <main id="content" tabIndex={-1}>{View ? <View /> : <p class="empty" role="status">{words.loading}</p>}</main>
      {account && <Account onClose={() => setAccount(false)} />}
      {keys && <KeyHelp onClose={() => setKeys(false)} />}
    </div>
  );
}

/** The one-time link is "#setup=TOKEN". */
export const setupToken = (hash: string): string => /^#setup=([\w.~-]+)$/.exec(hash)?.[1] ?? '';

export function App(): JSX.Element {
  const [token, setToken] = useState(() => setupToken(location.hash));
  useEffect(() => {
    const look = (): void => setToken(setupToken(location.hash));
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, []);
  const entry = { loading: () => null, unreachable: () => <Unreachable />, setup: () => <SetupNeeded />, signed_out: () => <SignIn />, in: () => <Frame key={session.value?.name} /> };
  return (
    <>
      {token ? <Setup token={token} onDone={() => setToken('')} /> : entry[entrance.value]()}
      <Toasts />
    </>
  );
}
