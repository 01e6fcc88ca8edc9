import assert from 'node:assert/strict';
import { ClientHarness, failure } from './client-harness.ts';

const content = {
  label: 'Logs',
  description: 'x',
  config: {
    field: 'labels',
    target: { expr: '${a}' },
    transformations: [{ type: 'regex', expression: 'a=(.)', mapValue: 'a' }],
  },
};

suite('Grafana client: correlations', () => {
  let harness: ClientHarness;
  setup(async () => {
    harness = await ClientHarness.start();
    seed();
  });
  teardown(() => harness.grafana.stop());

  function seed(): void {
    harness.grafana.seed({ name: 'Tempo', type: 'tempo', uid: 'tempo' });
    harness.grafana.seed({ name: 'Loki', type: 'loki', uid: 'loki' });
  }

  for (const version of ['10.2.0', '11.3.0', '13.1.0']) {
    test(`Grafana ${version}: what was written is what is read`, async () => {
      await harness.restart({ version });
      seed();
      const client = harness.client();
      const made = await client.createCorrelation('tempo', 'loki', content);
      assert.deepEqual(made, {
        uid: made.uid,
        sourceUID: 'tempo',
        targetUID: 'loki',
        type: 'query',
        provisioned: false,
        ...content,
      });
      assert.deepEqual(await client.listCorrelations(), [made]);
      assert.deepEqual(await client.getCorrelation('tempo', made.uid), made);
      const other = { ...content, label: 'M', config: { ...content.config, transformations: [] } };
      assert.deepEqual(await client.updateCorrelation('tempo', made.uid, other), { ...made, ...other });
      assert.equal(await client.deleteCorrelation('tempo', made.uid), true);
      assert.equal(await client.deleteCorrelation('tempo', made.uid), false);
      assert.equal(await client.getCorrelation('tempo', made.uid), undefined);
    });
  }

  for (const version of ['9.0.0', '9.4.7', '10.1.0']) {
    test(`Grafana ${version} has nothing that is of use`, async () => {
      await harness.restart({ version });
      assert.equal(await harness.client().listCorrelations(), undefined);
    });
  }

  test('nor has one that says in its early words that there are none, or lists null', async () => {
    const answers = [
      { status: 404, body: '{"message":"No correlation found"}' },
      { status: 200, body: '{"correlations":null,"totalCount":0,"page":0,"limit":0}' },
    ];
    for (const answer of answers) {
      harness.grafana.misbehave({ match: { path: '/api/datasources/correlations' }, answer, times: 1 });
      assert.equal(await harness.client().listCorrelations(), undefined);
    }
  });

  test('reads all pages', async () => {
    for (let n = 0; n < 1001; n += 1)
      harness.grafana.seedCorrelation({ sourceUID: 'tempo', targetUID: 'loki' });
    assert.equal((await harness.client().listCorrelations())?.length, 1001);
    assert.deepEqual(
      harness.grafana.requests.map(({ path }) => path),
      [1, 2].map((page) => `/api/datasources/correlations?limit=1000&page=${page}`),
    );
  });

  test('what is in the way has a code, and a remedy that speaks of correlations', async () => {
    const { grafana } = harness;
    const client = harness.client();
    const { uid } = grafana.seedCorrelation({ sourceUID: 'tempo', targetUID: 'loki', provisioned: true });
    const locked = await failure(client.updateCorrelation('tempo', uid, content));
    assert.equal(locked.code, 'READ_ONLY');
    assert.match(locked.remedy, /take the correlation out of the Grafana provisioning file/);
    assert.equal((await failure(client.createCorrelation('tempo', 'gone', content))).code, 'NOT_FOUND');
    grafana.misbehave({
      answer: { status: 403, body: '{"message":"correlations quota reached"}' },
      times: 1,
    });
    const quota = await failure(client.createCorrelation('tempo', 'loki', content));
    assert.deepEqual([quota.code, quota.remedy], ['QUOTA', 'raise the correlations quota of Grafana']);
    grafana.misbehave({ answer: { status: 400, body: '{"message":"bad request data"}' }, times: 1 });
    const rejected = await failure(client.createCorrelation('tempo', 'loki', content));
    assert.equal(rejected.code, 'REJECTED');
    assert.match(rejected.remedy, /^correct the correlation: /);
    const viewer = harness.client({ auth: { kind: 'bearer', token: grafana.addToken({ role: 'Viewer' }) } });
    assert.equal((await failure(viewer.deleteCorrelation('tempo', uid))).code, 'FORBIDDEN');
  });

  test('what is no list at all is not Grafana', async () => {
    harness.grafana.misbehave({
      answer: { status: 200, body: '{"correlations":[{"uid":1}],"totalCount":1}' },
    });
    assert.equal((await failure(harness.client().listCorrelations())).code, 'MISCONFIGURED');
  });
});
