import { cosV0, cosV1, mixed } from '../healthy.ts';
import { bagOf, exchanged, grafanaUid, model, nameOf, relate } from '../models.ts';
import { type Fault, setLinks } from './fault.ts';

/** What applications register with a Grafana, and whether it answers. */
export const registrations: readonly Fault[] = [
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
