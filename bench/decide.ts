/**
 * How long it takes to decide and to explain what one unit of a large world sees, and that it grows linearly.
 *
 *   npm run bench:decide
 *
 * The world: 50 peer applications that share UNITS units, in 5 Grafanas, seen by a Tempo that is related to all of
 * them; and the gateway of one Grafana with as many registered units and as many datasources. Medians of 15 runs
 * after 5 to warm up; a hook pays for the first run, which is slower, and shown beside.
 */
import { decide, defaultPreferences, explain, type View } from '#src/exchange';
import { datasourceName, datasourceUid, type HeldDatasource } from '#src/grafana/provisioner';
import { readSource } from '#src/relations/grafana-datasource';

const sizes = [10, 100, 1_000, 5_000];
const targetMs = 100;
const apps = 50;
const grafanas = 5;
const types = ['prometheus', 'loki', 'grafana-pyroscope-datasource', 'jaeger', 'tempo'];
const modelUuid = '11111111-2222-4333-8444-555555555555';

console.log(`${apps} applications, ${grafanas} Grafanas; medians in ms, the first run in brackets`);
console.log('  units   datasource: decide       explain       gateway: decide    per unit');
let inTime = true;
for (const units of sizes) {
  const seen = datasourceView(units);
  const gateway = gatewayView(units);
  const times = [measure(() => decide(seen)), measure(() => explain(seen)), measure(() => decide(gateway))];
  const sum = times.reduce((total, { medianMs }) => total + medianMs, 0);
  if (units === 1_000) inTime = times.every(({ medianMs }) => medianMs < targetMs);
  const cells = times.map(({ medianMs, firstMs }) =>
    `${medianMs.toFixed(1)} (${firstMs.toFixed(1)})`.padStart(16),
  );
  console.log(
    `${String(units).padStart(7)}${cells.join('')}${`${((sum / units) * 1000).toFixed(0)} us`.padStart(14)}`,
  );
}
console.log(`1,000 units under ${targetMs} ms: ${inTime ? 'yes' : 'NO'}`);
process.exitCode = inTime ? 0 : 1;

function measure(work: () => unknown): { firstMs: number; medianMs: number } {
  const times = Array.from({ length: 20 }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  });
  const warm = times.slice(5).toSorted((a, b) => a - b);
  return { firstMs: times[0] ?? 0, medianMs: warm[Math.floor(warm.length / 2)] ?? 0 };
}

/** A Tempo among the units of all applications; every application is in every Grafana. */
function datasourceView(units: number): View {
  return {
    ...nobody(),
    datasource: { type: 'tempo', url: 'http://tempo', perUnit: false, preferences: defaultPreferences },
    grafanas: Array.from({ length: grafanas }, (_, n) => ({
      relationId: n,
      remoteApp: `grafana-${n}`,
      answer: { grafanaUid: `g${n}`, datasourceUids: {}, appDatasourceUid: 'tempo' },
      findings: [],
      localAppData: {},
      localUnitData: {},
    })),
    exchange: Array.from({ length: apps }, (_, n) => ({
      relationId: 100 + n,
      endpoint: 'receive-datasource',
      remoteApp: `peer-${n}`,
      findings: [],
      localAppData: {},
      datasources: Array.from({ length: Math.ceil(units / apps) }, (_, unit) =>
        Array.from({ length: grafanas }, (_, g) => ({
          type: types[n % types.length] ?? '',
          uid: `peer-${n}-${unit}-0123abcd`,
          grafana_uid: `g${g}`,
        })),
      ).flat(),
    })),
  };
}

function gatewayView(units: number): View {
  const perApp = Math.ceil(units / apps);
  const topologies = Array.from({ length: apps }, (_, n) =>
    Array.from({ length: perApp }, (_, unitNumber) => ({
      model: 'cos',
      modelUuid,
      application: `peer-${n}`,
      unitNumber,
    })),
  );
  const datasources = topologies.flat().map(
    (topology): HeldDatasource => ({
      uid: datasourceUid(topology),
      name: datasourceName(topology),
      type: 'loki',
      access: 'proxy',
      url: 'http://loki',
      readOnly: false,
      jsonData: {},
    }),
  );
  return {
    ...nobody(),
    gateway: {
      grafanaUid: 'g0',
      baseUrl: 'http://grafana',
      marker: 'gateway',
      work: { grafana: { state: 'ok', datasources } },
    },
    sources: topologies.map((ofApp, n) => {
      const remoteApp = `peer-${n}`;
      const plain = { model: 'cos', model_uuid: modelUuid, application: remoteApp, type: 'loki' };
      const { reading } = readSource({
        appData: { grafana_source_data: JSON.stringify(plain) },
        unitsData: new Map(
          ofApp.map(({ unitNumber }) => [
            `${remoteApp}/${unitNumber}`,
            { grafana_source_host: 'http://loki' },
          ]),
        ),
      });
      return {
        relationId: n,
        remoteApp,
        reading,
        sealed: null,
        secureFingerprint: null,
        findings: [],
        localAppData: {},
      };
    }),
  };
}

function nobody(): View {
  return {
    self: { unit: 'tempo/0', app: 'tempo', unitNumber: 0, model: 'cos', modelUuid, leader: true },
    configProblems: [],
    datasource: null,
    grafanas: [],
    secret: null,
    fingerprintKey: null,
    exchange: [],
    gateway: null,
    sources: [],
    peer: { relationId: 0, appData: {} },
    status: { status: 'unknown', message: '' },
  };
}
