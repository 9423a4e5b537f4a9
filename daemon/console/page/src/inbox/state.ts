// SPDX-License-Identifier: Apache-2.0
// What the inbox knows: the queue that is shown, the conversation that is open, who else is there. Fed by the live connection, read by HTTP.
import { batch, signal } from '@preact/signals';
import { Problem, get, post, query } from '../api/client';
import { Live, type Changed } from '../api/live';
import type { Agent, Conversation, Counts, ListItem, Lookers, Queue } from '../api/types';
import { expire, session } from '../state/session';
import { notify } from './notices';
import { belongs, lineOf, placed } from './order';
import { forgetTyped, typedIn } from './typed';

export const queue = signal<Queue>('waiting');
export const counts = signal<Counts | null>(null);
export const items = signal<ListItem[]>([]);
/** False until the first page of the queue is there. */
export const listed = signal(false);
export const listProblem = signal<unknown>(null);
export const openId = signal<string | null>(null);
export const conversation = signal<Conversation | null>(null);
export const conversationProblem = signal<unknown>(null);
export const lookers = signal<Lookers>({ looking: [], typing: [] });
export const customerTypes = signal(false);
export const agents = signal<Agent[]>([]);
export const presence = signal<'online' | 'away'>('away');
/** Goes up when somebody published texts. */
export const catalogTurn = signal(0);

const pageSize = 500;
const usualHistory = 100;
const readOneByOne = 8;
const gatherFor = 25; // ms: what changes together is read together ...
const gatherBusyFor = 1_000; // ... and in a flood the list is read at most once a second

let live: Live | null = null;
let next: string | null = null;
let reading = 0;
let paging = false;
let history = usualHistory;
const owners = new Map<string, string>(); // owner and agent of what was seen, so that only news makes a noise
const changed = new Map<string, boolean>(); // true: its place in the lists is another
let gathering = 0;
let floodUntil = 0;
let wantedRows = 0; // as far as somebody scrolled

const path = (id: string, lines: number): string => `/conversation${query({ id, history: lines })}`;

// The list ------------------------------------------------------------------------------------------------------------------------------

const see = (list: readonly ListItem[]): void => list.forEach((item) => owners.set(item.conversation, `${item.owner} ${item.agent}`));

export async function readQueue(name: Queue): Promise<void> {
  const turn = ++reading;
  if (queue.value !== name) {
    batch(() => {
      queue.value = name;
      items.value = [];
      listed.value = false;
    });
    wantedRows = 0;
  }
  try {
    const wanted = Math.max(pageSize, items.value.length, wantedRows);
    let list: ListItem[] = [];
    let after: string | null = '';
    while (after !== null && list.length < wanted) {
      const page: { conversations: ListItem[]; next: string | null } = await get(`/conversations${query({ queue: name, limit: pageSize, after })}`);
      if (turn !== reading) return;
      list = list.length ? [...list, ...page.conversations] : page.conversations;
      after = page.next;
      if (!listed.value) break;
    }
    see(list);
    batch(() => {
      next = after;
      items.value = list;
      listed.value = true;
      listProblem.value = null;
    });
    void readCounts();
  } catch (error) {
    if (turn === reading) listProblem.value = error;
  }
}

/** Reads on until `row` is there. */
export async function reach(row: number): Promise<void> {
  wantedRows = row;
  if (paging || !listed.value) return;
  paging = true;
  const turn = reading;
  try {
    while (next !== null && items.value.length < wantedRows && turn === reading) {
      const page: { conversations: ListItem[]; next: string | null } = await get(`/conversations${query({ queue: queue.value, limit: 1000, after: next })}`);
      if (turn !== reading) return;
      const known = new Set(items.value.map((item) => item.conversation));
      see(page.conversations);
      next = page.next;
      items.value = [...items.value, ...page.conversations.filter((item) => !known.has(item.conversation))];
    }
  } catch (error) {
    listProblem.value = error;
  } finally {
    paging = false;
  }
}

async function readCounts(): Promise<void> {
  try {
    counts.value = await get<Counts>('/queues');
  } catch {
    // the next change asks again
  }
}

/** How long the whole queue is, also what is not read yet. */
export const length = (): number => (next === null ? items.value.length : Math.max(items.value.length, counts.value?.[queue.value] ?? 0));

// One conversation ----------------------------------------------------------------------------------------------------------------------

function show(found: Conversation): void {
  if (found.conversation !== openId.value) return;
  const typed = typedIn(found.conversation);
  const arrived = typed?.sent && found.history?.some((line) => line.who === 'agent' && line.text === typed.text && Date.parse(line.at) >= typed.sent! - 5_000);
  if (arrived) forgetTyped(found.conversation); // it was taken although its answer was lost
  batch(() => {
    conversation.value = found;
    conversationProblem.value = null;
    if (found.people) lookers.value = found.people;
    customerTypes.value = found.typing ?? false;
  });
}

export async function openConversation(id: string | null): Promise<void> {
  if (openId.value === id) return;
  history = usualHistory;
  batch(() => {
    openId.value = id;
    conversation.value = null;
    conversationProblem.value = null;
    lookers.value = { looking: [], typing: [] };
    customerTypes.value = false;
  });
  live?.look(id);
  if (id) await readOpen();
}

export async function readOpen(): Promise<void> {
  const id = openId.value;
  if (!id) return;
  try {
    show(await get<Conversation>(path(id, history)));
  } catch (error) {
    if (openId.value === id) conversationProblem.value = error;
  }
}

export async function readOlder(): Promise<void> {
  history = Math.min(1000, history * 3);
  await readOpen();
}
export const mayHaveOlder = (): boolean => (conversation.value?.history?.length ?? 0) >= history && history < 1000;

/** Does something with the open conversation and shows what became of it. */
export async function act(action: string, more: object = {}): Promise<Conversation> {
  const id = openId.value!;
  await post<Conversation>(`/${action}`, { conversation: id, ...more });
  const found = await get<Conversation>(path(id, history));
  take(found);
  show(found);
  void readCounts();
  return found;
}

function take(found: Conversation): void {
  const item = lineOf(found);
  const me = session.value?.name ?? '';
  const known = items.value.find((one) => one.conversation === item.conversation);
  const wanted = belongs(item, queue.value, me);
  if (wanted || known) items.value = placed(items.value, { ...known, ...item }, wanted);
  const was = owners.get(item.conversation);
  owners.set(item.conversation, `${item.owner} ${item.agent}`);
  if (was === `${item.owner} ${item.agent}`) return;
  if (item.owner === 'waiting' && item.agent === me) notify('mine', item);
  else if (item.owner === 'waiting' && !was?.startsWith('waiting')) notify('waiting', item);
}

// What happens --------------------------------------------------------------------------------------------------------------------------

function gather(list: Changed[]): void {
  for (const { conversation: id, new: isNew, moved } of list) changed.set(id, changed.get(id) || isNew || moved);
  gathering ||= window.setTimeout(() => void readChanged(), Math.max(gatherFor, Math.min(floodUntil - Date.now(), 10 * gatherBusyFor)));
}

async function readChanged(): Promise<void> {
  const moved = [...changed.keys()].filter((id) => changed.get(id));
  const ids = [...new Set([...moved, ...changed.keys()])];
  changed.clear();
  gathering = 0;
  void readCounts();
  const open = openId.value !== null && ids.includes(openId.value);
  if (open) void readOpen();
  if (moved.length > readOneByOne) {
    const begun = Date.now();
    await readQueue(queue.value);
    floodUntil = Date.now() + Math.max(gatherBusyFor, 3 * (Date.now() - begun));
    return;
  }
  // Of those that stay where they are only details are old; in a flood that is no matter.
  await Promise.all(ids.slice(0, readOneByOne).map(async (id) => {
    try {
      take(await get<Conversation>(path(id, 1)));
    } catch (error) {
      if (error instanceof Problem && error.status === 404) items.value = items.value.filter((item) => item.conversation !== id);
    }
  }));
}

async function readAgents(): Promise<void> {
  try {
    agents.value = (await get<{ agents: Agent[] }>('/agents')).agents;
    const own = agents.value.find((agent) => agent.name === session.value?.name);
    if (own) presence.value = own.state;
  } catch {
    // whoever opens the list of colleagues asks again
  }
}

function readAll(): void {
  void readQueue(queue.value);
  void readOpen();
  void readAgents();
}

export function startLive(): void {
  live ??= new Live({
    changes: gather,
    stale: readAll,
    people: (id, who) => id === openId.value && (lookers.value = who),
    customerTyping: (id, typing) => id === openId.value && (customerTypes.value = typing),
    agents: () => void readAgents(),
    catalog: () => ++catalogTurn.value,
    ended: expire,
  });
  live.look(openId.value);
  readAll();
}

export function stopLive(): void {
  live?.stop();
  live = null;
  owners.clear();
  batch(() => {
    items.value = [];
    listed.value = false;
    counts.value = null;
    openId.value = null;
    conversation.value = null;
  });
}

/** Colleagues and the customer see that somebody writes. */
export function showTyping(): void {
  const id = openId.value;
  if (!id) return;
  live?.typing(id);
  const time = Date.now();
  if (conversation.value?.owner !== 'person' || time - toldCustomer < 3_000) return;
  toldCustomer = time;
  post('/typing', { conversation: id }).catch(() => {});
}
let toldCustomer = 0;

export async function setPresence(state: 'online' | 'away'): Promise<void> {
  await post('/presence', { state });
  presence.value = state;
  await readAgents();
}
