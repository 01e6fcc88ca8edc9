import { cosV0, ourGateway, twoGrafanas } from '../healthy.ts';
import type { ComposedModel } from '../juju-format.ts';
import { bagOf, exchanged, grafanaUid, nameOf, sourceData } from '../models.ts';
import { type Fault, setFields, setLinks } from './fault.ts';

/** Where links lead. */
export const links: readonly Fault[] = [
  {
    what: 'a link to a datasource of another Grafana',
    world: twoGrafanas,
    plant: (cos) => {
      // Mimir leaves graf2, and Tempo goes on sending the same to both.
      cos.relations = cos.relations.filter(({ ends: [a, b] }) => !(a.app === 'mimir' && b.app === 'graf2'));
      bagOf(cos, 'mimir:send-datasource', 'tempo').appData = exchanged([
        'prometheus',
        nameOf('mimir', 0),
        grafanaUid,
      ]);
    },
    found: ['uid-of-other-grafana tempo grafana_source_data.extra_fields.serviceMap.datasourceUid'],
  },
  {
    what: 'a link to a UID that no Grafana handed out',
    world: ourGateway,
    plant: (cos) => {
      setLinks(
        cos,
        (links) => {
          links.serviceMap = { datasourceUid: 'mimir-9-00000000' };
        },
        'gateway',
      );
    },
    found: ['uid-unknown tempo grafana_source_data.extra_fields.serviceMap.datasourceUid'],
  },
  {
    what: 'a link to a unit that Grafana knows no longer, by the name that it had',
    world: cosV0,
    plant: (cos) => {
      setLinks(cos, (links) => {
        links.serviceMap = { datasourceUid: nameOf('mimir', 3) };
      });
    },
    found: ['uid-unknown tempo grafana_source_data.extra_fields.serviceMap.datasourceUid'],
  },
  {
    what: 'a link by name where Grafana hands out UIDs',
    world: ourGateway,
    plant: (cos) => {
      setLinks(
        cos,
        (links) => {
          links.serviceMap = { datasourceUid: nameOf('mimir', 0) };
        },
        'gateway',
      );
    },
    found: ['name-as-uid tempo grafana_source_data.extra_fields.serviceMap.datasourceUid'],
  },
  {
    what: 'a link to a UID of more than 40 characters',
    world: ourGateway,
    plant: (cos) => {
      setLinks(
        cos,
        (links) => {
          links.serviceMap = { datasourceUid: 'x'.repeat(41) };
        },
        'gateway',
      );
    },
    found: ['uid-too-long tempo grafana_source_data.extra_fields.serviceMap.datasourceUid'],
  },
  {
    what: 'a link to a datasource of the wrong type',
    world: cosV0,
    plant: (cos) => {
      setLinks(cos, (links) => {
        links.tracesToLogsV2 = { datasourceUid: nameOf('mimir', 0) };
      });
    },
    found: ['link-wrong-type tempo grafana_source_data.extra_fields.tracesToLogsV2.datasourceUid'],
  },
  {
    what: "one of several exemplars' destinations in another Grafana",
    world: twoGrafanas,
    plant: (cos) => {
      // Tempo leaves graf2, and Mimir goes on sending the same to both.
      cos.relations = cos.relations.filter(({ ends: [a, b] }) => !(a.app === 'tempo' && b.app === 'graf2'));
      bagOf(cos, 'tempo:receive-datasource', 'mimir').appData = exchanged([
        'tempo',
        nameOf('tempo', 0),
        grafanaUid,
      ]);
      for (const grafana of ['grafana', 'graf2']) {
        setFields(cos, 'mimir', grafana, (fields) => {
          fields.exemplarTraceIdDestinations = [
            { name: 'elsewhere', url: 'http://tracing.example' },
            { name: 'traceID', datasourceUid: nameOf('tempo', 0) },
          ];
        });
      }
    },
    found: [
      'uid-of-other-grafana mimir grafana_source_data.extra_fields.exemplarTraceIdDestinations[1].datasourceUid',
    ],
  },
  {
    what: 'one of several derived fields that leads to a unit which Grafana knows no longer',
    world: cosV0,
    plant: (cos) => {
      setFields(cos, 'loki', 'grafana', (fields) => {
        fields.derivedFields = [0, 7].map((unit) => ({
          name: 'traceID',
          datasourceUid: nameOf('tempo', unit),
        }));
      });
    },
    found: ['uid-unknown loki grafana_source_data.extra_fields.derivedFields[1].datasourceUid'],
  },
  {
    what: 'one of several derived fields that leads to something else than traces',
    world: cosV0,
    plant: (cos) => {
      setFields(cos, 'loki', 'grafana', (fields) => {
        fields.derivedFields = ['tempo', 'mimir'].map((app) => ({
          name: 'x',
          datasourceUid: nameOf(app, 0),
        }));
      });
    },
    found: ['link-wrong-type loki grafana_source_data.extra_fields.derivedFields[1].datasourceUid'],
  },
  {
    what: 'data links of an Elasticsearch that lead to something else than traces',
    world: cosV0,
    plant: (cos) => {
      // Of what the doctor takes for an Elasticsearch, since it says so.
      bagOf(cos, 'alertmanager:grafana-source', 'grafana').appData.grafana_source_data = sourceData(
        'alertmanager',
        'elasticsearch',
        { dataLinks: [{ field: 'trace.id', datasourceUid: nameOf('loki', 0) }] },
      );
    },
    found: ['link-wrong-type alertmanager grafana_source_data.extra_fields.dataLinks[0].datasourceUid'],
  },
  ...['jaeger', 'zipkin'].map((type) => ({
    what: `a ${type} whose logs are metrics`,
    world: cosV0,
    plant: (cos: ComposedModel) => {
      bagOf(cos, 'alertmanager:grafana-source', 'grafana').appData.grafana_source_data = sourceData(
        'alertmanager',
        type,
        {
          tracesToLogsV2: { datasourceUid: nameOf('mimir', 0) },
          tracesToMetrics: { datasourceUid: nameOf('mimir', 0) },
        },
      );
    },
    found: ['link-wrong-type alertmanager grafana_source_data.extra_fields.tracesToLogsV2.datasourceUid'],
  })),
];
