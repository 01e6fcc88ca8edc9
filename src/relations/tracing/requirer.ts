import type { Databag } from '#lib/juju';
import { httpUrl } from '../http-url.ts';
import type { Issue } from '../issue.ts';
import { pythonJson } from '../python-json.ts';
import { readKey, readMember } from '../read-key.ts';
import { AnswerKeys, otlpHttp, Receiver } from './schema.ts';

/** What an application asks a tracing backend for, in its application databag: for the leader to write. */
export function requestDatabag(protocols: readonly string[] = [otlpHttp]): Databag {
  return { receivers: pythonJson(protocols) };
}

/** A tracing backend's answer, as far as it concerns OTLP over HTTP. */
export interface TracingAnswer {
  /**
   * Base URL without a slash at its end; traces go to `/v1/traces` below it. Null: not answered yet, or the backend
   * takes no OTLP over HTTP (so far: it may have answered before it read the request).
   */
  readonly otlpHttpUrl: string | null;
}

/**
 * Reads the answer on one relation.
 * @param appData - the remote application's databag; anything at all
 */
export function readTracingAnswer(appData: Databag): { answer: TracingAnswer; issues: Issue[] } {
  const key = 'receivers';
  const issues: Issue[] = [];
  let otlpHttpUrl: string | null = null;
  for (const [index, entry] of (readKey(appData, key, AnswerKeys.receivers, issues) ?? []).entries()) {
    const receiver = readMember(key, index, entry, Receiver(), issues);
    if (receiver?.protocol.name !== otlpHttp || otlpHttpUrl !== null) continue;
    otlpHttpUrl = baseUrl(receiver.url);
    if (otlpHttpUrl === null) {
      const message = "expected an http or https URL without '?' and '#'";
      issues.push({ key, path: `[${index}].url`, message });
    }
  }
  return { answer: { otlpHttpUrl }, issues };
}

/** A path is appended to it, so that nothing may stand behind the URL's own. */
function baseUrl(text: string): string | null {
  const url = httpUrl(text);
  return url === undefined || /[?#]/.test(url) ? null : url.replace(/\/+$/, '');
}
