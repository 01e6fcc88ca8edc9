import assert from 'node:assert/strict';
import { deploymentOf, diagnose } from '#src/doctor';
import { readModel, readStatus, unitsOfInterest } from '../../../src/doctor/juju/model-input.ts';
import { diagnosed, inputOf } from './diagnosis.ts';
import { cosV0, crossModel } from './healthy.ts';
import { type ComposedModel, jujuShowUnit, jujuStatus } from './juju-format.ts';
import { bagOf, relate } from './models.ts';

function cos(): ComposedModel {
  const [model] = cosV0();
  assert.ok(model !== undefined);
  return model;
}

type Shown = Record<string, { 'relation-info': Record<string, unknown>[] }>;

function readShown(model: ComposedModel, shown: unknown, status: unknown = jujuStatus(model)) {
  const input = readModel(readStatus({ from: 'status', value: status }), [
    { from: 'show-unit', value: shown },
  ]);
  return diagnose(deploymentOf([input]));
}

suite('what Juju prints', () => {
  test('of one unit for each application tells the same of links as of all units', () => {
    const model = cos();
    const leaders = Object.values(model.applications).flatMap(({ units }) =>
      Object.entries(units).flatMap(([name, { leader }]) => (leader ? [name] : [])),
    );
    const some = diagnose(deploymentOf([inputOf(model, leaders)]));
    assert.deepEqual(some, diagnosed([model]));
  });

  test('of a Juju without relation ids is put together by names', () => {
    const model = cos();
    const shown = JSON.parse(JSON.stringify(jujuShowUnit(model))) as Shown;
    for (const unit of Object.values(shown)) {
      for (const row of unit['relation-info']) delete row['relation-id'];
    }
    const report = readShown(model, shown);
    assert.deepEqual(report.findings, []);
    assert.equal(report.links.length, diagnosed([model]).links.length);
  });

  test('of a Juju that does not tell interfaces goes by the names of endpoints', () => {
    const model = cos();
    const status = JSON.parse(JSON.stringify(jujuStatus(model))) as {
      applications: Record<string, { relations: Record<string, unknown[]> }>;
    };
    for (const application of Object.values(status.applications)) {
      for (const [endpoint, related] of Object.entries(application.relations)) {
        application.relations[endpoint] = related.map(
          (one) => (one as { 'related-application': string })['related-application'],
        );
      }
    }
    assert.deepEqual(readShown(model, jujuShowUnit(model), status), diagnosed([model]));
  });

  test('of a relation without data is a relation all the same', () => {
    const model = cos();
    relate(
      model,
      'grafana_datasource_exchange',
      ['tempo:receive-datasource', { numbers: [] }],
      ['alertmanager:send-datasource', { numbers: [] }],
    );
    const { findings, models } = diagnosed([model]);
    assert.equal(models[0]?.relations, 7);
    // No kind of link joins these two, and nobody misses what is not said.
    assert.deepEqual(findings, []);
  });

  test('of some applications only leaves the others unjudged, and says so', () => {
    const model = cos();
    const report = diagnose(deploymentOf([inputOf(model, ['tempo/0', 'tempo/1'])]));
    assert.deepEqual(report.findings, []);
    const unseen = report.notes.filter(({ code }) => code === 'application-unseen');
    assert.deepEqual(
      unseen.map(({ where }) => where.app),
      ['alertmanager', 'grafana', 'loki', 'mimir'],
    );
    // What Tempo wrote shows only where others look at it.
    assert.deepEqual(report.links, []);
  });

  test('of no unit at all is no reason to find anything', () => {
    const { findings, links } = readShown(cos(), null);
    assert.deepEqual(findings, []);
    assert.deepEqual(links, []);
  });

  test('of an application without units gives nothing away', () => {
    const model = cos();
    if (model.applications.alertmanager !== undefined) model.applications.alertmanager.units = {};
    bagOf(model, 'alertmanager:grafana-source', 'grafana').units = {};
    bagOf(model, 'grafana:grafana-source', 'alertmanager').appData = {};
    const { notes, findings } = diagnosed([model]);
    assert.deepEqual(
      findings.filter(({ where }) => where.app === 'alertmanager'),
      [],
    );
    assert.ok(notes.some(({ code, where }) => code === 'application-unseen' && where.app === 'alertmanager'));
  });

  test('tells which units have to be shown', () => {
    const model = cos();
    model.applications.postgresql = { charm: 'p', units: { 'postgresql/0': unit() } };
    const status = readStatus({ from: 'status', value: jujuStatus(model) });
    const units = ['grafana/0', 'tempo/0', 'tempo/1', 'postgresql/0'];
    assert.deepEqual(unitsOfInterest(status, units), ['grafana/0', 'tempo/0', 'tempo/1']);
  });

  test('of models with the same name are told apart', () => {
    const [a, b] = [cos(), cos()];
    const { models } = diagnosed([a, b]);
    assert.deepEqual(
      models.map(({ name }) => name),
      ['k8s:cos', 'k8s:cos#2'],
    );
  });

  test('of two consumers with the same endpoint is joined where it is certain who is who', () => {
    const models = crossModel();
    const [cos, apm] = models;
    assert.ok(cos !== undefined && apm !== undefined);
    // Another model, not looked at, has a Tempo of that number of units too.
    relate(
      cos,
      'grafana_datasource',
      ['remote-fedcba9876543210fedcba9876543210:grafana-source', { numbers: [0] }],
      ['grafana:grafana-source', {}],
    );
    const { links, notes } = diagnosed(models);
    assert.equal(links.filter(({ to }) => to !== null).length, 1);
    assert.equal(notes.filter(({ code }) => code === 'other-side-unseen').length, 1);
  });
});

function unit() {
  return { leader: true, status: 'active', message: '' };
}
