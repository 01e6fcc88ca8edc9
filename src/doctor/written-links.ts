import * as z from 'zod';
import { json } from '#lib/juju';
import { correlationsOf } from '../exchange/correlations/table.ts';
import type { Registration } from './world.ts';

/** A reference to a datasource, as an application wrote it. */
export interface WrittenLink {
  /** A kind of link, or the key of `jsonData` where it is none that is known. */
  readonly kind: string;
  readonly uid: string;
  /** Inside `grafana_source_data`: `.extra_fields.serviceMap.datasourceUid`. */
  readonly path: string;
}

/** A reference to a datasource in `jsonData`. */
export interface Reference {
  /** A kind of link, or the first of `steps` where it is none that is known. */
  readonly kind: string;
  /** What stands there; never empty. */
  readonly uid: string;
  /** Keys and indexes from `jsonData` to it. */
  readonly steps: Steps;
}

export type Steps = readonly [key: string, ...rest: (string | number)[]];

/** Keys that Grafana takes a reference from, wherever they stand in `jsonData`. */
const references = new Set(['datasourceUid', 'alertmanagerUid', 'tracingDatasourceUid']);

/** What Grafana read before, and still does where the newer key is absent. */
const olderKeys: ReadonlyMap<string, string> = new Map([['tracesToLogs', 'traces-to-logs']]);

/** More than any datasource has, and few enough for whoever reads them. */
const limit = 1000;

/** @returns every reference that the application wrote for this Grafana; `[]` also where nothing can be seen */
export function writtenLinks({ reading }: Registration): WrittenLink[] {
  if (reading.state !== 'valid' || reading.source.extraFields === null) return [];
  const { type, extraFields } = reading.source;
  return referencesOf(type, extraFields).map(({ kind, uid, steps }) => ({
    kind,
    uid,
    path: `.extra_fields${pathOf(steps)}`,
  }));
}

/** @returns every reference in the `jsonData` of a datasource of this type, in their order there */
export function referencesOf(type: string, jsonData: Readonly<Record<string, unknown>>): Reference[] {
  const kinds = new Map<string, string>(correlationsOf(type).links.map(({ key, kind }) => [key, kind]));
  return Object.entries(jsonData)
    .flatMap(([key, value]) => {
      const kind = kinds.get(key) ?? olderKeys.get(key) ?? key;
      return [...referencesIn({ [key]: value }, [])].map((found) => ({ kind, ...found }));
    })
    .slice(0, limit);
}

/** @returns whether a key of `jsonData` holds links of a kind that is known, for a datasource of this type */
export function holdsLinks(type: string, key: string): boolean {
  return olderKeys.has(key) || correlationsOf(type).links.some((link) => link.key === key);
}

function* referencesIn(
  value: unknown,
  steps: readonly (string | number)[],
): Generator<{ uid: string; steps: Steps }> {
  if (Array.isArray(value)) {
    for (const [i, member] of value.entries()) yield* referencesIn(member, [...steps, i]);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (references.has(key) && typeof member === 'string' && member !== '') {
      const [first, ...rest] = [...steps, key];
      yield { uid: member, steps: [String(first), ...rest] };
    } else {
      yield* referencesIn(member, [...steps, key]);
    }
  }
}

/** @returns `.derivedFields[0].datasourceUid` */
export function pathOf(steps: readonly (string | number)[]): string {
  return steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
}

const RawData = json.pipe(z.looseObject({ extra_fields: z.unknown(), secure_extra_fields: z.unknown() }));

/** `extra_fields` as it stands in the databag: not unescaped, and text where it is text. */
export function rawExtraFields({ source }: Registration): unknown {
  return RawData.safeParse(source.appData?.grafana_source_data).data?.extra_fields;
}
