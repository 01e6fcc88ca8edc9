import type { Json } from '../../relations/python-json.ts';

/** The kinds of link, in the order in which they are shown. The words are the same in code, output and docs. */
export const linkKinds = ['service-map', 'traces-to-logs', 'traces-to-metrics'] as const;
export type LinkKind = (typeof linkKinds)[number];

/** One way in which a datasource of some type can point at another. */
export interface Correlation {
  readonly kind: LinkKind;
  /** Grafana plugin ids that Grafana accepts as the target. */
  readonly to: readonly string[];
  /** The key of `jsonData` that holds the link. Its value is an object with `datasourceUid`. */
  readonly key: string;
  /** @returns the value of `key`, dollars as Grafana reads them */
  value(datasourceUid: string): { readonly datasourceUid: string; readonly [field: string]: Json };
}

/** All that datasources of one type can be made to link to. */
export interface Correlations {
  /** Sent along as soon as there is one link, never alone. */
  readonly withAny: Readonly<Record<string, Json>>;
  /** In the order in which their keys are sent. */
  readonly links: readonly Correlation[];
}
