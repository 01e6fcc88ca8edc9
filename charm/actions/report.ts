import type { View } from '#src/exchange';
import type { Outcome } from '../outcome.ts';

/** What `reconcile` did, for programs; stable, since they may rely on it. */
export interface Report {
  readonly unit: string;
  /** A follower provisions nothing and says nothing for its application: see {@link leftToLeader}. */
  readonly leader: boolean;
  readonly datasources: Outcome['datasources'];
  readonly correlations: Outcome['correlations'];
  readonly databags: readonly {
    readonly relation: number;
    readonly endpoint: string;
    readonly remoteApp: string;
    readonly bag: 'app' | 'unit';
    readonly keys: readonly string[];
  }[];
  /** What Grafana did not take. */
  readonly failures: readonly { readonly uid: string; readonly code: string; readonly remedy: string }[];
  readonly status: Outcome['status'];
  /** What this unit may not do; empty for a leader. */
  readonly leftToLeader: readonly string[];
}

export function reportOf(
  view: View,
  { datasources, correlations, databags, failures, status }: Outcome,
): Report {
  const { unit, leader } = view.self;
  return {
    unit,
    leader,
    datasources,
    correlations,
    databags: databags.map(({ relationId, bag, keys }) => ({
      relation: relationId,
      ...relationOf(view, relationId),
      bag,
      keys,
    })),
    failures: [...failures].map(([uid, { code, remedy }]) => ({ uid, code, remedy })),
    status,
    leftToLeader: leader ? [] : leftToLeader(view),
  };
}

function relationOf({ self, grafanas, exchange, sources }: View, relationId: number) {
  const all = [
    ...grafanas.map((one) => ({ ...one, endpoint: 'grafana-source' })),
    ...exchange,
    ...(sources ?? []).map((one) => ({ ...one, endpoint: 'datasources' })),
  ];
  const found = all.find((one) => one.relationId === relationId);
  // The peer relation is the only one left.
  return { endpoint: found?.endpoint ?? 'crosslink', remoteApp: found?.remoteApp ?? self.app };
}

function leftToLeader({ gateway, datasource }: View): string[] {
  return [
    ...(gateway === null ? [] : ['provisioning datasources into Grafana, and answering who registered them']),
    ...(datasource === null ? [] : ['registering the application, its links, and telling peers its UIDs']),
  ];
}
