import type { ComposedModel } from '../juju-format.ts';
import { bagOf } from '../models.ts';

export interface Fault {
  readonly what: string;
  /** A healthy world. */
  readonly world: () => ComposedModel[];
  readonly plant: (cos: ComposedModel, all: readonly ComposedModel[]) => void;
  /** Every finding: code, who wrote it, key and path, in the order of the report. */
  readonly found: readonly string[];
}

/** Changes what Tempo wrote to a Grafana. */
export function setLinks(
  cos: ComposedModel,
  change: (links: Record<string, unknown>) => void,
  grafana = 'grafana',
): void {
  setFields(cos, 'tempo', grafana, change);
}

/** Changes what an application wrote to a Grafana. */
export function setFields(
  cos: ComposedModel,
  app: string,
  grafana: string,
  change: (fields: Record<string, unknown>) => void,
): void {
  const { appData } = bagOf(cos, `${app}:grafana-source`, grafana);
  const data = JSON.parse(appData.grafana_source_data ?? '') as {
    extra_fields: Record<string, unknown> | null;
  };
  data.extra_fields ??= {};
  change(data.extra_fields);
  appData.grafana_source_data = JSON.stringify(data);
}
