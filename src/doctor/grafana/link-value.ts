import { defaultPreferences } from '#src/exchange';
import type { Correlation, LinkOptions, Target } from '../../exchange/correlations/correlation.ts';
import { isObject } from '../../exchange/merge-patch.ts';
import type { Json } from '../../relations/python-json.ts';
import { isOfJuju } from './labels.ts';
import type { LiveDatasource } from './live-grafana.ts';

export type LiveTargets = readonly [LiveDatasource, ...LiveDatasource[]];

/**
 * What crosslink would write for a link. Between datasources that charms made, spans and what they lead to have the
 * labels of Juju's topology in common. Elsewhere nobody puts those on anything: a link that asks for them would be
 * shown on no span. What OpenTelemetry puts on every span is the name of its service.
 */
export function linkValue(correlation: Correlation, from: LiveDatasource, targets: LiveTargets): Json {
  const [first, ...others] = targets;
  const ofJuju = [from, ...targets].every(isOfJuju);
  const options = ofJuju ? defaultPreferences : elsewhere(first);
  const value = correlation.value([targetOf(first), ...others.map(targetOf)], options);
  // The table has no options for profiles.
  if (ofJuju || correlation.kind !== 'traces-to-profiles' || value === null || !isObject(value)) return value;
  return { ...value, tags: [profilesTag] };
}

function targetOf({ name, uid, type }: LiveDatasource): Target {
  return { app: name, uid, type };
}

function elsewhere({ type }: LiveDatasource): LinkOptions {
  return {
    // Elasticsearch and OpenSearch are asked for the id of the trace alone.
    tracesToLogs: type === 'loki' ? { tags: [logsTag] } : {},
    tracesToMetrics: { tags: [metricsTag] },
  };
}

/** The label that Loki gives everything since 3.0, and OTLP's logs before. */
const logsTag = { key: 'service.name', value: 'service_name' };
/** The label that Tempo's metrics generator writes, which the service map is drawn from as well. */
const metricsTag = { key: 'service.name', value: 'service' };
const profilesTag = { key: 'service.name', value: 'service_name' };
