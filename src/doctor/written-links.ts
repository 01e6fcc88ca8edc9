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
  const kinds = new Map<string, string>(correlationsOf(type).links.map(({ key, kind }) => [key, kind]));
  return Object.entries(extraFields)
    .flatMap(([key, value]) => {
      const kind = kinds.get(key) ?? olderKeys.get(key) ?? key;
      return [...referencesIn({ [key]: value }, '.extra_fields')].map((found) => ({ kind, ...found }));
    })
    .slice(0, limit);
}

function* referencesIn(value: unknown, path: string): Generator<{ uid: string; path: string }> {
  if (Array.isArray(value)) {
    for (const [i, member] of value.entries()) yield* referencesIn(member, `${path}[${i}]`);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const at = `${path}.${key}`;
    if (references.has(key) && typeof member === 'string' && member !== '') yield { uid: member, path: at };
    else yield* referencesIn(member, at);
  }
}

const RawData = json.pipe(z.looseObject({ extra_fields: z.unknown(), secure_extra_fields: z.unknown() }));

/** `extra_fields` as it stands in the databag: not unescaped, and text where it is text. */
export function rawExtraFields({ source }: Registration): unknown {
  return RawData.safeParse(source.appData?.grafana_source_data).data?.extra_fields;
}
