import type { Status, StatusName } from './hook-tools.ts';

/** Most pressing first, as the ops library ranks what a charm collects. */
const ranks: readonly StatusName[] = ['error', 'blocked', 'maintenance', 'waiting', 'active', 'unknown'];

/**
 * @returns the most pressing of several statuses, the first of equals; undefined when there are none
 * @see canonical/operator: ops/charm.py (CollectStatusEvent)
 */
export function worstStatus<S extends Status>(statuses: Iterable<S>): S | undefined {
  return [...statuses].sort((a, b) => ranks.indexOf(a.status) - ranks.indexOf(b.status))[0];
}
