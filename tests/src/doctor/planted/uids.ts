import { pythonJson } from '../../../../src/relations/python-json.ts';
import { cosV0, crossModel, ourGateway } from '../healthy.ts';
import { answer, bagOf, exchanged, grafanaUid, nameOf, U } from '../models.ts';
import type { Fault } from './fault.ts';

/** UIDs that a Grafana hands out, to whom, and what it calls itself. */
export const uids: readonly Fault[] = [
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
];
