import type { DatabagChanges } from '#lib/juju';
import {
  type GrafanaAnswer,
  generationOf,
  offerAppDatabag,
  offerUnitDatabag,
} from '#src/relations/grafana-datasource';
import type { Json } from '../relations/python-json.ts';
import { correlationsOf } from './correlations/table.ts';
import { candidates } from './pick.ts';
import type { DatasourceView, ExchangeRelation, GrafanaRelation, Self } from './view.ts';

/**
 * What this datasource writes on one relation with a Grafana. The links in `extra_fields` name only datasources
 * of that Grafana.
 */
export function offer(
  self: Self,
  datasource: DatasourceView,
  exchange: readonly ExchangeRelation[],
  relation: GrafanaRelation,
): { app: DatabagChanges; unit: DatabagChanges } {
  const { asApplication, asUnit } = form(self, datasource, relation.answer);
  return {
    app: offerAppDatabag({
      model: self.model,
      modelUuid: self.modelUuid,
      application: self.app,
      type: datasource.type,
      extraFields: links(datasource.type, exchange, relation.answer.grafanaUid),
      secureExtraFields: null,
      appUrl: asApplication ? datasource.url : undefined,
    }),
    unit: offerUnitDatabag(asUnit ? datasource.url : undefined),
  };
}

/** Takes everything back, for an application that is no datasource any more. */
export const noOffer: { app: DatabagChanges; unit: DatabagChanges } = {
  app: { grafana_source_data: '', grafana_source_app_host: '' },
  unit: offerUnitDatabag(undefined),
};

/**
 * In which of the interface's two forms to register. A single datasource offers both until Grafana's answer shows
 * which one it reads, and then keeps that one: a Grafana that reads both would otherwise make two datasources.
 */
function form(
  self: Self,
  { perUnit }: DatasourceView,
  answer: GrafanaAnswer,
): { asApplication: boolean; asUnit: boolean } {
  if (perUnit) return { asApplication: false, asUnit: true };
  const generation = generationOf(answer);
  return {
    asApplication: generation !== 'per-unit',
    asUnit: self.leader && generation !== 'per-application',
  };
}

/** `extra_fields` for one Grafana; null when there is nothing to link to. */
function links(
  type: string,
  exchange: readonly ExchangeRelation[],
  grafanaUid: string | undefined,
): { readonly [key: string]: Json } | null {
  if (grafanaUid === undefined) return null;
  const { withAny, links } = correlationsOf(type);
  const found = links.flatMap(({ to, key, value }) => {
    const [target] = candidates(exchange, grafanaUid, to);
    return target === undefined ? [] : [[key, value(target.uid)] as const];
  });
  return found.length === 0 ? null : { ...withAny, ...Object.fromEntries(found) };
}
