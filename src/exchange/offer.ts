import type { DatabagChanges } from '#lib/juju';
import {
  generationOf,
  offerAppDatabag,
  offerCorrelationsDatabag,
  offeredUrls,
  offerUnitDatabag,
} from '#src/relations/grafana-datasource';
import { askedCorrelations } from './api-correlations.ts';
import { linksIn } from './links.ts';
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
  const { asApplication, asUnit } = form(self, datasource, relation);
  const { grafanaUid, takesCorrelations } = relation.answer;
  const asked = takesCorrelations ? askedCorrelations(datasource, exchange, grafanaUid) : [];
  return {
    app: {
      ...offerAppDatabag({
        model: self.model,
        modelUuid: self.modelUuid,
        application: self.app,
        type: datasource.type,
        extraFields: linksIn(datasource, exchange, grafanaUid).jsonData,
        secureExtraFields: null,
        appUrl: asApplication ? datasource.url : undefined,
      }),
      ...offerCorrelationsDatabag(asked.map(({ correlation }) => correlation)),
    },
    unit: offerUnitDatabag(asUnit ? datasource.url : undefined),
  };
}

/** Takes everything back, for an application that is no datasource any more. */
export const noOffer: { app: DatabagChanges; unit: DatabagChanges } = {
  app: { grafana_source_data: '', grafana_source_app_host: '', ...offerCorrelationsDatabag([]) },
  unit: offerUnitDatabag(undefined),
};

/**
 * In which of the interface's two forms to register. A single datasource offers both until Grafana's answer shows
 * which one it reads, and then keeps that one: a Grafana that reads both would otherwise make two datasources. What is
 * answered to another offer than this shows nothing, see adr/004.
 */
function form(
  self: Self,
  { perUnit, url }: DatasourceView,
  { answer, localAppData, localUnitData }: GrafanaRelation,
): { asApplication: boolean; asUnit: boolean } {
  if (perUnit) return { asApplication: false, asUnit: true };
  switch (generationOf(answer)) {
    case 'not known yet':
      return { asApplication: true, asUnit: self.leader };
    case 'per-application':
      return { asApplication: true, asUnit: false };
    case 'per-unit': {
      const named = Object.keys(answer.datasourceUids ?? {});
      // By its number: across models Grafana has another name for the application.
      const isOwn = named.length === 1 && named[0]?.endsWith(`/${self.unitNumber}`) === true;
      if (!isOwn) return { asApplication: true, asUnit: self.leader };
      const said = offeredUrls(localAppData ?? {}, localUnitData);
      const isAnswered = said.unit === url || (said.unit ?? said.app) === undefined;
      // Of a unit that was one of its own by another URL: the application alone, until Grafana has forgotten it.
      return { asApplication: !isAnswered, asUnit: self.leader && isAnswered };
    }
  }
}
