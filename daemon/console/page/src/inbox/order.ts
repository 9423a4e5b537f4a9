// SPDX-License-Identifier: Apache-2.0
// The order of a queue, and how one conversation becomes a line of it. Pure.
import type { Conversation, ListItem, Queue } from '../api/types';

/** Angriest first, then the nearest deadline, as the daemon sorts. */
export function before(a: ListItem, b: ListItem): number {
  if (a.anger !== b.anger) return b.anger - a.anger;
  const due = (item: ListItem): number => (item.answer_by ? Date.parse(item.answer_by) : Infinity);
  const [left, right] = [due(a), due(b)];
  if (left !== right) return left < right ? -1 : 1;
  return a.conversation < b.conversation ? -1 : a.conversation > b.conversation ? 1 : 0;
}

export function belongs(item: ListItem, queue: Queue, me: string): boolean {
  if (queue === 'mine') return item.agent === me && (item.owner === 'waiting' || item.owner === 'person');
  return item.owner === queue;
}

export function lineOf(conversation: Conversation): ListItem {
  const { case: open } = conversation;
  const escalation = conversation.escalations.find((one) => !one.closed_at);
  const item: ListItem = {
    conversation: conversation.conversation, channel: conversation.channel, customer: conversation.customer, name: conversation.name, language: conversation.language, owner: conversation.owner,
    agent: conversation.agent, anger: conversation.anger, topic: open.topic, order: open.order, tier: open.tier, last_message_at: conversation.last_message_at, tags: conversation.tags, draft: conversation.draft !== undefined,
  };
  if (conversation.answer_by) item.answer_by = conversation.answer_by;
  if (escalation) Object.assign(item, { reason: escalation.reason, urgent: escalation.urgent ?? false, waiting_since: escalation.opened_at });
  if (conversation.assignment?.until) item.turn_until = conversation.assignment.until;
  return item;
}

/** The list with `item` where it belongs now; without it when it is in another queue. */
export function placed(list: readonly ListItem[], item: ListItem, wanted: boolean): ListItem[] {
  const rest = list.filter((one) => one.conversation !== item.conversation);
  if (!wanted) return rest;
  let low = 0;
  let high = rest.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(rest[middle]!, item) < 0) low = middle + 1;
    else high = middle;
  }
  rest.splice(low, 0, item);
  return rest;
}

/** 0 calm, 1 upset, 2 angry: never said by colour alone. */
export const heat = (anger: number): 0 | 1 | 2 => (anger >= 0.6 ? 2 : anger >= 0.3 ? 1 : 0);
