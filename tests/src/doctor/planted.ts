import { pythonJson } from '../../../src/relations/python-json.ts';
import { cosV0, cosV1, crossModel, mixed, ourGateway, twoGrafanas } from './healthy.ts';
import type { ComposedModel } from './juju-format.ts';
import { answer, bagOf, exchanged, model, nameOf, relate, sourceData, tenant, U } from './models.ts';

export interface Fault {
  readonly what: string;
  /** A healthy world. */
  readonly world: () => ComposedModel[];
  readonly plant: (cos: ComposedModel, all: readonly ComposedModel[]) => void;
  /** Every finding: code, who wrote it, key and path, in the order of the report. */
  readonly found: readonly string[];
}

const grafanaUid = `juju_cos_${U}_grafana_0`;

export const faults: readonly Fault[] = [
  {
    what: 'a relation on which nobody has written anything',
    world: cosV0,
    plant: (cos) => {
      Object.assign(
        cos.applications,
        model('x', { a: ['some-charm', 1], b: ['other-charm', 1] }).applications,
      );
      relate(cos, 'grafana_datasource', ['a:source', { numbers: [] }], ['b:target', { numbers: [] }]);
    },
    found: ['nothing-written a'],
  },
  {
    what: 'an application that registers nothing',
    world: cosV0,
    plant: (cos) => {
      const loki = bagOf(cos, 'loki:grafana-source', 'grafana');
      loki.appData = {};
      for (const unit of Object.values(loki.units)) unit.data = {};
      bagOf(cos, 'grafana:grafana-source', 'loki').appData = {};
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = { datasources: '[]' };
      setLinks(cos, (links) => {
        delete links.tracesToLogsV2;
      });
    },
    found: ['source-silent loki grafana_source_data'],
  },
  {
    what: 'an application without an address',
    world: cosV0,
    plant: (cos) => {
      for (const unit of Object.values(bagOf(cos, 'alertmanager:grafana-source', 'grafana').units))
        unit.data = {};
      bagOf(cos, 'grafana:grafana-source', 'alertmanager').appData.datasource_uids = '{}';
    },
    found: ['source-without-url alertmanager grafana_source_host'],
  },
  {
    what: 'a Grafana that does not answer',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'grafana:grafana-source', 'alertmanager').appData = {};
    },
    found: ['grafana-silent grafana'],
  },
  {
    what: 'a Grafana that does not say who it is',
    world: cosV0,
    plant: (cos) => {
      delete bagOf(cos, 'grafana:grafana-source', 'alertmanager').appData.grafana_uid;
    },
    found: ['grafana-without-uid grafana grafana_uid'],
  },
  {
    what: 'an application of the second generation at a Grafana of the first',
    world: cosV1,
    plant: (cos) => {
      delete bagOf(cos, 'grafana:grafana-source', 'loki').appData.app_datasource_uid;
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = { datasources: '[]' };
      setLinks(cos, (links) => {
        delete links.tracesToLogsV2;
      });
    },
    found: ['generation-mismatch grafana datasource_uids'],
  },
  {
    what: 'a unit that Grafana gave nothing',
    world: cosV0,
    plant: (cos) => {
      cos.applications.alertmanager = {
        charm: 'alertmanager-k8s',
        units: model('x', { alertmanager: ['alertmanager-k8s', 2] }).applications.alertmanager?.units ?? {},
      };
      bagOf(cos, 'alertmanager:grafana-source', 'grafana').units['alertmanager/1'] = {
        inScope: true,
        data: { grafana_source_host: 'http://alertmanager-1:9093' },
      };
    },
    found: ['unit-without-uid grafana datasource_uids'],
  },
  {
    what: 'a peer that publishes nothing, not even an empty list',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = {};
    },
    found: ['exchange-silent loki datasources'],
  },
  {
    what: 'an empty exchange, because only the UIDs of units are read',
    world: cosV1,
    plant: (cos) => {
      bagOf(cos, 'mimir:send-datasource', 'tempo').appData = { datasources: '[]' };
    },
    found: ['exchange-one-generation mimir datasources'],
  },
  {
    what: 'a peer that keeps a UID to itself',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'mimir:send-datasource', 'tempo').appData = exchanged(
        ['prometheus', nameOf('mimir', 0), grafanaUid],
        ['prometheus', nameOf('mimir', 2), grafanaUid],
      );
    },
    found: ['exchange-incomplete mimir datasources'],
  },
  {
    what: 'a Grafana that is still called after a former leader',
    world: cosV0,
    plant: (cos) => {
      cos.applications.grafana = {
        charm: 'grafana-k8s',
        units: {
          'grafana/0': { leader: false, status: 'active', message: '' },
          'grafana/1': { leader: true, status: 'active', message: '' },
        },
      };
    },
    found: ['grafana-uid-changed grafana grafana_uid'],
  },
  {
    what: 'a Grafana that has another name on one relation, since its leader changed',
    world: cosV0,
    plant: (cos) => {
      cos.applications.grafana = {
        charm: 'grafana-k8s',
        units: {
          'grafana/0': { leader: true, status: 'active', message: '' },
          'grafana/1': { leader: false, status: 'active', message: '' },
        },
      };
      bagOf(cos, 'grafana:grafana-source', 'alertmanager').appData.grafana_uid = `juju_cos_${U}_grafana_1`;
    },
    found: ['grafana-uid-changed grafana grafana_uid'],
  },
  {
    what: 'a peer that still uses the name that Grafana had under its former leader',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = exchanged([
        'loki',
        nameOf('loki', 0),
        `juju_cos_${U}_grafana_7`,
      ]);
    },
    found: ['grafana-uid-changed loki datasources'],
  },
  {
    what: 'a UID of a unit that is gone',
    world: cosV0,
    plant: (cos) => {
      delete cos.applications.alertmanager?.units['alertmanager/0'];
      bagOf(cos, 'alertmanager:grafana-source', 'grafana').units = {};
      Object.assign(cos.applications.alertmanager?.units ?? {}, {
        'alertmanager/1': { leader: true, status: 'active', message: '' },
      });
      bagOf(cos, 'alertmanager:grafana-source', 'grafana').units['alertmanager/1'] = {
        inScope: true,
        data: { grafana_source_host: 'http://alertmanager-1:9093' },
      };
      bagOf(cos, 'grafana:grafana-source', 'alertmanager').appData = answer(
        { 'alertmanager/0': nameOf('alertmanager', 0), 'alertmanager/1': nameOf('alertmanager', 1) },
        grafanaUid,
      );
    },
    found: ['stale-unit grafana datasource_uids.alertmanager/0'],
  },
  {
    what: 'a UID of a unit that is about to leave',
    world: cosV0,
    plant: (cos) => {
      const mimir = bagOf(cos, 'mimir:grafana-source', 'grafana').units['mimir/2'];
      if (mimir !== undefined) Object.assign(mimir, { inScope: false, data: {} });
    },
    found: ['stale-unit grafana datasource_uids.mimir/2'],
  },
  {
    what: 'a UID of a unit that registers no longer: only the leader does',
    world: cosV0,
    plant: (cos) => {
      const mimir = bagOf(cos, 'mimir:grafana-source', 'grafana').units['mimir/1'];
      if (mimir !== undefined) mimir.data = {};
    },
    found: ['stale-unit grafana datasource_uids.mimir/1'],
  },
  {
    what: 'a UID of a unit that is gone, of an application in another model',
    world: crossModel,
    plant: (_, [cos, apm]) => {
      for (const [model, source, grafana] of [
        [cos, 'remote-0123456789abcdef0123456789abcdef', 'grafana'],
        [apm, 'tempo', 'graf'],
      ] as const) {
        if (model === undefined) continue;
        const reply = bagOf(model, `${grafana}:grafana-source`, source).appData;
        reply.datasource_uids = (reply.datasource_uids ?? '').replace('/0"', '/4"');
      }
    },
    found: [
      'unit-without-uid grafana datasource_uids',
      'stale-unit grafana datasource_uids.remote-0123456789abcdef0123456789abcdef/4',
    ],
  },
  {
    what: 'a peer that shares a UID in a Grafana that it left',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = exchanged(
        ['loki', nameOf('loki', 0), grafanaUid],
        ['loki', nameOf('loki', 0), 'juju_long_gone'],
      );
    },
    found: ['exchange-outdated loki datasources'],
  },
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
    what: 'a peer that shares a UID that no Grafana handed out',
    world: ourGateway,
    plant: (cos) => {
      const mimir = bagOf(cos, 'mimir:send-datasource', 'tempo').appData;
      mimir.datasources = mimir.datasources?.replace(
        '[',
        `[${JSON.stringify({ type: 'prometheus', uid: 'made-up', grafana_uid: `juju_cos_${U}_gateway` })},`,
      ) as string;
    },
    found: ['uid-unknown mimir datasources'],
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
    what: 'a name that somebody thought of, handed out as a UID',
    world: ourGateway,
    plant: (cos) => {
      bagOf(cos, 'gateway:datasources', 'tempo').appData.datasource_uids = '{"tempo/0": "Tempo (staging)"}';
      bagOf(cos, 'tempo:receive-datasource', 'mimir').appData = exchanged([
        'tempo',
        'Tempo (staging)',
        `juju_cos_${U}_gateway`,
      ]);
    },
    found: ['name-as-uid gateway datasource_uids.tempo/0'],
  },
  {
    what: 'a UID of more than 40 characters, handed out',
    world: ourGateway,
    plant: (cos) => {
      bagOf(cos, 'gateway:datasources', 'tempo').appData.datasource_uids = pythonJson({
        'tempo/0': 'x'.repeat(41),
      });
      bagOf(cos, 'tempo:receive-datasource', 'mimir').appData = exchanged([
        'tempo',
        'x'.repeat(41),
        `juju_cos_${U}_gateway`,
      ]);
    },
    found: ['uid-too-long gateway datasource_uids.tempo/0'],
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
  {
    what: "a peer that shares another one's datasource as its own",
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = exchanged(
        ['loki', nameOf('loki', 0), grafanaUid],
        ['loki', nameOf('mimir', 0), grafanaUid],
      );
    },
    found: ['exchange-foreign loki datasources'],
  },
  {
    what: 'an application that is registered as a whole and by units',
    world: mixed,
    plant: (cos) => {
      const prometheus = bagOf(cos, 'prometheus:grafana-source', 'grafana');
      prometheus.appData.grafana_source_app_host = 'http://prometheus.cos.svc.cluster.local:9090';
      bagOf(cos, 'grafana:grafana-source', 'prometheus').appData.app_datasource_uid = nameOf('prometheus');
      bagOf(cos, 'prometheus:send-datasource', 'tempo').appData = exchanged(
        ['prometheus', nameOf('prometheus'), grafanaUid],
        ['prometheus', nameOf('prometheus', 0), grafanaUid],
        ['prometheus', nameOf('prometheus', 1), grafanaUid],
      );
    },
    found: ['registered-twice grafana app_datasource_uid'],
  },
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
  {
    what: 'a unit whose hooks fail',
    world: cosV0,
    plant: (cos) => {
      Object.assign(cos.applications.loki?.units['loki/0'] ?? {}, {
        status: 'error',
        message: 'hook failed: "send-datasource-relation-changed"',
      });
    },
    found: ['unit-in-error loki'],
  },
];

/** Changes what Tempo wrote to a Grafana. */
function setLinks(
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
