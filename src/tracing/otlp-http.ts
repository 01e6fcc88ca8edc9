import { lookup } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { Send, SendOutcome } from './deliver.ts';

/** One endpoint for OTLP over HTTP, and one connection to it. */
export interface OtlpEndpoint {
  readonly send: Send;
  /** Lookups of its name that nobody waits for any more. They can't be called back. */
  pendingLookups(): number;
  close(): void;
}

/** Larger answers are not read to their end; their status is all that counts. */
const limitBytes = 64 * 1024;
/** For the rest of an answer, from its status on: one that never ends must not cost a hook all its time. */
const restMs = 100;

/**
 * @param baseUrl - http or https, without a slash at its end
 * @param resolve - for tests; Node's own by default
 * @see open-telemetry/opentelemetry-proto: docs/specification.md (OTLP/HTTP)
 */
export function otlpEndpoint(baseUrl: string, resolve: LookupFunction = lookup): OtlpEndpoint {
  const url = new URL(`${baseUrl}/v1/traces`);
  const isTls = url.protocol === 'https:';
  let lookups = 0;
  const options = {
    keepAlive: true,
    maxSockets: 1,
    lookup: ((hostname, how, done) => {
      lookups += 1;
      resolve(hostname, how, (...answer) => {
        lookups -= 1;
        done(...answer);
      });
    }) satisfies LookupFunction,
  };
  // What the machine trusts, and not only what Node comes with: the CA of a cloud's own Tempo is in neither else.
  const agent = isTls ? new https.Agent({ ...options, ca: trusted() }) : new http.Agent(options);
  return {
    async send(body, signal) {
      try {
        return statusOutcome(await post(url, agent, body, signal));
      } catch (error) {
        return failureOutcome(error, signal);
      }
    },
    pendingLookups: () => lookups,
    close: () => agent.destroy(),
  };
}

function trusted(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

/**
 * The status is the answer. The rest of it is waited for, so that the connection can be used again, but not for long.
 * @returns the status, once the answer has been read, or is too long to be, or is given up
 */
async function post(url: URL, agent: http.Agent, body: Uint8Array, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const start = url.protocol === 'https:' ? https.request : http.request;
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-length': body.length,
    'user-agent': 'crosslink',
  };
  const request = start(url, { method: 'POST', agent, headers, signal });
  request.once('error', reject);
  request.once('response', (response) => {
    const { statusCode: status = 0 } = response;
    // The time may be up before the end of the answer, which is then an error of both.
    const answered = () => resolve(status);
    request.off('error', reject).on('error', answered);
    response.on('error', answered);
    const patience = setTimeout(() => response.destroy(), restMs);
    response.once('close', () => {
      clearTimeout(patience);
      answered();
    });
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) response.destroy();
    });
  });
  request.end(body);
  return promise;
}

/** Bodies that the specification says never to send again. Anything else may come from what stands before Tempo. */
const refusals: readonly number[] = [400, 413, 422];
/** Asks for patience, among the answers that say who asks is wrong. */
const passing: readonly number[] = [408, 425, 429];

function statusOutcome(status: number): SendOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (refusals.includes(status)) return { kind: 'refused', reason: `it answered ${status}` };
  // A wrong path, a login, a redirect: only what is slow, full or broken there gets well by itself.
  const needsAttention = status < 500 && !passing.includes(status);
  return { kind: 'away', reason: `the tracing endpoint answered ${status}`, needsAttention };
}

function failureOutcome(error: unknown, signal: AbortSignal): SendOutcome {
  if (signal.aborted) return { kind: 'away', reason: 'no answer in time', needsAttention: false };
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no connection';
  const needsAttention = untrusted.test(code);
  const reason = needsAttention ? `this machine does not trust its TLS certificate (${code})` : code;
  return { kind: 'away', reason, needsAttention };
}

/** OpenSSL's reasons against a certificate, and Node's own. */
const untrusted =
  /CERT|SIGNATURE|^ERR_TLS_|^ERR_SSL_|^EPROTO$|^HOSTNAME_MISMATCH$|^INVALID_CA$|^INVALID_PURPOSE$/;
