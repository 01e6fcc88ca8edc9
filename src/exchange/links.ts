import type { Json, JsonObject } from '../relations/python-json.ts';
import type { Correlation, Target, Targets } from './correlations/correlation.ts';
import { correlationsOf } from './correlations/table.ts';
import { isObject, mergePatch } from './merge-patch.ts';
import { candidates } from './pick.ts';
import type { DatasourceView, ExchangeRelation } from './view.ts';

/** One kind of link in one Grafana: what it points at, and what it passes over. */
export interface LinksOfKind {
  readonly correlation: Correlation;
  /** What crosslink links to; none where the kind is switched off, or nothing suits. */
  readonly targets: readonly Target[];
  /** Datasources that would do as well as the target at the same place, by that target's UID. */
  readonly equals: ReadonlyMap<string, readonly Target[]>;
  /** UIDs that stand in the `jsonData` in the end: the operator may have taken targets out, or put others in. */
  readonly written: readonly string[];
}

/** All that one datasource tells one Grafana about its links. */
export interface LinksInGrafana {
  readonly kinds: readonly LinksOfKind[];
  /** Null, never `{}`, when there is nothing to say. Dollars as Grafana reads them. */
  readonly jsonData: JsonObject | null;
}

/**
 * The links of a datasource in one Grafana. They name only datasources of that Grafana, unless the operator does.
 * @param grafanaUid - undefined while the Grafana has not said who it is: then there are none
 */
export function linksIn(
  { type, preferences }: DatasourceView,
  exchange: readonly ExchangeRelation[],
  grafanaUid: string | undefined,
): LinksInGrafana {
  const { before, links, after } = correlationsOf(type);
  const chosen = links.map((correlation) => {
    const { kind, signal, to } = correlation;
    const off = grafanaUid === undefined || !preferences.kinds.includes(kind);
    const all = off ? [] : candidates(exchange, grafanaUid, to, preferences.apps[signal]);
    return { correlation, ...taken(correlation, all) };
  });
  const generated = chosen.flatMap(({ correlation, targets }) => {
    return hasOne(targets) ? [[correlation.key, correlation.value(targets, preferences)] as const] : [];
  });
  const byCrosslink = generated.length === 0 ? {} : { ...before, ...Object.fromEntries(generated), ...after };
  const jsonData = mergePatch(byCrosslink, preferences.jsonData);
  const kinds = chosen.map((one) => ({ ...one, written: uidsIn(jsonData[one.correlation.key]) }));
  return { kinds, jsonData: Object.keys(jsonData).length === 0 ? null : jsonData };
}

/** Takes as many as there is room for. */
function taken({ room }: Correlation, all: readonly Target[]): Pick<LinksOfKind, 'targets' | 'equals'> {
  const places = room === 'one' ? [all] : [...Map.groupBy(all, ({ app }) => app).values()];
  const filled = places.filter(hasOne);
  return {
    targets: filled.map(([first]) => first),
    equals: new Map(filled.map(([first, ...others]) => [first.uid, others])),
  };
}

function hasOne(targets: readonly Target[]): targets is Targets {
  return targets.length > 0;
}

/** Every UID that stands in a `datasourceUid` somewhere in the value. */
function uidsIn(value: Json | undefined): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return [...new Set(value.flatMap((member: Json) => uidsIn(member)))];
  if (!isObject(value)) return [];
  const { datasourceUid } = value;
  return typeof datasourceUid === 'string' && datasourceUid !== '' ? [datasourceUid] : [];
}
