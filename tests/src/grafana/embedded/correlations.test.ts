import assert from 'node:assert/strict';
import { EmbeddedGrafana } from '#src/grafana/embedded';

const all = '/api/datasources/correlations';
const ofTempo = '/api/datasources/uid/tempo/correlations';
const body = {
  targetUID: 'loki',
  type: 'query',
  label: 'L',
  config: { type: 'query', field: 'f', target: { b: 1, a: 2 } },
};

suite('embedded Grafana: correlations', () => {
  let grafana: EmbeddedGrafana;
  teardown(() => grafana.stop());

  async function start(version = '12.1.0'): Promise<void> {
    grafana = await EmbeddedGrafana.start({
      version,
      seed: [
        { name: 'Tempo', type: 'tempo', uid: 'tempo' },
        { name: 'Loki', type: 'loki', uid: 'loki' },
        { name: 'Locked', type: 'loki', uid: 'locked', readOnly: true },
      ],
    });
  }

  async function ask(
    method: string,
    path: string,
    { json = undefined as unknown, token = grafana.token } = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const answer = await fetch(grafana.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  }

  async function made(given: object = body, source = 'tempo'): Promise<Record<string, unknown>> {
    const { status, json } = await ask('POST', `/api/datasources/uid/${source}/correlations`, {
      json: given,
    });
    assert.equal(status, 200);
    assert.equal(json.message, 'Correlation created');
    return json.result as Record<string, unknown>;
  }

  test('are made with a uid of the server, and read as they are', async () => {
    await start();
    const { uid, ...rest } = await made();
    assert.deepEqual(rest, {
      sourceUID: 'tempo',
      orgId: 1,
      targetUID: 'loki',
      label: 'L',
      description: '',
      config: { field: 'f', target: { a: 2, b: 1 } },
      provisioned: false,
      type: 'query',
    });
    const one = await ask('GET', `${ofTempo}/${uid}`);
    assert.deepEqual(one, { status: 200, json: { uid, ...rest } });
    assert.deepEqual((await ask('GET', ofTempo)).json, [one.json]);
    assert.deepEqual((await ask('GET', all)).json, {
      correlations: [one.json],
      totalCount: 1,
      page: 1,
      limit: 100,
    });
  });

  test('two that are alike are two', async () => {
    await start();
    assert.notEqual((await made()).uid, (await made()).uid);
    assert.equal(grafana.correlations().length, 2);
  });

  test('come in pages, and of the sources that are asked for', async () => {
    await start();
    for (let n = 0; n < 3; n += 1) await made({ ...body, label: String(n) });
    await made({ ...body, targetUID: 'tempo' }, 'loki');
    const labels = async (query: string) => {
      const { json } = await ask('GET', `${all}?${query}`);
      return (json.correlations as { label: string }[]).map(({ label }) => label);
    };
    assert.deepEqual(await labels('limit=2&page=1'), ['0', '1']);
    assert.deepEqual(await labels('limit=2&page=2'), ['2', 'L']);
    assert.deepEqual(await labels('limit=2&page=3'), []);
    assert.deepEqual(await labels('sourceUID=loki'), ['L']);
    assert.equal((await ask('GET', `${all}?limit=5000`)).json.limit, 1000);
  });

  test('are changed in what is said, and not in where they lead', async () => {
    await start();
    const { uid } = await made();
    const transformations = [{ type: 'regex', expression: 'x', mapValue: 'y', unknown: 1 }];
    const json = { label: 'M', targetUID: 'tempo', config: { transformations } };
    const patched = await ask('PATCH', `${ofTempo}/${uid}`, { json });
    assert.equal(patched.status, 200);
    assert.equal(patched.json.message, 'Correlation updated');
    const { label, targetUID, config } = patched.json.result as Record<string, unknown>;
    assert.deepEqual([label, targetUID], ['M', 'loki']);
    assert.deepEqual(config, {
      field: 'f',
      target: { a: 2, b: 1 },
      transformations: [{ type: 'regex', expression: 'x', mapValue: 'y' }],
    });
    await ask('PATCH', `${ofTempo}/${uid}`, { json: { description: 'd', config: { transformations: [] } } });
    assert.deepEqual(grafana.correlations()[0]?.config.transformations, []);
  });

  test('are deleted by hand, and with the datasource at either end', async () => {
    await start();
    const { uid } = await made();
    assert.deepEqual(await ask('DELETE', `${ofTempo}/${uid}`), {
      status: 200,
      json: { message: 'Correlation deleted' },
    });
    for (const path of ['uid/loki', 'name/Tempo']) {
      await made();
      assert.equal((await ask('DELETE', `/api/datasources/${path}`)).status, 200);
      assert.deepEqual(grafana.correlations(), []);
      if (path === 'uid/loki') grafana.seed({ name: 'Loki', type: 'loki', uid: 'loki' });
    }
  });

  const gone = '/api/datasources/uid/gone/correlations';
  const refusals: [
    what: string,
    method: string,
    path: string,
    json: unknown,
    status: number,
    message: string,
  ][] = [
    ['no type', 'POST', ofTempo, { ...body, type: undefined }, 400, 'bad request data'],
    ['a type that there is not', 'POST', ofTempo, { ...body, type: 'magic' }, 400, 'bad request data'],
    ['a query without a target', 'POST', ofTempo, { ...body, targetUID: undefined }, 400, 'bad request data'],
    [
      'a regex without an expression',
      'POST',
      ofTempo,
      { ...body, config: { transformations: [{ type: 'regex' }] } },
      400,
      'bad request data',
    ],
    ['a label that is no text', 'POST', ofTempo, { ...body, label: 1 }, 400, 'bad request data'],
    ['no such target', 'POST', ofTempo, { ...body, targetUID: 'gone' }, 404, 'Data source not found'],
    ['no such source', 'POST', gone, body, 404, 'Data source not found'],
    ['no such source to change from', 'PATCH', `${gone}/x`, { label: 'x' }, 404, 'Data source not found'],
    ['no such correlation to change', 'PATCH', `${ofTempo}/x`, { label: 'x' }, 404, 'Correlation not found'],
    [
      'nothing to change',
      'PATCH',
      `${ofTempo}/x`,
      {},
      400,
      'At least one of label, description or config is required',
    ],
    ['no such correlation to delete', 'DELETE', `${ofTempo}/x`, undefined, 404, 'Correlation not found'],
    ['no such correlation to read', 'GET', `${ofTempo}/x`, undefined, 404, 'Correlation not found'],
    ['no such source to read from', 'GET', gone, undefined, 404, 'Source data source not found'],
  ];
  for (const [what, method, path, json, status, message] of refusals) {
    test(`${what}: ${status}`, async () => {
      await start();
      const answer = await ask(method, path, { json });
      assert.deepEqual([answer.status, answer.json.message], [status, message]);
      assert.deepEqual(grafana.correlations(), []);
    });
  }

  test('one that is asked for through another datasource is not there', async () => {
    await start();
    const { uid } = await made();
    assert.equal((await ask('DELETE', `/api/datasources/uid/loki/correlations/${uid}`)).status, 404);
    assert.equal(grafana.correlations().length, 1);
  });

  test('those of a provisioning file are read only, and may be looked at', async () => {
    await start();
    const { uid } = grafana.seedCorrelation({ sourceUID: 'tempo', targetUID: 'loki', provisioned: true });
    for (const method of ['PATCH', 'DELETE']) {
      const { status, json } = await ask(method, `${ofTempo}/${uid}`, { json: { label: 'x' } });
      assert.deepEqual([status, json.message], [403, 'Correlation can only be edited via provisioning']);
    }
    assert.equal((await ask('GET', `${ofTempo}/${uid}`)).json.provisioned, true);
  });

  test('may start at a provisioned datasource since 10.2, and not before', async () => {
    await start('10.2.0');
    await made(body, 'locked');
    await grafana.stop();
    await start('9.4.7');
    const { status, json } = await ask('POST', '/api/datasources/uid/locked/correlations', { json: body });
    assert.deepEqual([status, json.message], [403, 'Data source is read only']);
  });

  for (const role of ['Viewer', 'Editor'] as const) {
    test(`a ${role} may look and not write`, async () => {
      await start();
      const { uid } = await made();
      const token = grafana.addToken({ role });
      assert.equal((await ask('GET', all, { token })).status, 200);
      for (const [method, path] of [
        ['POST', ofTempo],
        ['PATCH', `${ofTempo}/${uid}`],
        ['DELETE', `${ofTempo}/${uid}`],
      ] as const) {
        assert.equal((await ask(method, path, { token, json: body })).status, 403);
      }
    });
  }

  test('early versions list them bare, with the type in the config and without transformations', async () => {
    await start('9.4.7');
    const transformations = [{ type: 'logfmt' }];
    const { uid } = await made({ ...body, config: { ...body.config, transformations } });
    assert.deepEqual((await ask('GET', all)).json, [
      {
        uid,
        sourceUID: 'tempo',
        targetUID: 'loki',
        label: 'L',
        description: '',
        config: { type: 'query', field: 'f', target: { a: 2, b: 1 } },
      },
    ]);
  });

  test('the first versions have none', async () => {
    await start('9.0.0');
    const { status, json } = await ask('GET', all);
    assert.deepEqual([status, json.message], [400, 'id is invalid']);
    assert.equal((await ask('POST', ofTempo, { json: body })).status, 404);
  });
});
