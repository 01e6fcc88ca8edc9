import { isObject } from '../../exchange/merge-patch.ts';
import type { Json, JsonObject } from '../../relations/python-json.ts';
import { quoted } from '../checks/finding.ts';
import { holdsLinks } from '../written-links.ts';
import { isList, textsIn, valueAt, withoutValueAt, withValueAt } from './json-edit.ts';
import { type Gap, type Judged, judge } from './judge.ts';
import { either, keeperOf, named } from './labels.ts';
import { linkValue } from './link-value.ts';
import type { LiveDatasource, LiveGrafana } from './live-grafana.ts';

/** What is to be changed in one datasource, and nothing else of it. */
export interface Proposal {
  readonly datasource: LiveDatasource;
  /** As it would be. */
  readonly jsonData: JsonObject;
  /** What that does, a sentence for each change. */
  readonly changes: readonly string[];
}

/** What a charm would undo, so that it is of no use to write it. */
export interface KeptByCharm {
  readonly datasource: LiveDatasource;
  /** Who keeps it. */
  readonly keeper: string;
  readonly keys: readonly string[];
}

export interface Proposals {
  readonly proposals: readonly Proposal[];
  readonly kept: readonly KeptByCharm[];
}

/**
 * All that can be mended by changing `jsonData`, without guessing. Pure; what it proposes leaves nothing to propose.
 */
export function propose(live: LiveGrafana, prefer: ReadonlySet<string>): Proposals {
  const { judged, gaps } = judge(live, prefer);
  const judgedOf = Map.groupBy(judged, ({ datasource }) => datasource);
  const gapsOf = Map.groupBy(gaps, ({ datasource }) => datasource);
  const each = live.datasources.map((datasource) => {
    const all = editsOf(datasource, judgedOf.get(datasource) ?? [], gapsOf.get(datasource) ?? []);
    const keepers = new Map(all.map((edit) => [edit, keeperOf(datasource, edit.key)]));
    const edits = all.filter((edit) => keepers.get(edit) === undefined);
    const kept = all.filter((edit) => keepers.get(edit) !== undefined);
    return { datasource, edits, kept, keeper: kept.map((edit) => keepers.get(edit) ?? '')[0] ?? '' };
  });
  return {
    proposals: each
      .filter(({ edits }) => edits.length > 0)
      .map(({ datasource, edits }) => ({
        datasource,
        jsonData: edits.reduce((jsonData, { apply }) => apply(jsonData), datasource.jsonData),
        changes: [...new Set(edits.map(({ what }) => what))],
      })),
    kept: each
      .filter(({ kept }) => kept.length > 0)
      .map(({ datasource, kept, keeper }) => ({
        datasource,
        keeper,
        keys: [...new Set(kept.map(({ key }) => key))],
      })),
  };
}

interface Edit {
  /** The key of `jsonData` that it changes. */
  readonly key: string;
  readonly what: string;
  readonly apply: (jsonData: JsonObject) => JsonObject;
}

/** In an order in which no edit moves what a later one is about. */
function editsOf(datasource: LiveDatasource, own: readonly Judged[], gaps: readonly Gap[]): Edit[] {
  const again = repeated(own);
  const isRemoved = (one: Judged) => one.mend.kind === 'remove' || again.has(one);
  return [
    ...own.filter((one) => !isRemoved(one)).flatMap(repointing),
    ...dollarEdits(datasource),
    // From the end of a list to its beginning.
    ...own
      .filter(isRemoved)
      .map((one) => removal(one, datasource))
      .toReversed(),
    ...gaps.flatMap(filling),
  ];
}

/** Members of a list that would say what another one says already, once they lead to the same datasource. */
function repeated(own: readonly Judged[]): ReadonlySet<Judged> {
  const said = new Set<string>();
  const again = new Set<Judged>();
  const inOrder = own.toSorted((a, b) => Number(a.fault !== null) - Number(b.fault !== null));
  for (const one of inOrder) {
    const { steps } = one.reference;
    const [key, i] = steps;
    if (typeof i !== 'number' || steps.length !== 3) continue;
    const member = one.datasource.jsonData[key];
    const { name, field } = fieldsOf(member === undefined ? undefined : valueAt(member, [i]));
    const uid = one.mend.kind === 'repoint' ? one.mend.to.uid : one.reference.uid;
    const text = JSON.stringify([key, name, field, uid]);
    if (one.fault !== null && one.fault !== 'name-as-uid' && said.has(text)) again.add(one);
    said.add(text);
  }
  return again;
}

function fieldsOf(member: Json | undefined): JsonObject {
  return member !== undefined && member !== null && isObject(member) ? member : {};
}

function repointing({ reference: { kind, steps, uid }, mend }: Judged): Edit[] {
  if (mend.kind !== 'repoint') return [];
  return [
    {
      key: steps[0],
      what: `${kind}: ${named(mend.to)} in place of ${quoted(uid)}`,
      apply: (jsonData) => withValueAt(jsonData, steps, mend.to.uid),
    },
  ];
}

function removal({ reference: { kind, steps, uid } }: Judged, { jsonData }: LiveDatasource): Edit {
  const [key, i] = steps;
  const member = typeof i === 'number' ? valueAt(jsonData, [key, i]) : undefined;
  // An exemplar's label may lead to a page outside as well: that stays.
  const outside = key === 'exemplarTraceIdDestinations' && (fieldsOf(member).url ?? '') !== '';
  const path = typeof i === 'number' && !outside ? [key, i] : steps;
  return {
    key,
    what: `${kind}: no link to ${quoted(uid)}`,
    apply: (before) => withoutValueAt(before, path),
  };
}

function filling({ datasource, correlation, chosen }: Gap): Edit[] {
  const [first, ...others] = chosen;
  if (first === undefined) return [];
  const { key, kind } = correlation;
  const value = linkValue(correlation, datasource, [first, ...others]);
  return [
    {
      key,
      what: `${kind}: a link to ${others.length === 0 ? named(first) : either(chosen).replace(/ or ([^,]*)$/, ' and $1')}`,
      apply: (jsonData) => ({ ...jsonData, [key]: beside(jsonData[key], value) }),
    },
  ];
}

/** A link beside what somebody has written there without one. */
function beside(before: Json | undefined, value: Json): Json {
  if (before === undefined || before === null) return value;
  if (isList(value)) return isList(before) ? [...before, ...value] : value;
  if (value === null || !isObject(value) || !isObject(before)) return value;
  const { datasourceUid: _none, ...others } = before;
  return Object.keys(others).length === 0 ? value : { ...before, datasourceUid: value.datasourceUid ?? '' };
}

/** Where one too many is left of what a provisioning file wants twice. */
const doubled = /\${2,}(?=\{?__)/g;

export interface DoubledDollar {
  readonly key: string;
  readonly path: readonly [key: string, ...rest: (string | number)[]];
  readonly text: string;
}

/** @returns the texts of links that have `$$` where Grafana wants `$` */
export function doubledDollars({ type, jsonData }: LiveDatasource): DoubledDollar[] {
  return Object.entries(jsonData)
    .filter(([key]) => holdsLinks(type, key))
    .flatMap(([key, value]) =>
      [...textsIn(value)]
        .filter(({ text }) => text.search(doubled) >= 0)
        .map(({ text, path }) => ({ key, path: [key, ...path] as const, text })),
    );
}

function dollarEdits(datasource: LiveDatasource): Edit[] {
  return doubledDollars(datasource).map(({ key, path, text }) => ({
    key,
    what: `${key}: $ in place of $$`,
    apply: (jsonData) => withValueAt(jsonData, path, text.replaceAll(doubled, '$$')),
  }));
}
