import { pythonJson } from '../../../../src/relations/python-json.ts';
import { cosV0, twoGrafanas } from '../healthy.ts';
import { bagOf, exchanged, grafanaUid, nameOf, sourceData, tenant, U } from '../models.ts';
import { type Fault, setLinks } from './fault.ts';

/** How databags are written, whatever they say. */
export const databags: readonly Fault[] = [
  {
    what: 'an answer that is no JSON',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'grafana:grafana-source', 'alertmanager').appData.datasource_uids = '{"alertmanager/0": ';
    },
    found: ['databag-invalid grafana datasource_uids'],
  },
  {
    what: 'a registration that says less than it must',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'alertmanager:grafana-source', 'grafana').appData.grafana_source_data =
        '{"type": "alertmanager"}';
    },
    found: [
      'databag-invalid alertmanager grafana_source_data.application',
      'databag-invalid alertmanager grafana_source_data.model',
      'databag-invalid alertmanager grafana_source_data.model_uuid',
    ],
  },
  {
    what: 'one bad entry among those that a peer shares',
    world: cosV0,
    plant: (cos) => {
      const loki = bagOf(cos, 'loki:send-datasource', 'tempo').appData;
      loki.datasources = loki.datasources?.replace(
        ']',
        ',{"type":"loki","uid":5,"grafana_uid":"x"}]',
      ) as string;
    },
    found: ['databag-invalid loki datasources[1].uid'],
  },
  {
    what: 'units in an order that is left to chance',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'grafana:grafana-source', 'mimir').appData.datasource_uids = pythonJson({
        'mimir/2': nameOf('mimir', 2),
        'mimir/0': nameOf('mimir', 0),
        'mimir/1': nameOf('mimir', 1),
      });
    },
    found: ['databag-unordered grafana datasource_uids'],
  },
  {
    what: 'equal UIDs of two Grafanas in an order that is left to chance',
    world: twoGrafanas,
    plant: (cos) => {
      bagOf(cos, 'mimir:send-datasource', 'tempo').appData = exchanged(
        ['prometheus', nameOf('mimir', 0), grafanaUid],
        ['prometheus', nameOf('mimir', 0), `juju_cos_${U}_graf2_0`],
      );
    },
    found: ['databag-unordered mimir datasources'],
  },
  {
    what: 'extra fields as text, which the Python charm of Grafana fails on',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'alertmanager:grafana-source', 'grafana').appData.grafana_source_data = sourceData(
        'alertmanager',
        'alertmanager',
        '{"implementation": "prometheus"}',
      );
    },
    found: ['extra-fields-unsafe alertmanager grafana_source_data.extra_fields'],
  },
  {
    what: 'a timeout with a unit, which the Python charm of Grafana fails on',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'alertmanager:grafana-source', 'grafana').appData.grafana_source_data = sourceData(
        'alertmanager',
        'alertmanager',
        { timeout: '5m' },
      );
    },
    found: ['extra-fields-unsafe alertmanager grafana_source_data.extra_fields.timeout'],
  },
  {
    what: 'a variable that Grafana would fill in itself',
    world: cosV0,
    plant: (cos) => {
      setLinks(cos, (links) => {
        links.tracesToLogsV2 = { datasourceUid: nameOf('loki', 0), query: '|= "${__span.traceId}"' };
      });
    },
    found: ['dollar-not-escaped tempo grafana_source_data.extra_fields.tracesToLogsV2.query'],
  },
  {
    what: 'a secret in clear text',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'mimir:grafana-source', 'grafana').appData.grafana_source_data = sourceData(
        'mimir',
        'prometheus',
        tenant.name,
        { ...tenant.value, basicAuthPassword: 'hunter2' },
      );
    },
    found: ['plaintext-secret mimir grafana_source_data.secure_extra_fields.basicAuthPassword'],
  },
];
