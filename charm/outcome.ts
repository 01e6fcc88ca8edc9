import type { Status } from '#lib/juju';
import type { DatabagIntent } from '#src/exchange';
import type { CorrelationChange, GrafanaApiError } from '#src/grafana';
import type { DatasourceChange } from '#src/grafana/provisioner';

/** What one hook did, for those who are to be told. Values of databags aren't in it: they can hold secrets. */
export interface Outcome {
  /** In Grafana, in the order in which it was done. */
  readonly datasources: readonly DatasourceChange[];
  /** The same of correlations. */
  readonly correlations: readonly CorrelationChange[];
  readonly databags: readonly (Pick<DatabagIntent, 'relationId' | 'bag'> & {
    readonly keys: readonly string[];
  })[];
  /**
   * By datasource uid, or by what a correlation goes by: what Grafana did not take. What depends on it was not written.
   */
  readonly failures: ReadonlyMap<string, GrafanaApiError>;
  /** What the unit shows now. */
  readonly status: Pick<Status, 'status' | 'message'> & { readonly changed: boolean };
}
