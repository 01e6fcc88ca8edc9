import type { SecureContext } from 'node:tls';
import type { Correlations } from './correlations.ts';
import { correlations } from './correlations.ts';
import type { Datasources } from './datasources.ts';
import { datasources } from './datasources.ts';
import { GrafanaApiError } from './errors.ts';
import type { FrontendSettings } from './frontend-settings.ts';
import { frontendSettings } from './frontend-settings.ts';
import type { Health } from './health.ts';
import { health } from './health.ts';
import type { After, Fetch } from './http.ts';
import { http } from './http.ts';
import type { Org } from './org.ts';
import { org } from './org.ts';

export type GrafanaAuth =
  | { kind: 'bearer'; token: string }
  | { kind: 'basic'; user: string; password: string };

export interface GrafanaClientOptions {
  /** Base URL, with the sub-path where Grafana has one: `https://example.com/grafana`. */
  url: string;
  /** A service account token with the role Admin is enough for every call. */
  auth: GrafanaAuth;
  /** Certificates in PEM that Grafana's may be signed by, besides those of the CAs that Node knows. */
  ca?: string;
  /** For one attempt, from connecting to the last byte of the answer. Default 10 s. */
  timeoutMs?: number;
  /** For all calls together, from now on: none begins after it, and those fail with `TIMEOUT`. Default: no end. */
  budgetMs?: number;
  /** Attempts after the first, where another one is safe. Default 2. */
  retries?: number;
  /** Largest answer to read. Default 32 MiB: 5000 datasources, Grafana's own limit, fit in. */
  limitBytes?: number;
  /** Default: node-fetch, loaded with the first call. */
  fetch?: Fetch;
  /** Default: by `after`. */
  sleep?: (ms: number) => Promise<void>;
  /** For the deadline of each attempt, and the pause before another one. Default `setTimeout`. */
  after?: After;
  /** Unix milliseconds. Default `Date.now`. */
  clock?: () => number;
}

/** The HTTP API of one Grafana, in the organisation of its credentials. Every call throws `GrafanaApiError`. */
export interface GrafanaClient extends Datasources, Correlations, Health {
  org(): Promise<Org>;
  frontendSettings(): Promise<FrontendSettings>;
}

/**
 * A client; nothing is sent yet.
 * @throws {GrafanaApiError} `MISCONFIGURED`: the URL or the token can't be used
 */
export function grafanaClient(options: GrafanaClientOptions): GrafanaClient {
  const { authorization, secrets } = credentials(options.auth);
  const { after = afterTimeout } = options;
  const send = http({
    baseUrl: baseUrl(options.url),
    authorization,
    secrets,
    fetch: options.fetch ?? defaultFetch(options.ca),
    timeoutMs: options.timeoutMs ?? 10_000,
    budgetMs: options.budgetMs ?? Number.POSITIVE_INFINITY,
    limitBytes: options.limitBytes ?? 32 * 1024 * 1024,
    retries: options.retries ?? 2,
    sleep: options.sleep ?? ((ms) => new Promise((resolve) => void after(ms, resolve))),
    after,
    now: options.clock ?? Date.now,
  });
  return {
    ...datasources(send),
    ...correlations(send),
    ...health(send),
    org: () => org(send),
    frontendSettings: () => frontendSettings(send),
  };
}

function afterTimeout(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** The URL without slashes at its end. Paths are appended as strings: `new URL('/api', base)` drops a sub-path. */
function baseUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null) throw misconfigured('the Grafana URL is no URL', 'set grafana-url to an http(s) URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw misconfigured('the Grafana URL is not http(s)', 'set grafana-url to an http(s) URL');
  }
  if (url.username !== '' || url.password !== '') {
    const remedy = 'take user and password out of grafana-url and use a token';
    throw misconfigured('the Grafana URL holds credentials', remedy);
  }
  if (url.search !== '' || url.hash !== '') {
    const remedy = "cut '?' or '#' and what follows off grafana-url";
    throw misconfigured('the Grafana URL holds a query or fragment', remedy);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function credentials(auth: GrafanaAuth): { authorization: string; secrets: string[] } {
  if (auth.kind === 'basic') {
    const pair = `${auth.user}:${auth.password}`;
    const encoded = Buffer.from(pair).toString('base64');
    return { authorization: `Basic ${encoded}`, secrets: [auth.password, pair, encoded] };
  }
  const token = auth.token.trim(); // secrets made from a file end in a newline
  if (!/^[\x21-\x7e]+$/.test(token)) {
    const remedy = 'put a valid token, or username and password, into the secret of grafana-token';
    throw misconfigured('the Grafana token is empty or holds characters that no token has', remedy);
  }
  return { authorization: `Bearer ${token}`, secrets: [token] };
}

function misconfigured(message: string, remedy: string): GrafanaApiError {
  return new GrafanaApiError(message, { code: 'MISCONFIGURED', fixedBy: 'operator', remedy });
}

/**
 * node-fetch, loaded only by those who call a Grafana: most hooks of most units never do.
 * Writes get a connection of their own. On a kept-alive one that Grafana is just closing they would fail without
 * our knowing whether they arrived, and a write must not be sent twice.
 */
function defaultFetch(ca: string | undefined): Fetch {
  // Made once: it reads more than a hundred certificates.
  let secureContext: Promise<SecureContext> | undefined;
  return async (url, init) => {
    const { default: nodeFetch } = await import('node-fetch');
    const isTls = url.startsWith('https:');
    const trusts = isTls && ca !== undefined;
    if (init.method === 'GET' && !trusts) return nodeFetch(url, init);
    if (trusts) secureContext ??= import('./trust.ts').then(({ trusting }) => trusting(ca));
    const { Agent } = isTls ? await import('node:https') : await import('node:http');
    const own = { keepAlive: false, ...(trusts && { secureContext: await secureContext }) };
    return nodeFetch(url, { ...init, agent: new Agent(own) });
  };
}
