import {
  type CorrelationStep,
  correlationName,
  type DesiredCorrelation,
  planCorrelations,
} from '#src/grafana/provisioner';
import {
  isTakingCorrelations,
  type SourceCorrelation,
  takesNoCorrelations,
} from '#src/relations/grafana-datasource';
import type { GatewayView, SourceRelation } from './gateway-view.ts';
import type { DatabagIntent } from './intent.ts';

/** What a gateway is to do with Grafana's Correlations API. */
export interface CorrelationsIntent {
  readonly steps: readonly CorrelationStep[];
  /** Whether those who register are to be told that correlations are made here. */
  readonly announced: boolean;
  /** Takes that back where it was said, once none is left. */
  readonly databags: readonly DatabagIntent[];
  /** How many there are to be; null where there is no word about them. */
  readonly total: number | null;
}

const nothing: CorrelationsIntent = { steps: [], announced: false, databags: [], total: null };

/** What one relation asks for, and under which UIDs its datasources are in Grafana. */
export interface Asking {
  readonly sourceUids: readonly string[];
  /** Null: it can't be read, which is no reason to take away what there was. */
  readonly correlations: readonly SourceCorrelation[] | null;
}

/**
 * Correlations lead only from what asks for them to what this gateway made. That some may be there stands in what was
 * answered: a gateway that never said that it makes any does not look.
 * @param present - UIDs of the gateway's own datasources, as they will be
 * @param unreadable - UIDs of those that nobody knows what to do about
 */
export function decideCorrelations(
  { correlations: wanted = false, marker, work }: GatewayView,
  sources: readonly SourceRelation[],
  asking: readonly Asking[],
  present: ReadonlySet<string>,
  unreadable: ReadonlySet<string>,
): CorrelationsIntent {
  const seen = work?.correlations ?? null;
  if (seen === null || seen.state === 'failed') return nothing;
  const announced = wanted && seen.state === 'ok';
  const held = seen.state === 'ok' ? seen.held : [];
  const silent = asking.flatMap(({ sourceUids, correlations }) => (correlations === null ? sourceUids : []));
  const { steps, total } = planCorrelations({
    gateway: marker,
    desired: announced ? asking.flatMap(desired) : [],
    held,
    present,
    keep: announced ? new Set([...unreadable, ...silent]) : new Set(),
  });
  if (announced) return { steps, announced, databags: [], total };
  const needs = steps.map(correlationName);
  const databags = sources
    .filter(({ localAppData }) => isTakingCorrelations(localAppData))
    .map(
      ({ relationId }): DatabagIntent => ({ relationId, bag: 'app', changes: takesNoCorrelations, needs }),
    );
  return { steps, announced, databags, total: null };
}

function desired({ sourceUids, correlations }: Asking): DesiredCorrelation[] {
  return sourceUids.flatMap((sourceUid) =>
    (correlations ?? []).map(({ target, kind, label, description, field, query, transformations }) => ({
      sourceUid,
      targetUid: target,
      kind,
      content: { label, description, config: { field, target: query, transformations } },
    })),
  );
}

/** What the operator is to know about them, for the end of a status line. */
export function correlationsNote({ correlations: wanted = false, work }: GatewayView): string {
  if (!wanted || work?.correlations?.state !== 'unsupported') return '';
  return '; no correlations: their API is missing or too old there, Grafana 10.2 has it';
}
