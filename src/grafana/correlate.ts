import type { GrafanaClient } from './client.ts';
import { type GrafanaApiError, isGrafanaApiError } from './errors.ts';
import { type CorrelationStep, correlationName, ownCorrelationKind } from './provisioner/correlation-plan.ts';
import { concernsAll } from './provisioner/provision.ts';

/** One correlation that was written. */
export interface CorrelationChange {
  readonly kind: 'created' | 'updated' | 'deleted';
  readonly sourceUid: string;
  readonly targetUid: string;
  readonly correlation: string;
}

export interface CorrelationResult {
  readonly changes: readonly CorrelationChange[];
  /** By {@link correlationName}. */
  readonly failures: ReadonlyMap<string, GrafanaApiError>;
}

/**
 * Carries out a plan, step by step, as `provision` does with datasources.
 * @param missing - UIDs of datasources that could not be written: what leads from or to them waits
 * @throws what is not a {@link GrafanaApiError}: a bug
 */
export async function correlate(
  grafana: GrafanaClient,
  steps: readonly CorrelationStep[],
  missing: ReadonlyMap<string, unknown>,
): Promise<CorrelationResult> {
  const changes: CorrelationChange[] = [];
  const failures = new Map<string, GrafanaApiError>();
  let fatal: GrafanaApiError | undefined;
  for (const step of steps) {
    const { sourceUid, targetUid, kind: correlation } = step;
    if (missing.has(sourceUid) || missing.has(targetUid)) continue;
    if (fatal !== undefined) {
      failures.set(correlationName(step), fatal);
      continue;
    }
    try {
      const kind = await carryOut(grafana, step);
      if (kind !== undefined) changes.push({ kind, sourceUid, targetUid, correlation });
    } catch (error) {
      if (!isGrafanaApiError(error)) throw error;
      failures.set(correlationName(step), error);
      if (concernsAll(error)) fatal = error;
    }
  }
  return { changes, failures };
}

/** @returns what was written, if anything: it may be gone by now, or be somebody else's */
async function carryOut(
  grafana: GrafanaClient,
  step: CorrelationStep,
): Promise<CorrelationChange['kind'] | undefined> {
  const { sourceUid, targetUid } = step;
  if (step.step === 'create') {
    // Should its answer get lost, the next hook finds it in the list.
    await grafana.createCorrelation(sourceUid, targetUid, step.content);
    return 'created';
  }
  const held = await grafana.getCorrelation(sourceUid, step.uid);
  if (held === undefined || ownCorrelationKind(held, step.gateway) === undefined) return undefined;
  if (step.step === 'delete')
    return (await grafana.deleteCorrelation(sourceUid, step.uid)) ? 'deleted' : undefined;
  await grafana.updateCorrelation(sourceUid, step.uid, step.content);
  return 'updated';
}
