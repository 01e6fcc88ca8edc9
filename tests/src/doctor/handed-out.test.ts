import assert from 'node:assert/strict';
import type { Databag } from '#lib/juju';
import { type Deployment, handedOut } from '#src/doctor';

const uuid = '11111111-2222-4333-8444-555555555555';
const sourceData = (fields: object = {}) =>
  JSON.stringify({
    ...{ model: 'cos', model_uuid: uuid, application: 'tempo', type: 'tempo' },
    ...{ extra_fields: null, secure_extra_fields: null, ...fields },
  });

interface Draft {
  readonly model?: string;
  /** What the application says, what its units say, and what Grafana answers. */
  readonly source: Databag;
  readonly units?: readonly Databag[];
  readonly answer: Databag;
}

function deployment(...drafts: readonly Draft[]): Deployment {
  return {
    models: [...new Set(drafts.map(({ model = 'cos' }) => model))].map((name) => ({
      name,
      applications: [],
    })),
    relations: drafts.map(({ model = 'cos', source, units = [{}], answer }, id) => ({
      ...{ model, id, interface: 'grafana_datasource' },
      ends: [
        {
          ...{ model, app: 'tempo', endpoint: 'grafana-source', appData: source },
          units: units.map((data, n) => ({ name: `tempo/${n}`, number: n, inScope: true, data })),
        },
        { model, app: 'grafana', endpoint: 'datasources', appData: answer, units: [] },
      ],
    })),
  };
}

suite('what the relations of a Grafana say is in it', () => {
  test('has a datasource of a whole application once, though each unit was told its UID', () => {
    const [grafana] = handedOut(
      deployment({
        source: {
          grafana_source_data: sourceData({
            extra_fields: { query: '$${a}' },
            secure_extra_fields: { k: 'hunter2' },
          }),
          grafana_source_app_host: 'http://tempo:3200',
          grafana_source_secret: `secret://${uuid}/9m4e2mr0ui3e8a215n4g`,
        },
        units: [{ grafana_source_host: 'http://tempo:3200' }, {}],
        answer: {
          grafana_uid: 'g1',
          datasource_uids: '{"tempo/0": "tempo-3f9a1c2e", "tempo/1": "tempo-3f9a1c2e"}',
          app_datasource_uid: 'tempo-3f9a1c2e',
        },
      }),
    );
    assert.deepEqual(grafana, {
      name: 'grafana',
      datasources: [
        {
          ...{ name: `juju_cos_${uuid}_tempo`, uid: 'tempo-3f9a1c2e', type: 'tempo' },
          ...{ access: 'proxy', url: 'http://tempo:3200', editable: true, jsonData: { query: '${a}' } },
          secureJsonKeys: ['k'],
          takenOut: [`all of the Juju secret secret://${uuid}/9m4e2mr0ui3e8a215n4g, for secureJsonData`],
        },
      ],
    });
  });

  test('has each unit that has a UID and a URL', () => {
    const [grafana] = handedOut(
      deployment({
        source: { grafana_source_data: sourceData() },
        units: [{ grafana_source_host: 'http://t0' }, { grafana_source_host: 'http://t1' }, {}],
        answer: { grafana_uid: 'g1', datasource_uids: '{"remote-1/1": "t-1", "remote-1/2": "t-2"}' },
      }),
    );
    assert.deepEqual(
      grafana?.datasources.map(({ uid, url, name }) => [uid, url, name]),
      [['t-1', 'http://t1', `juju_cos_${uuid}_tempo_1`]],
    );
  });

  test('has nothing where nothing was registered, answered or can be read', () => {
    const answer = { grafana_uid: 'g1', app_datasource_uid: 'x' };
    for (const draft of [
      { source: {}, answer },
      { source: { grafana_source_data: '{' }, answer },
      {
        source: { grafana_source_data: sourceData(), grafana_source_app_host: 'http://t' },
        answer: { grafana_uid: 'g1' },
      },
      { source: { grafana_source_data: sourceData() }, answer },
    ]) {
      assert.deepEqual(handedOut(deployment(draft)), [{ name: 'grafana', datasources: [] }]);
    }
  });

  test('tells Grafanas of one name in several models apart', () => {
    const of = (model: string) => ({
      ...{ model, source: { grafana_source_data: sourceData(), grafana_source_app_host: 'http://t' } },
      answer: { grafana_uid: `g-${model}`, app_datasource_uid: 'x' },
    });
    assert.deepEqual(
      handedOut(deployment(of('b'), of('a'))).map(({ name }) => name),
      ['a.grafana', 'b.grafana'],
    );
  });
});
