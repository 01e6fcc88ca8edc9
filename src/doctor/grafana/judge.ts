import type { Correlation } from '../../exchange/correlations/correlation.ts';
import { correlationsOf } from '../../exchange/correlations/table.ts';
import { isObject } from '../../exchange/merge-patch.ts';
import type { FindingCode } from '../codes.ts';
import { type Reference, referencesOf } from '../written-links.ts';
import { type Found, Inventory } from './inventory.ts';
import { isOfCharmedFile } from './labels.ts';
import type { LiveDatasource, LiveGrafana } from './live-grafana.ts';
import { isWrongType, targetTypes } from './targets.ts';

/** A reference that is there: where it leads, what is wrong with it, and what would be right. */
export interface Judged {
  readonly datasource: LiveDatasource;
  readonly reference: Reference;
  readonly found: Found;
  readonly fault: Extract<
    FindingCode,
    'uid-dangling' | 'name-as-uid' | 'link-wrong-type' | 'link-to-itself'
  > | null;
  readonly mend: Mend;
}

export type Mend =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'repoint'; readonly to: LiveDatasource }
  | { readonly kind: 'remove' }
  /** Several would do, and nobody has said which. */
  | { readonly kind: 'choose'; readonly among: readonly LiveDatasource[] };

/** A kind of link that a datasource could have and has not. */
export interface Gap {
  readonly datasource: LiveDatasource;
  readonly correlation: Correlation;
  /** Every datasource that would do. */
  readonly candidates: readonly LiveDatasource[];
  /** Those to link to: none where there is no candidate, or several of which nobody has said which. */
  readonly chosen: readonly LiveDatasource[];
}

export interface Judgement {
  readonly judged: readonly Judged[];
  readonly gaps: readonly Gap[];
}

/** Looks at every link that is in a Grafana, and at those that are not. `prefer`: UIDs to choose before others. */
export function judge({ datasources }: LiveGrafana, prefer: ReadonlySet<string>): Judgement {
  const inventory = new Inventory(datasources, prefer);
  const each = datasources.map((datasource) => {
    const judged = referencesIn(datasource).map((reference) => judgeOne(inventory, datasource, reference));
    return { judged, gaps: gapsOf(inventory, datasource, judged) };
  });
  return { judged: each.flatMap(({ judged }) => judged), gaps: each.flatMap(({ gaps }) => gaps) };
}

/** Where Grafana finds the newer key it does not look at the older one. */
function referencesIn({ type, jsonData }: LiveDatasource): Reference[] {
  const newer = jsonData.tracesToLogsV2 ?? null;
  const isNewer = newer !== null && isObject(newer);
  return referencesOf(type, jsonData).filter(({ steps: [key] }) => !(isNewer && key === 'tracesToLogs'));
}

function judgeOne(inventory: Inventory, datasource: LiveDatasource, reference: Reference): Judged {
  const found = inventory.lookUp(reference.uid);
  const wanted = isRead(reference) ? targetTypes(datasource.type, reference.kind) : undefined;
  const fault = faultOf(datasource, wanted, found);
  const others = () => inventory.preferred(inventory.ofTypes(wanted ?? [], datasource));
  return { datasource, reference, found, fault, mend: mendOf(fault, found, wanted, others) };
}

function faultOf(
  datasource: LiveDatasource,
  wanted: readonly string[] | undefined,
  found: Found,
): Judged['fault'] {
  if (found.by === 'grafana') return null;
  if (found.by === 'nothing') return 'uid-dangling';
  // Of a kind that is not known, a datasource may well refer to itself.
  if (found.datasource.uid === datasource.uid && wanted !== undefined) return 'link-to-itself';
  if (isWrongType(wanted, found.datasource.type)) return 'link-wrong-type';
  // Canonical's charms hand out names in place of UIDs, and read them so.
  const isMeant = found.by === 'name' && isOfCharmedFile(datasource) && isOfCharmedFile(found.datasource);
  return found.by === 'uid' || isMeant ? null : 'name-as-uid';
}

function mendOf(
  fault: Judged['fault'],
  found: Found,
  wanted: readonly string[] | undefined,
  others: () => readonly LiveDatasource[],
): Mend {
  if (fault === null) return { kind: 'nothing' };
  if (fault === 'name-as-uid')
    return 'datasource' in found ? { kind: 'repoint', to: found.datasource } : { kind: 'nothing' };
  // What a key is for that is not known, nobody here can tell.
  if (wanted === undefined) return { kind: 'nothing' };
  const [to, ...more] = others();
  if (to === undefined) return { kind: 'remove' };
  return more.length === 0 ? { kind: 'repoint', to } : { kind: 'choose', among: [to, ...more] };
}

/** Whether Grafana reads a reference from such a place; what stands deeper is somebody's own. */
function isRead({ steps }: Reference): boolean {
  const [, second, third] = steps;
  if (steps.length <= 2) return second === undefined || second === 'datasourceUid';
  return steps.length === 3 && typeof second === 'number' && third === 'datasourceUid';
}

function gapsOf(inventory: Inventory, datasource: LiveDatasource, judged: readonly Judged[]): Gap[] {
  return correlationsOf(datasource.type)
    .links.filter(({ kind }) => {
      return !judged.some(({ reference }) => reference.kind === kind && isRead(reference));
    })
    .map((correlation): Gap => {
      const candidates = inventory.ofTypes(correlation.to, datasource);
      const some = inventory.preferred(candidates);
      const fits = some.length === 1 || (some !== candidates && correlation.room !== 'one');
      return { datasource, correlation, candidates, chosen: fits ? some : [] };
    });
}
