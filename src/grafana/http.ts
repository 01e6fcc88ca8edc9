import { type Span, SpanKind } from '@opentelemetry/api';
import { traced } from '#src/tracing';
import { describeAttempt, recordOutcome, spanName } from './http-span.ts';
import { parseJson } from './json.ts';
import type { Call } from './refusals.ts';
import {
  neverSent,
  noTimeLeft,
  notGrafanasAnswer,
  refused,
  systemCodeOf,
  timedOut,
  unreachable,
} from './refusals.ts';
import { Secrets } from './secrets.ts';

/** The part of `fetch` that is used here; node-fetch's and Node's own both have it. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>;

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  redirect: 'manual';
  signal: AbortSignal;
}

export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array | string> | null;
}

/** Calls `run` once after so many milliseconds. What it returns takes that back, and does nothing afterwards. */
export type After = (ms: number, run: () => void) => () => void;

export interface HttpOptions {
  /** Base URL without a slash at its end; may hold a sub-path. */
  baseUrl: string;
  /** Value of the `Authorization` header. */
  authorization: string;
  /** What must never show up in an error, as given by the operator. */
  secrets: readonly string[];
  fetch: Fetch;
  timeoutMs: number;
  /** For all requests together, from now on; none begins after it. */
  budgetMs: number;
  limitBytes: number;
  retries: number;
  sleep: (ms: number) => Promise<void>;
  /** For the deadline of an attempt. */
  after: After;
  /** Unix milliseconds, for a `Retry-After` that is a date. */
  now: () => number;
}

export interface HttpRequest extends Call {
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Send no credentials: the path needs none. */
  anonymous?: boolean;
  /** Values of this request that must never show up in an error. */
  secrets?: readonly string[];
  /** Whether the caller reads this answer itself, though its status is none of 200 to 299. It is not retried. */
  accepts?: (answer: HttpAnswer) => boolean;
}

/** A complete answer: its status, and its body as parsed JSON. */
export interface HttpAnswer {
  status: number;
  json: unknown;
}

export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

/** Longest pause before another attempt; a server that asks for more gets its rest, and we an error. */
const longestPauseMs = 5_000;

/**
 * JSON over HTTP to one Grafana.
 *
 * Reads are tried again after a broken connection, a 5xx or a 429. Writes are tried again only when they never
 * left this machine: Grafana counts versions and makes ids, so a write that may have arrived is for the caller to
 * look up. Time-outs are not tried again at all, since a hook that waits three times as long helps nobody.
 * What has begun when the budget runs out is not cut short: a write would leave us without its outcome.
 * @throws {GrafanaApiError}
 */
export function http(options: HttpOptions): Http {
  const endMs = options.now() + options.budgetMs;
  return async function send(request) {
    if (options.now() >= endMs) throw noTimeLeft(request, options.budgetMs);
    for (let attempt = 0; ; attempt++) {
      const outcome = await attemptTraced(options, request, attempt);
      if ('answer' in outcome) return outcome.answer;
      const pauseMs = Math.max(outcome.retryAfterMs ?? 0, Math.min(250 * 2 ** attempt, longestPauseMs));
      const isLast =
        attempt >= options.retries || pauseMs > longestPauseMs || options.now() + pauseMs >= endMs;
      if (!outcome.mayRetry || isLast) throw outcome.error;
      await options.sleep(pauseMs);
    }
  };
}

type Outcome =
  | { answer: HttpAnswer }
  | { error: Error; mayRetry: boolean; retryAfterMs?: number | undefined };

async function attemptTraced(options: HttpOptions, request: HttpRequest, attempt: number): Promise<Outcome> {
  const secrets = new Secrets([...options.secrets, ...(request.secrets ?? [])]);
  const work = async (span: Span): Promise<Outcome> => {
    describeAttempt(span, options.baseUrl, request, attempt, secrets);
    const outcome = await attemptOnce(options, request, secrets);
    recordOutcome(span, outcome);
    return outcome;
  };
  return traced(spanName(request), work, { kind: SpanKind.CLIENT });
}

async function attemptOnce(options: HttpOptions, request: HttpRequest, secrets: Secrets): Promise<Outcome> {
  const { method, path } = request;
  const call: Call = { method, path };
  const isRead = method === 'GET';
  const deadline = new AbortController();
  const takeBack = options.after(options.timeoutMs, () => deadline.abort());
  let status: number;
  let retryAfterMs: number | undefined;
  let text: string | undefined;
  try {
    const answer = await options.fetch(options.baseUrl + path, init(options, request, deadline.signal));
    status = answer.status;
    retryAfterMs = parseRetryAfter(answer.headers.get('retry-after'), options.now());
    text = await readText(answer.body, options.limitBytes);
  } catch (cause) {
    if (deadline.signal.aborted) return { error: timedOut(call, options.timeoutMs), mayRetry: false };
    const systemCode = systemCodeOf(cause);
    const reason = secrets.withhold(messageOf(cause));
    const error = unreachable(call, { systemCode, reason });
    const mayPass = error.fixedBy === 'time'; // a certificate stays untrusted
    return { error, mayRetry: mayPass && (isRead || neverSent(systemCode)) };
  } finally {
    takeBack();
    // Ends a body that was too large.
    if (text === undefined) deadline.abort();
  }

  if (text === undefined) {
    const why = `is larger than ${options.limitBytes} bytes`;
    return { error: notGrafanasAnswer(call, status, why), mayRetry: false };
  }
  const json = withoutEcho(parseJson(text), secrets);
  const isJson = typeof json === 'object' && json !== null;
  if (isJson && request.accepts?.({ status, json })) return { answer: { status, json } };
  if (status >= 200 && status < 300) {
    if (json !== undefined) return { answer: { status, json } };
    return { error: notGrafanasAnswer(call, status, 'is no JSON'), mayRetry: false };
  }
  const message = messageOf(json);
  const passes = status >= 500 || status === 429;
  return { error: refused(call, { status, message, isJson }), mayRetry: isRead && passes, retryAfterMs };
}

function init(options: HttpOptions, request: HttpRequest, signal: AbortSignal): FetchInit {
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': 'crosslink',
    ...request.headers,
  };
  if (!request.anonymous) headers.authorization = options.authorization;
  // A redirect is never followed: fetch would turn a POST into a GET, and carry the token to another host.
  const plain: FetchInit = { method: request.method, headers, redirect: 'manual', signal };
  if (request.body === undefined) return plain;
  headers['content-type'] = 'application/json';
  return { ...plain, body: JSON.stringify(request.body) };
}

/** @returns the whole body, or undefined when it exceeds the limit */
async function readText(body: FetchAnswer['body'], limitBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += buffer.byteLength;
    if (bytes > limitBytes) return undefined;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Whoever reads an answer may show its `message`, also that of a success or of a plugin that is not well. */
function withoutEcho(json: unknown, secrets: Secrets): unknown {
  const message = messageOf(json);
  return message === '' ? json : { ...(json as object), message: secrets.withhold(message) };
}

/** The `message` of an error, Grafana's or an exception; '' where there is none. */
function messageOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('message' in value)) return '';
  return typeof value.message === 'string' ? value.message : '';
}

/** Seconds or an HTTP date, as milliseconds from now. */
function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
