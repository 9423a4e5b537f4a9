// SPDX-License-Identifier: Apache-2.0
import type { Finding, Place, TestResult } from './types';

/** What a problem JSON may carry beside its title. */
export interface ProblemBody extends Partial<Finding> {
  title?: string;
  detail?: string;
  reason?: string;
  errors?: Place[];
  tests?: TestResult;
}

/** The daemon's "no", or 0 when it could not be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly body: ProblemBody,
    /** Seconds after which it may be tried again; 0: not said. */
    readonly retryAfter = 0,
  ) {
    super(body.detail ?? body.title ?? `${status}`);
  }
}

let csrf = '';
let signedOut: () => void = () => {};

/** What every later call that changes something proves itself with, and what to do when the session is over. */
export function speakAs(token: string, whenSignedOut: () => void): void {
  csrf = token;
  signedOut = whenSignedOut;
}

export const base = new URL('../api/v1', document.baseURI).pathname;

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = {};
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(base + path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, {});
  }
  const text = await response.text();
  let answer: unknown = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    answer = { title: text.slice(0, 200) };
  }
  if (response.ok) return answer as T;
  const problem = new Problem(response.status, answer as ProblemBody, Number(response.headers.get('Retry-After')) || 0);
  if (problem.status === 401 && !path.startsWith('/session') && csrf) signedOut();
  throw problem;
}

/** "?a=1&b=2" of what is not empty. */
export function query(values: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined && value !== '') parameters.set(key, String(value));
  const text = parameters.toString();
  return text && `?${text}`;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>('GET', path, undefined, signal);
export const post = <T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> => call<T>('POST', path, body, signal);
export const remove = <T>(path: string): Promise<T> => call<T>('DELETE', path);
export const mediaAddress = (file: string): string => `${base}/media${query({ file })}`;
