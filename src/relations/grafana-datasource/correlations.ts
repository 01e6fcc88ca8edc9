import * as z from 'zod';
import type { Databag } from '#lib/juju';
import { json, lazily } from '#lib/juju';
import type { Issue } from '../issue.ts';
import type { Json, JsonObject } from '../python-json.ts';
import { readKey } from '../read-key.ts';

/**
 * Links that no `jsonData` can express: what a datasource asks a gateway to make with Grafana's Correlations API. Ours,
 * on both sides: a gateway that takes them says so in its answer, and only to that one are they told.
 */
export const correlationsKey = 'grafana_source_correlations';

/** How Grafana makes a variable for the query of what it found in a field. */
export interface Transformation {
  readonly type: 'regex' | 'logfmt';
  /** With one capture group. */
  readonly expression?: string;
  /** The variable's name. */
  readonly mapValue?: string;
}

/**
 * A correlation from each datasource of the application that asks for it. Dollars as Grafana reads them: this key
 * never comes into a provisioning file.
 */
export interface SourceCorrelation {
  /** Tells apart those to one target; stable. */
  readonly kind: string;
  /** UID of the datasource that it leads to. */
  readonly target: string;
  readonly label: string;
  readonly description: string;
  /** Of the results, where the link is shown. */
  readonly field: string;
  /** As datasources of the target's type have it, with `${variables}`. */
  readonly query: JsonObject;
  readonly transformations: readonly Transformation[];
}

const limits = { entries: 64, queryCharacters: 4096, transformations: 16 };

const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'has control characters');

const List = lazily(() =>
  json.pipe(
    z
      .array(
        z.object({
          kind: z
            .string()
            .regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected at most 40 lower-case letters, digits and hyphens'),
          target: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'expected a UID'),
          label: text(80).min(1),
          description: text(255),
          field: text(255).min(1),
          query: (z.record(z.string(), z.json()) as z.ZodType<Readonly<Record<string, Json>>>).refine(
            (query) => JSON.stringify(query).length <= limits.queryCharacters,
            `longer than ${limits.queryCharacters} characters`,
          ),
          transformations: z
            .array(
              z.object({
                type: z.enum(['regex', 'logfmt']),
                expression: z.string().min(1).max(512).exactOptional(),
                mapValue: text(80).min(1).exactOptional(),
              }),
            )
            .max(limits.transformations),
        }),
      )
      .max(limits.entries),
  ),
);

/** The key of an offer; `''` deletes it. */
export function offerCorrelationsDatabag(correlations: readonly SourceCorrelation[]): Databag {
  return { [correlationsKey]: correlations.length === 0 ? '' : JSON.stringify(correlations) };
}

/**
 * Reads what an application offers.
 * @param issues - what is wrong with the key is added here
 * @returns null when it can't be read, which is no reason to take away what there was
 */
export function readCorrelations(appData: Databag, issues: Issue[]): readonly SourceCorrelation[] | null {
  const known = issues.length;
  const list = readKey(appData, correlationsKey, List(), issues);
  return issues.length > known ? null : (list ?? []);
}

/** What a gateway that takes them adds to its answer. */
export const takesCorrelations: Databag = { [correlationsKey]: 'true' };

/** Takes it back. */
export const takesNoCorrelations: Databag = { [correlationsKey]: '' };

/** @returns whether the gateway that answered this takes them */
export function isTakingCorrelations(answered: Databag): boolean {
  return Object.hasOwn(answered, correlationsKey) && answered[correlationsKey] === 'true';
}
