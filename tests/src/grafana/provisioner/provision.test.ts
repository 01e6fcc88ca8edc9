import assert from 'node:assert/strict';
import { type GrafanaClient, grafanaClient } from '#src/grafana';
import { type DatasourceSeed, EmbeddedGrafana } from '#src/grafana/embedded';
import {
  type DesiredDatasource,
  markerKey,
  type ProvisionResult,
  type ProvisionStep,
  planProvisioning,
  provision,
} from '#src/grafana/provisioner';

const want: DesiredDatasource = {
  uid: 'tempo-0-aa',
  application: 'tempo',
  name: 'juju_tempo_0',
  type: 'tempo',
  url: 'http://tempo:3200',
  jsonData: { httpMethod: 'GET' },
  secureJsonData: {},
  secureFingerprint: null,
};
const other: DesiredDatasource = { ...want, uid: 'zz-0-bb', name: 'juju_zz_0' };
const marker = {
  gateway: 'gw',
  application: 'tempo',
  uid: 'tempo-0-aa',
  keys: ['httpMethod'],
  secureKeys: [],
};
const ours: DatasourceSeed = {
  uid: want.uid,
  name: want.name,
  type: 'tempo',
  url: 'http://old:3200',
  jsonData: { httpMethod: 'GET', [markerKey]: marker },
};
const create: ProvisionStep = { kind: 'create', desired: want, marker };
const update: ProvisionStep = { kind: 'update', desired: want, marker };
const createOther: ProvisionStep = { kind: 'create', desired: other, marker };

suite('provisioning a Grafana', () => {
  const started: EmbeddedGrafana[] = [];
  let grafana: EmbeddedGrafana;
  let client: GrafanaClient;

  setup(async () => start());
  teardown(async () => {
    await Promise.all(started.splice(0).map((one) => one.stop()));
  });

  async function start(version?: string): Promise<void> {
    grafana = await EmbeddedGrafana.start(version === undefined ? {} : { version });
    started.push(grafana);
    client = as(grafana.token);
  }

  function as(token: string): GrafanaClient {
    return grafanaClient({ url: grafana.url, auth: { kind: 'bearer', token }, sleep: async () => undefined });
  }

  async function reconcile(desired: readonly DesiredDatasource[]): Promise<ProvisionResult> {
    const held = await client.listDatasources();
    const plan = planProvisioning({ gateway: 'gw', desired, held, keep: new Set() });
    return provision(client, plan.steps);
  }

  const held = (uid = want.uid) => grafana.datasources().find((one) => one.uid === uid);
  const failure = ({ failures }: ProvisionResult, uid = want.uid) => failures.get(uid)?.code;

  for (const version of ['9.4.0', '10.4.0', '11.6.0', '12.1.0', '13.1.0']) {
    test(`makes, changes and deletes a datasource of Grafana ${version}, and then writes nothing`, async () => {
      await start(version);
      assert.equal((await reconcile([want])).changes.length, 1);
      assert.equal((await reconcile([want])).changes.length, 0);
      assert.equal(held()?.url, 'http://tempo:3200');
      assert.equal(
        (await reconcile([{ ...want, url: 'http://new', jsonData: { a: { b: [1] } } }])).changes.length,
        1,
      );
      assert.equal(
        (await reconcile([{ ...want, url: 'http://new', jsonData: { a: { b: [1] } } }])).changes.length,
        0,
      );
      assert.deepEqual(held()?.jsonData, { a: { b: [1] }, [markerKey]: { ...marker, keys: ['a'] } });
      assert.equal((await reconcile([])).changes.length, 1);
      assert.deepEqual(grafana.datasources(), []);
    });
  }

  test('keeps what an operator added or chose: keys, the name, the default, a user', async () => {
    grafana.seed({
      ...ours,
      name: 'My Tempo',
      isDefault: true,
      user: 'me',
      database: 'db',
      basicAuth: true,
      basicAuthUser: 'basic',
      withCredentials: true,
      jsonData: { ...ours.jsonData, byHand: { a: 1 } },
    });
    assert.equal((await reconcile([{ ...want, jsonData: { new: 1 } }])).changes.length, 1);
    const { name, isDefault, user, database, basicAuth, basicAuthUser, withCredentials, url, jsonData } =
      held() ?? {};
    assert.deepEqual(
      { name, isDefault, user, database, basicAuth, basicAuthUser, withCredentials, url },
      {
        name: 'My Tempo',
        isDefault: true,
        user: 'me',
        database: 'db',
        basicAuth: true,
        basicAuthUser: 'basic',
        withCredentials: true,
        url: want.url,
      },
    );
    assert.deepEqual(jsonData, { byHand: { a: 1 }, new: 1, [markerKey]: { ...marker, keys: ['new'] } });
  });

  test('writes secrets, changes them, takes back its own and leaves those added by hand', async () => {
    const secrets = (secureJsonData: Record<string, string>, secureFingerprint: string | null) => ({
      ...want,
      secureJsonData,
      secureFingerprint,
    });
    await reconcile([secrets({ a: '1', b: '2' }, 'f1')]);
    assert.deepEqual(grafana.secureJsonData(want.uid), { a: '1', b: '2' });
    const current = await client.getDatasource(want.uid);
    assert.ok(current !== undefined);
    await client.updateDatasource(want.uid, {
      ...current,
      access: 'proxy',
      secureJsonData: { byHand: 'x' },
    });
    await reconcile([secrets({ a: '3' }, 'f2')]);
    assert.deepEqual(grafana.secureJsonData(want.uid), { a: '3', byHand: 'x' });
    await reconcile([secrets({}, null)]);
    assert.deepEqual(grafana.secureJsonData(want.uid), { byHand: 'x' });
  });

  test('puts names of secrets into the marker, which every Viewer can read, and no values', async () => {
    await reconcile([{ ...want, secureJsonData: { a: 'hunter2' }, secureFingerprint: 'f1' }]);
    const expected = {
      httpMethod: 'GET',
      [markerKey]: { ...marker, secureKeys: ['a'], secureFingerprint: 'f1' },
    };
    assert.deepEqual(held()?.jsonData, expected);
    assert.ok(!JSON.stringify(grafana.datasources()).includes('hunter2'));
  });

  test('tries again when somebody writes at the same time, upon what they wrote', async () => {
    grafana.seed(ours);
    let writers = 0;
    grafana.misbehave({
      match: { method: 'PUT' },
      times: 3,
      before: () => {
        writers += 1;
        grafana.bumpVersion(want.uid);
      },
    });
    const result = await provision(client, [update]);
    assert.deepEqual([failure(result), writers, held()?.url], [undefined, 3, want.url]);
  });

  test('gives up when somebody always writes at the same time, and leaves it to the next hook', async () => {
    grafana.seed(ours);
    grafana.misbehave({ match: { method: 'PUT' }, before: () => grafana.bumpVersion(want.uid) });
    const result = await provision(client, [update, createOther]);
    assert.equal(failure(result), 'CONFLICT_VERSION');
    assert.equal(held()?.url, 'http://old:3200');
    assert.equal(held(other.uid)?.name, other.name);
    grafana.behave();
    assert.equal((await reconcile([want, other])).failures.size, 0);
    assert.equal(held()?.url, want.url);
  });

  test('fails on read-only alone and goes on with the others', async () => {
    grafana.seed({ ...ours, readOnly: true });
    const result = await provision(client, [
      update,
      { kind: 'delete', uid: want.uid, name: want.name, gateway: 'gw' },
      createOther,
    ]);
    assert.equal(failure(result), 'READ_ONLY');
    assert.deepEqual(
      [result.changes.length, held()?.url, held(other.uid)?.url],
      [1, 'http://old:3200', other.url],
    );
  });

  test('adopts nothing of the same name, which came since it looked', async () => {
    grafana.seed({ name: want.name, type: 'loki', uid: 'theirs', url: 'http://theirs' });
    const result = await provision(client, [create, createOther]);
    assert.deepEqual([failure(result), result.changes.length], ['CONFLICT_NAME', 1]);
    assert.equal(held('theirs')?.url, 'http://theirs');
  });

  test('adopts nothing of the same uid, neither by creating nor by updating', async () => {
    grafana.seed({ name: 'Theirs', type: 'loki', uid: want.uid, url: 'http://theirs' });
    assert.equal(failure(await provision(client, [create])), 'CONFLICT_UID');
    assert.equal(failure(await provision(client, [update])), 'CONFLICT_UID');
    assert.equal(held()?.url, 'http://theirs');
  });

  test('takes over its own earlier attempt', async () => {
    grafana.seed(ours);
    const desired = { ...want, secureJsonData: { a: '1' } };
    const secrets = { secureKeys: ['a'], secureFingerprint: 'f1' };
    const result = await provision(client, [{ ...create, desired, marker: { ...marker, ...secrets } }]);
    assert.deepEqual([result.failures.size, held()?.url], [0, want.url]);
    assert.deepEqual(grafana.secureJsonData(want.uid), { a: '1' });
  });

  for (const fault of [{ drop: true }, { status: 500 }, { answer: { status: 200, body: 'cut o' } }]) {
    test(`looks whether it arrived after a POST that ended in ${JSON.stringify(fault)}`, async () => {
      grafana.misbehave({ match: { method: 'POST' }, times: 1, applied: true, ...fault });
      const result = await provision(client, [create]);
      assert.deepEqual([result.failures.size, result.changes.length], [0, 1]);
      assert.equal(grafana.datasources().length, 1);
      assert.equal((await reconcile([want])).changes.length, 0);
    });

    test(`says so after a POST that did not arrive and ended in ${JSON.stringify(fault)}`, async () => {
      grafana.misbehave({ match: { method: 'POST' }, times: 1, ...fault });
      const result = await provision(client, [create]);
      assert.notEqual(failure(result), undefined);
      assert.deepEqual(grafana.datasources(), []);
      assert.equal((await reconcile([want])).changes.length, 1);
      assert.equal(grafana.datasources().length, 1);
    });
  }

  test('makes a datasource anew that went while it was to be changed', async () => {
    assert.deepEqual((await provision(client, [update])).changes.length, 1);
    assert.equal(held()?.name, want.name);
  });

  test('names what it wrote, by the names that Grafana shows', async () => {
    grafana.seed({ ...ours, name: 'My Tempo' });
    const { changes } = await provision(client, [update, createOther]);
    assert.deepEqual(changes, [
      { kind: 'updated', uid: want.uid, name: 'My Tempo' },
      { kind: 'created', uid: other.uid, name: other.name },
    ]);
    const gone = await provision(client, [
      { kind: 'delete', uid: want.uid, name: 'My Tempo', gateway: 'gw' },
    ]);
    assert.deepEqual(gone.changes, [{ kind: 'deleted', uid: want.uid, name: 'My Tempo' }]);
  });

  test('deletes nothing that came in the place of its own since it looked', async () => {
    for (const jsonData of [{}, { [markerKey]: { ...marker, gateway: 'other' } }]) {
      await start();
      grafana.seed({ ...ours, jsonData });
      const result = await provision(client, [
        { kind: 'delete', uid: want.uid, name: want.name, gateway: 'gw' },
      ]);
      assert.deepEqual([result.changes, result.failures.size, held()?.jsonData], [[], 0, jsonData]);
    }
  });

  test('writes secrets when somebody else has written others since it looked', async () => {
    // Given a plan that has to do with the URL alone
    const desired = { ...want, secureJsonData: { a: '1' }, secureFingerprint: 'f1' };
    await reconcile([desired]);
    const { steps } = planProvisioning({
      gateway: 'gw',
      desired: [{ ...desired, url: 'http://new' }],
      held: await client.listDatasources(),
      keep: new Set(),
    });
    // When another leader writes secrets before it is carried out
    await reconcile([{ ...desired, secureJsonData: { a: '2' }, secureFingerprint: 'f2' }]);
    await provision(client, steps);
    // Then what the marker says is so
    assert.deepEqual(grafana.secureJsonData(want.uid), { a: '1' });
  });

  test('has nothing against the deletion of what is gone, which is no write', async () => {
    const result = await provision(client, [{ kind: 'delete', uid: 'gone', name: 'Gone', gateway: 'gw' }]);
    assert.deepEqual([result.changes.length, result.failures.size], [0, 0]);
  });

  test('stops at refused credentials, and every step fails the same way', async () => {
    const result = await provision(as('glsa_wrong'), [create, createOther]);
    assert.deepEqual([failure(result), failure(result, other.uid)], ['UNAUTHORIZED', 'UNAUTHORIZED']);
    assert.equal(grafana.writes.length, 1);
    assert.deepEqual(grafana.datasources(), []);
  });

  for (const [status, tried] of [
    [429, 1],
    [502, 1],
    [503, 1],
    [500, 2],
  ] as const) {
    test(`after ${status} it tries ${tried} of two`, async () => {
      grafana.misbehave({ match: { method: 'POST' }, status });
      const result = await provision(client, [create, createOther]);
      assert.deepEqual([failure(result), failure(result, other.uid)], ['UNAVAILABLE', 'UNAVAILABLE']);
      assert.equal(grafana.writes.length, tried);
    });
  }

  test('stops when Grafana is gone', async () => {
    await grafana.stop();
    const result = await provision(client, [create, createOther]);
    assert.deepEqual([failure(result), failure(result, other.uid)], ['UNREACHABLE', 'UNREACHABLE']);
  });

  test('goes on after a refusal that is about one datasource', async () => {
    for (const message of ['Quota reached', 'Cannot create datasource with team HTTP headers']) {
      grafana.clearRequests();
      const body = JSON.stringify({ message });
      const headers = { 'content-type': 'application/json' };
      grafana.misbehave({ match: { method: 'POST' }, times: 1, answer: { status: 403, headers, body } });
      const result = await provision(client, [create, createOther]);
      assert.ok(failure(result) !== undefined);
      assert.equal(failure(result, other.uid), undefined);
      assert.equal((await client.deleteDatasource(other.uid)) && grafana.datasources().length, 0);
    }
  });

  test('is not stopped by a peer that sets what Grafana refuses', async () => {
    const bad = { ...want, jsonData: { teamHttpHeaders: { a: 1 }, httpMethod: 'GET' } };
    assert.equal((await reconcile([bad, other])).failures.size, 0);
    assert.equal((await reconcile([bad, other])).changes.length, 0);
  });

  test('tells nobody a secret that Grafana repeats in an error', async () => {
    const secret = 'hunter2hunter2';
    grafana.misbehave({
      match: { method: 'POST' },
      answer: {
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: `bad secret ${secret}` }),
      },
    });
    const { failures } = await provision(client, [
      { ...create, desired: { ...want, secureJsonData: { a: secret } } },
    ]);
    const error = failures.get(want.uid);
    assert.ok(error !== undefined && !`${error.message}${error.remedy}${error.stack}`.includes(secret));
  });
});
