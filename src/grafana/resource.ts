import type { z } from 'zod';
import { GrafanaApiError } from './errors.ts';
import type { HttpAnswer } from './http.ts';
import type { Call } from './refusals.ts';
import { notGrafanasAnswer } from './refusals.ts';

/**
 * Read an answer with its schema.
 * @throws {GrafanaApiError} `MISCONFIGURED`: it says where the answer differs, never what stood there
 */
export function read<T extends z.ZodType>(schema: T, answer: HttpAnswer, call: Call): z.infer<T> {
  const result = schema.safeParse(answer.json);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  const where = first === undefined || first.path.length === 0 ? 'as a whole' : `at ${first.path.join('.')}`;
  throw notGrafanasAnswer(call, answer.status, `has an unknown form ${where}`);
}

/**
 * One path segment, percent-encoded.
 * @throws {GrafanaApiError} `REJECTED`, by the developer: it is empty, or a dot segment that every URL parser
 *   would resolve into another path
 */
export function segment(text: string): string {
  if (text === '' || text === '.' || text === '..') {
    throw new GrafanaApiError(`'${text}' can't stand in a path of Grafana's API`, {
      code: 'REJECTED',
      fixedBy: 'developer',
      remedy: 'report this: crosslink asked Grafana for a datasource without a usable name',
    });
  }
  return encodeURIComponent(text.toWellFormed());
}
