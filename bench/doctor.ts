/**
 * How long `crosslink doctor` takes for a large model, read from files: the whole command, as a user runs it. The
 * processor's time is told too, which a busy machine does not change much.
 *
 *   npm run bench:doctor        five runs
 *   npm run bench:doctor -- 3   three
 *
 * 107 applications with two units each: 7 Grafanas, 20 Tempos, 40 Mimirs and 40 Lokis. Each is registered with all
 * Grafanas and each Tempo exchanges with all others, as far as 2,500 relations go.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ComposedModel, jujuShowUnit, jujuStatus } from '../tests/src/doctor/juju-format.ts';
import {
  answer,
  exchanged,
  model,
  nameOf,
  relate,
  sourceData,
  tempoLinks,
  U,
} from '../tests/src/doctor/models.ts';

const [runs = '5'] = process.argv.slice(2);
const command = join(import.meta.dirname, '../crosslink');
const folder = mkdtempSync(join(tmpdir(), 'bench-doctor-'));
try {
  const large = largeModel();
  const [status, shown] = [join(folder, 'status.json'), join(folder, 'show-unit.json')];
  writeFileSync(status, JSON.stringify(jujuStatus(large)));
  writeFileSync(shown, JSON.stringify(jujuShowUnit(large)));
  const mib = (statSync(status).size + statSync(shown).size) / 1024 / 1024;
  const applications = Object.keys(large.applications).length;
  console.log(`${applications} applications, ${large.relations.length} relations, ${mib.toFixed(1)} MiB`);
  const times = Array.from({ length: Number(runs) }, (_, i) => {
    const [began, cpuBefore] = [performance.now(), childrenCpuSeconds()];
    const options = ['doctor', '--status', status, '--show-unit', shown, '--json'];
    const { status: code, stdout, stderr } = spawnSync(command, options, { maxBuffer: 2 ** 30 });
    const seconds = (performance.now() - began) / 1000;
    if (code !== 0) throw new Error(`ended with ${code}: ${stderr}${stdout.subarray(0, 2000)}`);
    const cpu = childrenCpuSeconds() - cpuBefore;
    console.log(`run ${i + 1}: ${seconds.toFixed(2)} s, of the processor ${cpu.toFixed(2)} s`);
    return seconds;
  }).toSorted((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  console.log(`median ${median.toFixed(2)} s on ${availableParallelism()} cores; the target is 2 s`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Of all that this process has started and seen end. The kernel counts in hundredths of a second. */
function childrenCpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function largeModel(): ComposedModel {
  const range = (count: number, name: string) =>
    Array.from({ length: count }, (_, i) => `${name}${letters(i)}`);
  const grafanas = range(7, 'grafana-');
  const kinds = {
    tempo: range(20, 'tempo-'),
    prometheus: range(40, 'mimir-'),
    loki: range(40, 'loki-'),
  };
  const apps = [...grafanas, ...Object.values(kinds).flat()];
  const large = model('cos', Object.fromEntries(apps.map((app) => [app, ['charm', 2] as const])));
  const grafanaUid = (app: string) => `juju_cos_${U}_${app}_0`;
  const share = (app: string, type: string) =>
    exchanged(
      ...[0, 1].flatMap((n) =>
        grafanas.map((grafana) => [type, nameOf(app, n), grafanaUid(grafana)] as const),
      ),
    );
  for (const [type, members] of Object.entries(kinds)) {
    for (const app of members) {
      const links =
        type === 'tempo' ? tempoLinks(nameOf('mimir-a', 0), nameOf('loki-a', 0)) : { httpMethod: 'GET' };
      for (const grafana of grafanas) {
        const data = {
          appData: { grafana_source_data: sourceData(app, type, links) },
          unitData: (n: number) => ({ grafana_source_host: `http://${app}-${n}.cos.svc.cluster.local:3200` }),
        };
        const uids = { [`${app}/0`]: nameOf(app, 0), [`${app}/1`]: nameOf(app, 1) };
        relate(
          large,
          'grafana_datasource',
          [`${app}:grafana-source`, data],
          [`${grafana}:grafana-source`, { appData: answer(uids, grafanaUid(grafana)) }],
        );
      }
    }
  }
  for (const tempo of kinds.tempo) {
    for (const [type, members] of Object.entries(kinds)) {
      for (const app of members) {
        if (type === 'tempo' || large.relations.length >= 2500) continue;
        relate(
          large,
          'grafana_datasource_exchange',
          [`${tempo}:receive-datasource`, { appData: share(tempo, 'tempo') }],
          [`${app}:send-datasource`, { appData: share(app, type) }],
        );
      }
    }
  }
  for (const app of [...kinds.loki, ...kinds.prometheus]) {
    for (const other of kinds.tempo) {
      if (large.relations.length >= 2500) break;
      const certificate = { appData: { certificate: 'x'.repeat(2000) } };
      relate(large, 'tls-certificates', [`${app}:certificates`, certificate], [`${other}:certificates`, {}]);
    }
  }
  return large;
}

/** Juju wants a letter in each part of a name. */
function letters(i: number): string {
  return `${String.fromCharCode(97 + Math.floor(i / 26))}${String.fromCharCode(97 + (i % 26))}`.replace(
    /^a/,
    '',
  );
}
