import type { LiveDatasource, LiveGrafana } from '../../../../src/doctor/grafana/index.ts';
import type { JsonObject } from '../../../../src/relations/python-json.ts';

/** A datasource whose name is `Name of <uid>` unless it says otherwise. */
export type Given = Partial<LiveDatasource> & { readonly uid: string; readonly type: string };

export function grafanaOf(...datasources: readonly Given[]): LiveGrafana {
  return {
    url: 'http://grafana.example',
    version: '12.1.0',
    org: 'Main Org.',
    datasources: datasources.map((one, i) => ({
      id: i + 1,
      name: `Name of ${one.uid}`,
      isDefault: false,
      readOnly: false,
      jsonData: {},
      ...one,
    })),
  };
}

export const prometheus: Given = { uid: 'prom', type: 'prometheus', jsonData: { httpMethod: 'POST' } };
export const loki: Given = { uid: 'loki', type: 'loki', jsonData: {} };
export const pyroscope: Given = { uid: 'pyro', type: 'grafana-pyroscope-datasource' };

export function tempo(jsonData: JsonObject, more: Partial<LiveDatasource> = {}): Given {
  return { uid: 'tempo', type: 'tempo', jsonData, ...more };
}

/** Every kind of link that this one can have leads to a datasource that is there. */
export const wellLinked: JsonObject = {
  serviceMap: { datasourceUid: 'prom' },
  tracesToLogsV2: { datasourceUid: 'loki' },
  tracesToMetrics: { datasourceUid: 'prom' },
  tracesToProfiles: { datasourceUid: 'pyro' },
};

/** A Grafana with nothing to say about. */
export function healthy(): LiveGrafana {
  return grafanaOf(
    {
      ...prometheus,
      jsonData: { exemplarTraceIdDestinations: [{ name: 'traceID', datasourceUid: 'tempo' }] },
    },
    {
      ...loki,
      jsonData: {
        derivedFields: [{ name: 'a', matcherRegex: 'b', url: '${__value.raw}', datasourceUid: 'tempo' }],
      },
    },
    pyroscope,
    tempo(wellLinked),
  );
}
