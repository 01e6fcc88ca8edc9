import type { JsonObject } from '../../relations/python-json.ts';
import type { Correlations, Targets } from './correlation.ts';
import { tracingTypes } from './tracing.ts';

/**
 * The shapes in which log lines hold the id of a trace. The first is that of Canonical's Loki charm, with its name.
 * Grafana takes fields of one name for one field with several links, under the first one's expression: so each shape
 * has a name of its own, the same for ever, and each tracing peer is one link of it.
 */
const shapes: readonly JsonObject[] = [
  { name: 'traceID', matcherRegex: '(?:traceID|trace_id|tid)=(\\w+)' },
  { name: 'traceID (JSON)', matcherRegex: '"trace[_.]?[iI][dD]"\\s*:\\s*"(\\w+)"' },
  // Loki's structured metadata, where logs come over OTLP. Grafana before 10.2 finds nothing with it.
  { name: 'traceID (label)', matcherRegex: 'trace_id', matcherType: 'label' },
];

/**
 * What a Loki datasource can link to: from the id in a log line to the trace.
 * @see canonical/loki-operators: coordinator/src/charm.py
 * @see grafana/grafana: docs/sources/datasources/loki/configure-loki-data-source.md
 */
export const loki: Correlations = {
  links: [
    {
      kind: 'logs-to-traces',
      signal: 'traces',
      to: tracingTypes,
      room: 'each application',
      key: 'derivedFields',
      value: (targets) => shapes.flatMap((shape) => derivedFields(shape, targets)),
    },
  ],
};

/** With a single tracing peer the link has the label that the Python charm gives it. */
function derivedFields({ name, ...matcher }: JsonObject, targets: Targets): JsonObject[] {
  return targets.map(({ uid, app }) => ({
    datasourceUid: uid,
    ...matcher,
    name: name ?? '',
    url: '${__value.raw}',
    urlDisplayLabel: targets.length === 1 ? 'View trace' : `View trace in ${app}`,
  }));
}
