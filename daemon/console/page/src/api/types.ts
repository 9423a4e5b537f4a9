// SPDX-License-Identifier: Apache-2.0
// What the API says, as openapi.json describes it. Moments are RFC 3339 in UTC.
export type Role = 'agent' | 'operator' | 'owner' | 'admin';
export type Owner = 'bot' | 'waiting' | 'person' | 'closed';
export type Queue = 'waiting' | 'mine' | 'person' | 'bot' | 'closed';
export const queues: readonly Queue[] = ['waiting', 'mine', 'person', 'bot', 'closed'];

/** Where in a text: the daemon counts bytes, the page counts UTF-16 units. */
export interface Span {
  start_utf16: number;
  end_utf16: number;
}
export interface Finding extends Span {
  rule: string;
  why: string;
}
export interface Mark extends Span {
  topic: string;
  rule: string;
  insult: boolean;
}
export interface Anger {
  level: number;
  kinds: string[];
}
export interface Session {
  name: string;
  role: Role;
  csrf: string;
  totp: boolean;
  recovery_codes_left: number;
  expires_at: string;
  shop: { name: string; locale: string; time_zone: string; currency: string };
  version: string;
  agent?: { tiers: string[]; languages: string[]; capacity: number };
}
export interface Person {
  name: string;
  role: Role;
  disabled: boolean;
  totp: boolean;
  invited: boolean;
  created_at: string;
  seen_at?: string;
}
export interface Invitation {
  name: string;
  link: string;
  expires_at: string;
}
export interface Agent {
  name: string;
  tiers: string[];
  languages: string[];
  state: 'online' | 'away';
  load: number;
  capacity: number;
}
export interface HistoryLine {
  who: 'customer' | 'bot' | 'agent' | 'note';
  at: string;
  text: string;
  id?: string;
  name?: string;
  state?: string;
  attachments?: string[];
  media?: string[];
  marks?: Mark[];
  labels?: string[];
  anger?: Anger;
  language?: string;
  templates?: string[];
}
export interface Escalation {
  id: number;
  reason: string;
  tier: string;
  topic: string;
  summary: string;
  quote: string;
  answer_by: string;
  opened_at: string;
  urgent?: boolean;
  closed_at?: string;
  claimed_by?: string;
}
export interface Draft {
  id: string;
  text: string;
  templates: string[];
  language: string;
  written_at: string;
}
export type Facts = Record<string, string | number>;
export interface Summary {
  anger: Anger;
  wants: string[];
  topic: string;
  language: string;
  order: string;
  order_facts?: Facts;
  facts?: Facts;
  case_name?: string;
  hours?: 'open' | 'closed';
}
export interface Concession {
  at: string;
  kind: string;
  amount: number;
  currency: string;
  by: string;
  order?: string;
}
export interface Authority {
  tier?: string;
  unlimited?: boolean;
  may?: string[];
  left_for_order?: Record<string, number>;
  left_today?: Record<string, number>;
}
export interface Lookers {
  looking: string[];
  typing: string[];
}
export interface Conversation {
  conversation: string;
  channel: string;
  channel_type?: string;
  customer: string;
  name: string;
  language: string;
  owner: Owner;
  owner_reason: string;
  agent: string;
  anger: number;
  reachable: boolean;
  last_message_at: string;
  case: { topic: string; tier: string; order: string; phone: string; photos: number };
  tags: string[];
  escalations: Escalation[];
  concessions: Concession[];
  authority: Authority;
  history?: HistoryLine[];
  answer_by?: string;
  assignment?: { tier: string; did_not_react: string[]; until?: string };
  typing?: boolean;
  offer?: string;
  draft?: Draft;
  summary?: Summary;
  people?: Lookers;
}
export interface ListItem {
  conversation: string;
  channel: string;
  customer: string;
  name: string;
  language: string;
  owner: Owner;
  agent: string;
  anger: number;
  topic: string;
  order: string;
  tier: string;
  last_message_at: string;
  tags: string[];
  draft: boolean;
  answer_by?: string;
  reason?: string;
  summary?: string;
  quote?: string;
  urgent?: boolean;
  waiting_since?: string;
  turn_until?: string;
}
export interface Found {
  item: ListItem;
  line?: { who: string; at: string; text: string };
}
export type Counts = Record<Queue, number>;
export interface Suggestion {
  template: string;
  text: string;
  locale: string;
  finding?: Finding;
}
export interface Place {
  file: string;
  line: number;
  column: number;
  message: string;
  text: string;
}
export interface Change {
  path: string;
  text: string | null;
}
export interface FileDiff {
  path: string;
  kind: 'added' | 'changed' | 'removed';
  lines: { kind: 'same' | 'added' | 'removed'; text: string; old?: number; new?: number }[];
}
export interface Version {
  number: number;
  at: string;
  by: string;
  why: string;
  hash: string;
  current: boolean;
  files: string[];
}
export interface TestResult {
  passed: number;
  failed: number;
  milliseconds: number;
  failures: { name: string; differences: Place[] }[];
}
export interface Checked {
  ok: boolean;
  errors: Place[];
  diff: FileDiff[];
}
export interface Catalog {
  version: string;
  folder: string;
  files: { path: string; bytes: number; hash: string }[];
  number?: number;
}
export interface Variant {
  source: string;
  placeholders: string[];
  file: string;
  line: number;
  column: number;
}
export interface Template {
  id: string;
  locales: Record<string, Variant[]>;
  missing: string[];
}
export interface Preview {
  locale: string;
  variant: number;
  messages: { text?: string; quick_replies?: { label: string; text?: string }[]; [other: string]: unknown }[];
  finding?: Finding;
}
export interface Explanation {
  text: string;
  normalized: string;
  language: string;
  labels: string[];
  scores: Record<string, number>;
  anger: Anger;
  topics: { name: string; score: number }[];
  entities: (Span & { kind: string; value: string })[];
  rules: (Span & { rule: string; topic: string; weight: number; blocked_by: string })[];
  learned: { labels: Learned[] };
  would_say?: Suggestion[];
}
export interface Learned {
  label: string;
  given: boolean;
  score: number;
  learned: number;
  patterns: number;
  for: { text: string; share: number }[];
  against: { text: string; share: number }[];
}
export type ColumnType = 'time' | 'text' | 'integer' | 'number' | 'share' | 'seconds' | 'money';
export interface Report {
  name: string;
  from: string;
  to: string;
  by?: 'hour' | 'day';
  columns: { name: string; type: ColumnType }[];
  rows: (string | number | null)[][];
}
export interface DeadLetter {
  number: number;
  kind: string;
  state: 'refused' | 'unknown';
  channel: string;
  conversation: string;
  to: string;
  detail: string;
  attempts: number;
  created_at: string;
  text?: string;
}
export interface AuditLine {
  number: number;
  at: string;
  who: string;
  action: string;
  detail: string;
  conversation: string;
}
export interface Pause {
  channel: string;
  by: string;
  since: string;
}
export interface Status {
  version: string;
  store: Record<string, number | string>;
  intake: Record<string, number>;
  dispatch: Record<string, number>;
  paused: Pause[];
  channels: { id: string; type: string }[];
}
