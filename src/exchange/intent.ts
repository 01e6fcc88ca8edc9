import type { DatabagChanges, SettableStatus } from '#lib/juju';
import type { CorrelationStep, ProvisionStep } from '#src/grafana/provisioner';
import type { SecretIntent } from './secret-view.ts';

/** A write to one of this application's own databags: only keys that differ, `''` deletes. */
export interface DatabagIntent {
  readonly relationId: number;
  readonly bag: 'app' | 'unit';
  readonly changes: DatabagChanges;
  /**
   * Datasources that must be in Grafana first, and steps of correlations by name: if one of them failed, this is not
   * written.
   */
  readonly needs: readonly string[];
}

/** All that one hook is to do, in the order: Grafana, secret, databags, status. */
export interface Intent {
  readonly provision: readonly ProvisionStep[];
  /** What comes after that, between those datasources. */
  readonly correlations: readonly CorrelationStep[];
  readonly secret: SecretIntent | null;
  readonly databags: readonly DatabagIntent[];
  /** What to show when all of the above works; null when the unit shows it already. */
  readonly status: { readonly status: SettableStatus; readonly message: string } | null;
}
