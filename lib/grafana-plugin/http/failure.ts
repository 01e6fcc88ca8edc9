import { DatasourceError } from '../errors.ts';
import type { OutgoingRequest } from './request.ts';
import { safePlace } from './safe-url.ts';

/** What went wrong on the way, in words for who reads it in Grafana. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EADDRNOTAVAIL: 'the address cannot be reached',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ETIMEDOUT: 'connecting took too long',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  UND_ERR_HEADERS_TIMEOUT: 'the answer took too long',
  UND_ERR_BODY_TIMEOUT: 'the answer took too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer is not as long as it said',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too long',
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
};

const timeouts: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Mistakes of who called, not of the other side. */
const misuse =
  /^(UND_ERR_(INVALID_ARG|INVALID_RETURN_VALUE|REQ_CONTENT_LENGTH_MISMATCH|DESTROYED|CLOSED|NOT_SUPPORTED)|ERR_INVALID_\w+)$/;

/**
 * What a request failed with, as its caller gets it: cancelled as it was cancelled, else a {@link DatasourceError} with
 * what undici says as its cause. What comes from the network is `downstream`.
 */
export function failureOf(error: unknown, request: OutgoingRequest, secrets: readonly string[]): unknown {
  if (request.signal.aborted) return request.signal.reason;
  if (error instanceof DatasourceError) return error;
  const found = networkErrorIn(error);
  if (found === undefined) return error;
  const { code, cause } = found;
  const place = `${request.method} ${safePlace(request.url, secrets)}`;
  if (misuse.test(code)) {
    const closed = /CLOSED|DESTROYED/.test(code);
    return new DatasourceError(
      `${place}: ${closed ? 'the client is closed' : 'cannot be asked so'} (${code})`,
      {
        cause,
      },
    );
  }
  return new DatasourceError(`${place}: ${reasonFor(code)} (${code})`, {
    status: timeouts.has(code) ? 504 : 502,
    source: 'downstream',
    cause,
  });
}

function reasonFor(code: string): string {
  const known = reasons[code];
  if (known !== undefined) return known;
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ISSUER/.test(code)) return "the server's certificate is not trusted";
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return 'no TLS connection can be made';
  if (code.startsWith('SOCKS5_')) return 'the SOCKS proxy does not connect';
  if (/^HPE_/.test(code)) return 'the answer is no HTTP';
  return 'the request failed';
}

interface NetworkError {
  readonly code: string;
  readonly cause: Error;
}

/** fetch says 'fetch failed'; what did stands in its cause, or in one of several attempts to connect. */
function networkErrorIn(error: unknown): NetworkError | undefined {
  let at = error;
  for (let depth = 0; depth < 8 && at instanceof Error; depth += 1) {
    const code = 'code' in at ? at.code : undefined;
    if (typeof code === 'string' && code !== '') return { code, cause: at };
    // Of what the parser cannot name there is no code.
    if (at.name === 'HTTPParserError') return { code: 'HPE_INVALID', cause: at };
    at = at instanceof AggregateError && at.errors.length > 0 ? at.errors[0] : at.cause;
  }
  return undefined;
}
