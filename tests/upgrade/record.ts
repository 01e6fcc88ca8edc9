import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { type CharmFunction, LocalModel } from '#lib/juju-local';
import { grafanaClient } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { run } from '../../charm/main.ts';

/*
 * Records what a revision of this charm leaves behind: databags, statuses, and datasources in Grafana. Tests start
 * the present charm on it. To record another revision, put this file into its tree at the same place, and there
 *
 *   node tests/upgrade/record.ts REVISION
 *
 * which writes tests/upgrade/REVISION.json; `npm run format` puts it into form. It uses nothing that the first whole
 * revision, 19905b4, did not have.
 */

const perUnit = 'http://{app}-{unit}.example:3200';
/** What is deployed: a gateway, and datasources of every form. */
const applications: Record<string, { units: number; config: Record<string, string>; run?: CharmFunction }> = {
  grafana: { units: 2, config: {} },
  tempo: { units: 2, config: { 'datasource-type': 'tempo', 'datasource-url': perUnit } },
  mimir: { units: 2, config: { 'datasource-type': 'mimir', 'datasource-url': perUnit } },
  loki: { units: 2, config: { 'datasource-type': 'loki', 'datasource-url': 'http://loki.example:3100' } },
  // Another charm, which has secrets.
  foreign: { units: 1, config: {}, run: foreign },
};
const relations = [
  ['tempo:grafana-source', 'grafana:datasources'],
  ['mimir:grafana-source', 'grafana:datasources'],
  ['loki:grafana-source', 'grafana:datasources'],
  ['foreign:grafana-source', 'grafana:datasources'],
  ['tempo:receive-datasource', 'mimir:send-datasource'],
  ['tempo:receive-datasource', 'loki:send-datasource'],
] as const;

async function foreign(...[tools, { unit, modelName, modelUuid }]: Parameters<CharmFunction>): Promise<void> {
  await tools.statusSet('active', '');
  for (const relationId of await tools.relationIds('grafana-source')) {
    const source = {
      model: modelName,
      model_uuid: modelUuid,
      application: 'foreign',
      type: 'prometheus',
      extra_fields: { httpHeaderName1: 'X-Scope-OrgID' },
      secure_extra_fields: { httpHeaderValue1: 'anonymous' },
    };
    const data = { grafana_source_data: JSON.stringify(source) };
    if (await tools.isLeader()) await tools.relationSet({ relationId, app: true, data });
    const host = `http://${unit.replace('/', '-')}.example:9090`;
    await tools.relationSet({ relationId, data: { grafana_source_host: host } });
  }
}

const [, , revision = 'unnamed'] = argv;
const grafana = await EmbeddedGrafana.start();
const model = await LocalModel.open({ name: 'cos', uuid: '44444444-2222-4333-8444-555555555555' });
try {
  const credentials = { username: 'admin', password: 'admin' };
  const uri = model.addSecret({ name: 'credentials', content: credentials });
  for (const [app, { units, config, run: other }] of Object.entries(applications)) {
    const gateway = app === 'grafana' ? { 'grafana-url': grafana.url, 'grafana-token': uri } : {};
    await model.deploy({
      app,
      charm: projectFolder,
      units,
      config: { ...gateway, ...config },
      run: other ?? ((tools, context) => run({ tools, context, grafanaClient })),
    });
  }
  model.grantSecret('credentials', 'grafana');
  for (const [a, b] of relations) model.relate(a, b);
  const { settled } = await model.settle();
  if (!settled) throw new Error('the model does not come to rest');
  const snapshot = model.snapshot();
  const recorded = {
    revision,
    model: { name: snapshot.name, uuid: model.uuid },
    credentials,
    applications: Object.entries(snapshot.applications).map(([name, { units }]) => ({
      name,
      config: applications[name]?.config ?? {},
      units: Object.entries(units).map(([unit, { leader, status }]) => ({ unit, leader, ...status })),
    })),
    relations: snapshot.relations.map(({ ends }) => ends),
    datasources: grafana
      .datasources()
      .map((one) => ({ ...one, secureJsonData: grafana.secureJsonData(one.uid) })),
  };
  const text = JSON.stringify(recorded, undefined, 2).replaceAll(grafana.url, '<grafana>');
  await writeFile(join(import.meta.dirname, `${revision}.json`), `${text}\n`);
} finally {
  await model.close();
  await grafana.stop();
}
