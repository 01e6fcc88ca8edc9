import type { ComposedModel } from './juju-format.ts';
import {
  answer,
  type EndGiven,
  exchanged,
  grafanaUid,
  lokiLinks,
  model,
  nameOf,
  relate,
  sourceData,
  tempoLinks,
  tenant,
  U,
  V,
} from './models.ts';

const source = 'grafana_datasource';
const exchange = 'grafana_datasource_exchange';

/** Canonical's Python charms, first generation: two Tempos, three Mimirs, a Loki and an Alertmanager. */
export function cosV0(): ComposedModel[] {
  const cos = model('cos', {
    grafana: ['grafana-k8s', 1],
    tempo: ['tempo-coordinator-k8s', 2],
    mimir: ['mimir-coordinator-k8s', 3],
    loki: ['loki-coordinator-k8s', 1],
    alertmanager: ['alertmanager-k8s', 1],
  });
  const uids = (app: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`${app}/${n}`, nameOf(app, n)]));
  registerV0(cos, 'tempo', 'tempo', 2, tempoLinks(nameOf('mimir', 0), nameOf('loki', 0)));
  registerV0(cos, 'mimir', 'prometheus', 3, tenant.name, tenant.value);
  registerV0(cos, 'loki', 'loki', 1, lokiLinks(nameOf('tempo', 0)), tenant.value);
  registerV0(cos, 'alertmanager', 'alertmanager', 1, { implementation: 'prometheus' });
  const tempos = exchanged(
    ...Object.values(uids('tempo', 2)).map((uid) => ['tempo', uid, grafanaUid] as const),
  );
  relate(
    cos,
    exchange,
    ['tempo:receive-datasource', { appData: tempos }],
    [
      'mimir:send-datasource',
      {
        appData: exchanged(
          ...Object.values(uids('mimir', 3)).map((uid) => ['prometheus', uid, grafanaUid] as const),
        ),
      },
    ],
  );
  relate(
    cos,
    exchange,
    ['tempo:receive-datasource', { appData: tempos }],
    ['loki:send-datasource', { appData: exchanged(['loki', nameOf('loki', 0), grafanaUid]) }],
  );
  // Something that is none of the doctor's business, with a secret in it.
  relate(
    cos,
    'tempo_cluster',
    ['tempo:tempo-cluster', { appData: { password: 'do-not-print-me' } }],
    ['loki:logging', {}],
  );
  return [cos];
}

type Fields = Parameters<typeof sourceData>[2];

function registerV0(
  to: ComposedModel,
  app: string,
  type: string,
  count: number,
  extra: Fields,
  secure: Fields = null,
): void {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const uids = Object.fromEntries(numbers.map((n) => [`${app}/${n}`, nameOf(app, n)]));
  registerUnits(to, app, sourceData(app, type, extra, secure), [
    'grafana:grafana-source',
    { appData: answer(uids, grafanaUid) },
  ]);
}

/** Each unit registers, with this `grafana_source_data`, and the Grafana answers so. */
function registerUnits(
  to: ComposedModel,
  app: string,
  data: string,
  grafana: [at: string, answered: EndGiven],
): void {
  const unitData = { grafana_source_host: `http://${app}.${to.name}.svc.cluster.local:8080` };
  relate(
    to,
    source,
    [`${app}:grafana-source`, { appData: { grafana_source_data: data }, unitData }],
    grafana,
  );
}

/** The second generation at both ends, with charms that read both: each application is one datasource. */
export function cosV1(): ComposedModel[] {
  const cos = model('cos', {
    grafana: ['grafana-k8s', 1],
    tempo: ['tempo-coordinator-k8s', 2],
    mimir: ['mimir-coordinator-k8s', 3],
    loki: ['loki-coordinator-k8s', 1],
  });
  registerV1(cos, 'tempo', 'tempo', tempoLinks(nameOf('mimir'), nameOf('loki')));
  registerV1(cos, 'mimir', 'prometheus', tenant.name, tenant.value);
  registerV1(cos, 'loki', 'loki', lokiLinks(nameOf('tempo')), tenant.value);
  const tempos = exchanged(['tempo', nameOf('tempo'), grafanaUid]);
  for (const [app, type] of [
    ['mimir', 'prometheus'],
    ['loki', 'loki'],
  ] as const) {
    relate(
      cos,
      exchange,
      ['tempo:receive-datasource', { appData: tempos }],
      [`${app}:send-datasource`, { appData: exchanged([type, nameOf(app), grafanaUid]) }],
    );
  }
  return [cos];
}

function registerV1(
  to: ComposedModel,
  app: string,
  type: string,
  extra: Fields,
  secure: Fields = null,
): void {
  relate(
    to,
    source,
    [
      `${app}:grafana-source`,
      {
        appData: {
          grafana_source_data: sourceData(app, type, extra, secure),
          grafana_source_app_host: `http://${app}.cos.svc.cluster.local:8080`,
        },
      },
    ],
    ['grafana:grafana-source', { appData: answer({}, grafanaUid, nameOf(app)) }],
  );
}

/** A Grafana of the second generation, with applications of both: Prometheus goes on by units. */
export function mixed(): ComposedModel[] {
  const cos = model('cos', {
    grafana: ['grafana-k8s', 1],
    tempo: ['tempo-coordinator-k8s', 1],
    prometheus: ['prometheus-k8s', 2],
    loki: ['loki-k8s', 1],
  });
  registerV1(cos, 'tempo', 'tempo', tempoLinks(nameOf('prometheus', 0), nameOf('loki')));
  registerV0(cos, 'prometheus', 'prometheus', 2, { timeInterval: '1m' });
  registerV1(cos, 'loki', 'loki', null);
  const tempos = exchanged(['tempo', nameOf('tempo'), grafanaUid]);
  relate(
    cos,
    exchange,
    ['tempo:receive-datasource', { appData: tempos }],
    [
      'prometheus:send-datasource',
      {
        appData: exchanged(
          ['prometheus', nameOf('prometheus', 0), grafanaUid],
          ['prometheus', nameOf('prometheus', 1), grafanaUid],
        ),
      },
    ],
  );
  relate(
    cos,
    exchange,
    ['tempo:receive-datasource', { appData: tempos }],
    ['loki:send-datasource', { appData: exchanged(['loki', nameOf('loki'), grafanaUid]) }],
  );
  return [cos];
}

/** One Tempo and one Mimir in two Grafanas: the names of datasources are the same in both. */
export function twoGrafanas(): ComposedModel[] {
  const cos = model('cos', {
    grafana: ['grafana-k8s', 1],
    graf2: ['grafana-k8s', 1],
    tempo: ['tempo-coordinator-k8s', 1],
    mimir: ['mimir-coordinator-k8s', 1],
  });
  const grafanas = ['graf2', 'grafana'];
  const links = { httpMethod: 'GET', serviceMap: { datasourceUid: nameOf('mimir', 0) } };
  for (const [app, type, extra] of [
    ['tempo', 'tempo', links],
    ['mimir', 'prometheus', null],
  ] as const) {
    for (const grafana of grafanas) {
      registerUnits(cos, app, sourceData(app, type, extra), [
        `${grafana}:grafana-source`,
        { appData: answer({ [`${app}/0`]: nameOf(app, 0) }, `juju_cos_${U}_${grafana}_0`) },
      ]);
    }
  }
  const all = (app: string, type: string) =>
    exchanged(...grafanas.map((grafana) => [type, nameOf(app, 0), `juju_cos_${U}_${grafana}_0`] as const));
  relate(
    cos,
    exchange,
    ['tempo:receive-datasource', { appData: all('tempo', 'tempo') }],
    ['mimir:send-datasource', { appData: all('mimir', 'prometheus') }],
  );
  return [cos];
}

const token = 'remote-0123456789abcdef0123456789abcdef';

/** Tempo in a model of its own: Grafana and Mimir are offered to it. */
export function crossModel(): ComposedModel[] {
  const cos = model('cos', { grafana: ['grafana-k8s', 1], mimir: ['mimir-coordinator-k8s', 1] });
  const apm = model('apm', { tempo: ['tempo-coordinator-k8s', 1] });
  cos.offers = { grafana: 'grafana', 'mimir-datasource': 'mimir' };
  apm.saas = { graf: 'k8s:admin/cos.grafana', metrics: 'admin/cos.mimir-datasource' };
  registerV0(cos, 'mimir', 'prometheus', 1, tenant.name, tenant.value);
  const tempo = {
    appData: {
      grafana_source_data: sourceData(
        'tempo',
        'tempo',
        { httpMethod: 'GET', serviceMap: { datasourceUid: nameOf('mimir', 0) } },
        null,
        ['apm', V],
      ),
    },
    unitData: { grafana_source_host: 'http://tempo.apm.svc.cluster.local:3200' },
  };
  const tempoName = nameOf('tempo', 0, 'apm', V);
  const reply = { appData: answer({ [`${token}/0`]: tempoName }, grafanaUid), numbers: [0] };
  const tempos = { appData: exchanged(['tempo', tempoName, grafanaUid]) };
  const mimirs = { appData: exchanged(['prometheus', nameOf('mimir', 0), grafanaUid]), numbers: [0] };
  relate(
    cos,
    source,
    [`${token}:grafana-source`, { ...tempo, numbers: [0] }],
    ['grafana:grafana-source', reply],
  );
  relate(
    cos,
    exchange,
    [`${token}:receive-datasource`, { ...tempos, numbers: [0] }],
    ['mimir:send-datasource', mimirs],
  );
  relate(apm, source, ['tempo:grafana-source', tempo], ['graf:grafana-source', reply]);
  relate(apm, exchange, ['tempo:receive-datasource', tempos], ['metrics:send-datasource', mimirs]);
  return [cos, apm];
}

/** Tempo and Mimir in one model, their Grafana in another, which nobody looked at. */
export function grafanaElsewhere(): ComposedModel[] {
  const apm = model('apm', { tempo: ['tempo-coordinator-k8s', 1], mimir: ['mimir-coordinator-k8s', 1] });
  apm.saas = { graf: 'k8s:admin/cos.grafana' };
  const register = (app: string, type: string) =>
    registerUnits(apm, app, sourceData(app, type, null, null, ['apm', V]), [
      'graf:grafana-source',
      { appData: answer({ [`${token}/0`]: nameOf(app, 0, 'apm', V) }, grafanaUid), numbers: [0] },
    ]);
  register('tempo', 'tempo');
  register('mimir', 'prometheus');
  relate(
    apm,
    exchange,
    ['tempo:receive-datasource', { appData: exchanged(['tempo', nameOf('tempo', 0, 'apm', V), grafanaUid]) }],
    [
      'mimir:send-datasource',
      { appData: exchanged(['prometheus', nameOf('mimir', 0, 'apm', V), grafanaUid]) },
    ],
  );
  return [apm];
}

/** Our gateway with the Python charms of the first generation: it hands out real UIDs. */
export function ourGateway(): ComposedModel[] {
  const cos = model('cos', {
    gateway: ['crosslink', 1],
    tempo: ['tempo-coordinator-k8s', 1],
    mimir: ['mimir-coordinator-k8s', 2],
  });
  const ours = `juju_cos_${U}_gateway`;
  const uids = { 'mimir/0': 'mimir-0-1a2b3c4d', 'mimir/1': 'mimir-1-5e6f7a8b' };
  const register = (app: string, type: string, extra: Fields, given: Readonly<Record<string, string>>) =>
    registerUnits(cos, app, sourceData(app, type, extra), [
      'gateway:datasources',
      { appData: answer(given, ours) },
    ]);
  register(
    'tempo',
    'tempo',
    { httpMethod: 'GET', serviceMap: { datasourceUid: 'mimir-0-1a2b3c4d' } },
    { 'tempo/0': 'tempo-0-0c1d2e3f' },
  );
  register('mimir', 'prometheus', null, uids);
  relate(
    cos,
    exchange,
    ['tempo:receive-datasource', { appData: exchanged(['tempo', 'tempo-0-0c1d2e3f', ours]) }],
    [
      'mimir:send-datasource',
      {
        appData: exchanged(...Object.values(uids).map((uid) => ['prometheus', uid, ours] as const)),
      },
    ],
  );
  return [cos];
}

export const healthy = { cosV0, cosV1, mixed, twoGrafanas, crossModel, grafanaElsewhere, ourGateway };
