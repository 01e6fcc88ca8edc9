import type { Random } from './random.ts';
import { integerBelow } from './random.ts';
import type { Gates } from './version.ts';

/** A complete HTTP answer. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** JSON as Go's encoder writes it: `<`, `>`, `&` and the line separators escaped. */
export function goJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same value with object keys in alphabetical order at any depth, as Go writes a map. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** A handler's answer. */
export function json(status: number, value: unknown): Reply {
  return jsonText(status, goJson(value));
}

/** A handler's answer that is JSON already. */
export function jsonText(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/**
 * A handler's error. `cause: true` where Grafana attaches an inner error; the answer then has a trace id, which is
 * empty as nothing is traced. @see grafana/grafana: pkg/api/response/response.go
 */
export function handlerError(status: number, message: string, { cause }: { cause: boolean }): Reply {
  return json(status, cause ? { message, traceID: '' } : { message });
}

/** A service's error with an id of its own; versions before typed errors have no such thing. */
export function typedError(status: number, message: string, messageId: string): Reply {
  return json(status, { message, messageId, statusCode: status, traceID: '' });
}

/** An error from before the handler: other content type, and a newline at the end. */
export function middlewareError(status: number, value: Record<string, unknown>): Reply {
  const headers = { 'content-type': 'application/json; charset=UTF-8' };
  return { status, headers, body: `${goJson(value)}\n` };
}

/** The caller isn't who they say. Texts differ between versions by more than case: branch on the status. */
export function authError(gates: Gates, status: number, message: string, messageId: string): Reply {
  if (!gates.typedErrors) return middlewareError(status, { message });
  return middlewareError(status, { message, messageId, statusCode: status, traceID: '' });
}

/** @see grafana/grafana: pkg/services/accesscontrol/middleware.go */
export function accessDenied(action: string, random: Random): Reply {
  return middlewareError(403, {
    accessErrorId: `ACE${String(integerBelow(1e10, random)).padStart(10, '0')}`,
    message: `You'll need additional permissions to perform this action. Permissions needed: ${action}`,
    title: 'Access denied',
  });
}

/** No such API route. Not the text of a datasource that is missing. */
export function noSuchRoute(): Reply {
  return middlewareError(404, { message: 'Not found' });
}

export function html(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body };
}

export function redirect(status: number, location: string): Reply {
  return { ...html(status, ''), headers: { location, 'content-type': 'text/html; charset=UTF-8' } };
}
