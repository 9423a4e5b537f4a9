// SPDX-License-Identifier: Apache-2.0
// What happens, as it happens: one WebSocket that takes up where it was when it breaks.
import { signal } from '@preact/signals';
import { base } from './client';
import type { Lookers, Owner, Pause } from './types';

export interface Changed {
  conversation: string;
  channel: string;
  owner: Owner;
  agent: string;
  anger: number;
  answer_by?: string;
  new: boolean;
  moved: boolean;
}

type Frame =
  | { type: 'hello'; epoch: string; seq: number; paused: Pause[] }
  | { type: 'reset'; seq: number }
  | { type: 'changes'; seq: number; changes: Changed[] }
  | ({ type: 'people'; conversation: string } & Lookers)
  | { type: 'customer_typing'; conversation: string; typing: boolean }
  | { type: 'paused'; paused: Pause[] }
  | { type: 'agents' }
  | { type: 'catalog'; version: string }
  | { type: 'pong' };

const pingEvery = 25_000;
const pongWithin = 10_000;
const shortestWait = 250;
const longestWait = 10_000;
const typingEvery = 3_000;
const sessionEnded = 4401;

/** What the page does about it. */
export interface Listener {
  changes(list: Changed[]): void;
  /** Everything that was read may be old. */
  stale(): void;
  people(conversation: string, who: Lookers): void;
  customerTyping(conversation: string, typing: boolean): void;
  agents(): void;
  catalog(): void;
  ended(): void;
}

export const connected = signal(false);
/** False for a moment after the start, so that nobody reads of a lost connection that was not there yet. */
export const everConnected = signal(false);
export const paused = signal<Pause[]>([]);

export class Live {
  #socket: WebSocket | null = null;
  #again = 0;
  #silence = 0;
  #failures = 0;
  #seq = 0;
  #epoch = '';
  #looking: string | null = null;
  #typed = 0;
  #stopped = false;

  constructor(readonly on: Listener) {
    window.addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
    this.#start();
  }

  stop(): void {
    this.#stopped = true;
    window.removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    clearTimeout(this.#again);
    this.#forget()?.close();
    everConnected.value = false;
  }

  look(conversation: string | null): void {
    if (this.#looking === conversation) return;
    this.#looking = conversation;
    this.#put({ type: 'look', conversation });
  }

  typing(conversation: string): void {
    const now = Date.now();
    if (now - this.#typed < typingEvery) return;
    this.#typed = now;
    this.#put({ type: 'typing', conversation });
  }

  #wake = (): void => {
    if (!this.#socket && !document.hidden) this.#start();
  };

  #start(): void {
    if (this.#stopped || this.#socket) return;
    clearTimeout(this.#again);
    const url = new URL(`${base}/live`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    if (this.#epoch) {
      url.searchParams.set('after', String(this.#seq));
      url.searchParams.set('epoch', this.#epoch);
    }
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#socket === socket && this.#take(JSON.parse(data as string) as Frame);
    socket.onclose = ({ code }) => this.#socket === socket && this.#lost(code);
    this.#watch(pongWithin);
  }

  #put(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #take(frame: Frame): void {
    this.#watch(pingEvery);
    switch (frame.type) {
      case 'hello': {
        const first = this.#epoch === '';
        if (this.#epoch !== frame.epoch) this.#seq = frame.seq;
        this.#epoch = frame.epoch;
        this.#failures = 0;
        paused.value = frame.paused;
        connected.value = everConnected.value = true;
        if (this.#looking) this.#put({ type: 'look', conversation: this.#looking });
        if (first) this.on.stale(); // what changed between the first reading and now; later the daemon says what was missed
        break;
      }
      case 'reset':
        this.#seq = frame.seq;
        this.on.stale();
        break;
      case 'changes':
        this.#seq = frame.seq;
        this.on.changes(frame.changes);
        break;
      case 'people':
        this.on.people(frame.conversation, { looking: frame.looking, typing: frame.typing });
        break;
      case 'customer_typing':
        this.on.customerTyping(frame.conversation, frame.typing);
        break;
      case 'paused':
        paused.value = frame.paused;
        break;
      case 'agents':
        this.on.agents();
        break;
      case 'catalog':
        this.on.catalog();
        break;
      case 'pong':
        break;
    }
  }

  /** Something must be heard within `limit`; else we ask, and without an answer the connection is dead. */
  #watch(limit: number): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => {
      if (limit === pongWithin) return this.#lost(0);
      this.#put({ type: 'ping' });
      this.#watch(pongWithin);
    }, limit);
  }

  #forget(): WebSocket | null {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    connected.value = false;
    return socket;
  }

  #lost(code: number): void {
    this.#forget()?.close();
    if (code === sessionEnded) return this.on.ended();
    const wait = Math.min(longestWait, shortestWait * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
    this.#again = window.setTimeout(() => this.#start(), wait);
  }
}
