import type { FixedBy, GrafanaApiErrorCode } from './errors.ts';
import { GrafanaApiError } from './errors.ts';

/** One call as errors may name it: no headers, no body, nothing secret. */
export interface Call {
  method: string;
  path: string;
}

/** An answer that is no success. `message` is Grafana's own text, already free of secrets; '' when it had none. */
export interface Refusal {
  status: number;
  message: string;
  /** Whether the body was a JSON object: Grafana's API answers nothing else. */
  isJson: boolean;
}

type Verdict = [code: GrafanaApiErrorCode, fixedBy: FixedBy, remedy: string];

/**
 * Which error an answer stands for. The status decides; Grafana's texts are looked at only where one status has
 * several meanings for the same call, and an unknown text then gets the commonest of them.
 * @see grafana/grafana: pkg/api/datasources.go (the texts)
 */
export function refused(call: Call, refusal: Refusal): GrafanaApiError {
  const [code, fixedBy, remedy] = verdict(call, refusal);
  const said = refusal.message === '' ? '' : `: ${refusal.message}`;
  return new GrafanaApiError(`Grafana answered ${refusal.status} to ${call.method} ${call.path}${said}`, {
    code,
    fixedBy,
    remedy,
    status: refusal.status,
    ...call,
    outcomeUnknown: call.method !== 'GET' && refusal.status >= 500,
  });
}

function verdict({ method, path }: Call, { status, message, isJson }: Refusal): Verdict {
  const said = message === '' ? `status ${status}` : `'${message}'`;
  switch (status) {
    case 401:
      return [
        'UNAUTHORIZED',
        'operator',
        'put a valid token, or username and password, into the secret of grafana-token',
      ];
    case 403:
      if (/\bquota\b/i.test(message)) {
        const what = isCorrelation(path)
          ? 'correlations quota of Grafana'
          : 'datasource quota of the Grafana organisation';
        return ['QUOTA', 'operator', `raise the ${what}`];
      }
      if (isCorrelation(path) && /provisioning|read.only/i.test(message) && method !== 'GET') {
        const remedy =
          'take the correlation out of the Grafana provisioning file that owns it or its datasource';
        return ['READ_ONLY', 'operator', remedy];
      }
      if (/read-only/i.test(message) && method !== 'GET') {
        return [
          'READ_ONLY',
          'operator',
          'remove the datasource from the Grafana provisioning file that owns it',
        ];
      }
      // Grafana says no in JSON.
      if (!isJson) {
        const remedy = 'let this machine reach Grafana: what stands before it answered 403 without JSON';
        return ['MISCONFIGURED', 'operator', remedy];
      }
      return ['FORBIDDEN', 'operator', 'give the Grafana service account of grafana-token the role Admin'];
    case 404:
      // Grafana says in JSON that it has no such datasource. It has all other paths, and knows nothing but JSON.
      if (!isJson || !/^\/api\/datasources\/(uid|name)\//.test(path))
        return notGrafana('it has no Grafana API');
      return ['NOT_FOUND', 'time', 'wait until the next hook looks at Grafana again'];
    case 409:
      if (method === 'POST' && /\buid\b/i.test(message)) {
        return ['CONFLICT_UID', 'time', 'wait until the next hook looks at Grafana again'];
      }
      if (method === 'POST' || /\bname\b/i.test(message)) {
        return [
          'CONFLICT_NAME',
          'operator',
          'rename or delete the Grafana datasource that has the same name',
        ];
      }
      return ['CONFLICT_VERSION', 'time', 'wait until the next hook looks at Grafana again'];
    case 407:
      return [
        'MISCONFIGURED',
        'operator',
        'let this machine reach Grafana without a proxy that asks for a login',
      ];
    case 408:
    case 429:
      return ['UNAVAILABLE', 'time', `wait for Grafana: it answered ${status}`];
  }
  if (status >= 500)
    return ['UNAVAILABLE', 'time', `wait for Grafana or read its log: it answered ${status}`];
  if (status >= 300 && status < 400) return notGrafana('it answers with a redirect');
  if (!isJson) return notGrafana(`it answered ${status} without JSON`);
  const what = isCorrelation(path) ? 'correlation' : 'datasource';
  return ['REJECTED', 'operator', `correct the ${what}: Grafana answered ${said}`];
}

function isCorrelation(path: string): boolean {
  return /\/correlations(\/|\?|$)/.test(path);
}

function notGrafana(why: string): Verdict {
  return ['MISCONFIGURED', 'operator', `set grafana-url to the base URL of a Grafana: ${why}`];
}

/** An answer with a fine status that can't be Grafana's. `why` completes 'its answer ...', without quoting it. */
export function notGrafanasAnswer(call: Call, status: number, why: string): GrafanaApiError {
  const [code, fixedBy, remedy] = notGrafana(`its answer ${why}`);
  return new GrafanaApiError(`the answer to ${call.method} ${call.path} isn't Grafana's: it ${why}`, {
    code,
    fixedBy,
    remedy,
    status,
    ...call,
    outcomeUnknown: call.method !== 'GET',
  });
}

/** No complete answer within `timeoutMs`. */
export function timedOut(call: Call, timeoutMs: number): GrafanaApiError {
  return new GrafanaApiError(`no answer to ${call.method} ${call.path} within ${timeoutMs} ms`, {
    code: 'TIMEOUT',
    fixedBy: 'time',
    remedy: `wait for Grafana or find out why it is slow: no answer in ${timeoutMs / 1000} s`,
    ...call,
    outcomeUnknown: call.method !== 'GET',
  });
}

/** All the time that there is for calls has gone; this one was not begun. */
export function noTimeLeft({ method, path }: Call, budgetMs: number): GrafanaApiError {
  const spent = `${budgetMs / 1000} s`;
  return new GrafanaApiError(`no time left for ${method} ${path}: calls to Grafana took ${spent}`, {
    code: 'TIMEOUT',
    fixedBy: 'time',
    remedy: `wait for the next hook to go on, or find out why Grafana is slow: there was more to do than fits in ${spent}`,
    method,
    path,
  });
}

/** What the HTTP library said of a connection that failed. */
export interface ConnectionFault {
  /** Node's code for it, e.g. `ECONNREFUSED`. */
  systemCode: string | undefined;
  /** Its text, already free of secrets. */
  reason: string;
}

/** The connection could not be made, or broke. */
export function unreachable(call: Call, { systemCode, reason }: ConnectionFault): GrafanaApiError {
  const why = systemCode ?? 'the connection broke';
  // Not the library's own error: that may hold what the server sent, and a server may send back what it got.
  const cause = new Error(reason);
  const message = `no answer to ${call.method} ${call.path}: ${why}`;
  const outcomeUnknown = call.method !== 'GET' && !neverSent(systemCode);
  const remedy = systemCode === undefined ? undefined : tlsRemedy(systemCode);
  if (remedy !== undefined) {
    return new GrafanaApiError(message, {
      code: 'MISCONFIGURED',
      fixedBy: 'operator',
      remedy,
      ...call,
      cause,
    });
  }
  return new GrafanaApiError(message, {
    code: 'UNREACHABLE',
    fixedBy: 'time',
    remedy: `start Grafana or correct grafana-url: ${why}`,
    ...call,
    outcomeUnknown,
    cause,
  });
}

/** @returns whether no byte of the request can have left: even a write may then be sent again */
export function neverSent(systemCode: string | undefined): boolean {
  return systemCode !== undefined && connectFaults.has(systemCode);
}

const connectFaults = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

/** What to do about a connection that TLS refused; undefined where the code is about something else. */
function tlsRemedy(code: string): string | undefined {
  if (notVouchedFor.has(code))
    return `set grafana-ca to the certificate of the CA that signed Grafana's (${code})`;
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return "set grafana-url to a host name that is in Grafana's TLS certificate, or renew that";
    case 'CERT_HAS_EXPIRED':
      return 'renew the TLS certificate of Grafana, or that of its CA: it has expired';
    case 'CERT_NOT_YET_VALID':
      return 'correct the clock here or the TLS certificate of Grafana: it is not valid yet';
    case 'EPROTO':
      return `correct grafana-url, http or https, or how Grafana speaks TLS (${code})`;
  }
  if (/^ERR_(TLS|SSL)_/.test(code)) return `correct how Grafana speaks TLS, or grafana-url (${code})`;
  if (!/CERT|SIGNATURE|^INVALID_(CA|PURPOSE)$/.test(code)) return undefined;
  return `renew the TLS certificate of Grafana, or that of its CA: it is not a valid one (${code})`;
}

/** The certificate may be well: nobody that is trusted here says so. */
const notVouchedFor: ReadonlySet<string> = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The first system error code in a chain of causes, e.g. `ECONNREFUSED`. */
export function systemCodeOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  if ('code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(error.code))
    return error.code;
  return 'cause' in error ? systemCodeOf(error.cause, depth + 1) : undefined;
}
