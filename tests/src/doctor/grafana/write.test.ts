import assert from 'node:assert/strict';
import { type GrafanaClient, grafanaClient } from '#src/grafana';
import { type DatasourceSeed, EmbeddedGrafana } from '#src/grafana/embedded';
import { inFull, type Outcome, observe, propose, write } from '../../../../src/doctor/grafana/index.ts';

const prometheus: DatasourceSeed = {
  uid: 'prom',
  name: 'Prometheus',
  type: 'prometheus',
  url: 'http://p:9090',
};
/** Every field that a careless write would lose. */
const tempo: DatasourceSeed = {
  uid: 'tempo',
  name: 'Tempo',
  type: 'tempo',
  access: 'direct',
  url: 'http://t:3200',
  user: 'u',
  database: 'd',
  basicAuth: true,
  basicAuthUser: 'b',
  withCredentials: true,
  isDefault: true,
  version: 7,
  jsonData: {
    serviceMap: { datasourceUid: 'gone' },
    tracesToMetrics: { datasourceUid: 'prom' },
    search: { hide: true },
  },
  secureJsonData: { basicAuthPassword: 'hunter2', httpHeaderValue1: 'x' },
};

suite('writing what --fix proposes', () => {
  let grafana: EmbeddedGrafana;
  teardown(() => grafana.stop());

  /** Looks, lets somebody do something, and writes. */
  async function fixed(
    seed: readonly DatasourceSeed[],
    meanwhile: (grafana: EmbeddedGrafana, client: GrafanaClient) => unknown = () => {},
    version = '12.1.0',
  ): Promise<Outcome[]> {
    grafana = await EmbeddedGrafana.start({ seed, version });
    const auth = { kind: 'bearer', token: grafana.token } as const;
    const client = grafanaClient({ url: grafana.url, auth, retries: 0, sleep: async () => {} });
    const listed = await observe(client, grafana.url);
    const none = new Set<string>();
    const uids = propose(listed, none).proposals.map(({ datasource }) => datasource.uid);
    const { live, details } = await inFull(client, listed, uids);
    const changes = propose(live, none).proposals.flatMap((proposal) => {
      const seen = details.get(proposal.datasource.uid);
      return seen === undefined ? [] : [{ proposal, seen }];
    });
    await meanwhile(grafana, client);
    return write(client, changes);
  }

  const held = (uid: string) => grafana.datasources().find((one) => one.uid === uid);
  const states = (outcomes: readonly Outcome[]) =>
    Object.fromEntries(outcomes.map(({ proposal, state }) => [proposal.datasource.uid, state]));

  for (const version of ['9.4.0', '10.4.0', '12.1.0', '13.0.2']) {
    test(`changes the link and nothing else, and keeps every secret, in Grafana ${version}`, async () => {
      const outcomes = await fixed([prometheus, tempo], undefined, version);
      assert.deepEqual(states(outcomes), { prom: 'written', tempo: 'written' });
      const {
        id: _id,
        orgId: _org,
        typeLogoUrl: _logo,
        secureJsonFields,
        ...rest
      } = held('tempo') ?? assert.fail();
      const { secureJsonData, ...before } = tempo;
      assert.deepEqual(rest, {
        ...before,
        version: 8,
        readOnly: false,
        jsonData: { ...before.jsonData, serviceMap: { datasourceUid: 'prom' } },
      });
      assert.deepEqual(secureJsonFields, { basicAuthPassword: true, httpHeaderValue1: true });
      assert.deepEqual(grafana.secureJsonData('tempo'), secureJsonData);
    });
  }

  const conflicts: readonly [
    what: string,
    meanwhile: (grafana: EmbeddedGrafana, client: GrafanaClient) => unknown,
  ][] = [
    ['has been written since it was looked at', (grafana) => grafana.bumpVersion('tempo')],
    [
      'is written between the last look and the write',
      (grafana) =>
        grafana.misbehave({
          match: { method: 'PUT', path: '/api/datasources/uid/tempo' },
          times: 1,
          before: () => grafana.bumpVersion('tempo'),
        }),
    ],
    [
      'has other jsonData, by a writer who set its version back',
      async (_, client) => {
        const now = await client.getDatasource('tempo');
        assert.ok(now !== undefined);
        await client.updateDatasource('tempo', {
          ...now,
          access: 'proxy',
          jsonData: { mine: true },
          version: 6 + 1,
        });
      },
    ],
    ['has been deleted', (_, client) => client.deleteDatasource('tempo')],
  ];
  for (const [what, meanwhile] of conflicts) {
    test(`leaves a datasource alone that ${what}, writes the others, and says so`, async () => {
      let theirs: unknown;
      const outcomes = await fixed([prometheus, tempo], async (grafana, client) => {
        await meanwhile(grafana, client);
        theirs = held('tempo')?.jsonData;
      });
      assert.deepEqual(states(outcomes), { prom: 'written', tempo: 'conflict' });
      assert.deepEqual(held('tempo')?.jsonData, theirs, 'nothing of theirs is lost');
      assert.match(outcomes[1]?.message ?? '', /^somebody has (changed|deleted) it/);
    });
  }

  test('says what was refused, and goes on', async () => {
    const outcomes = await fixed([prometheus, { ...tempo, url: '' }]);
    assert.deepEqual(states(outcomes), { prom: 'written', tempo: 'failed' });
    assert.match(outcomes[1]?.message ?? '', /invalid URL/);
  });

  test('says what may have been written and what was not, when Grafana breaks off', async () => {
    const outcomes = await fixed([prometheus, tempo], (grafana) =>
      grafana.misbehave({ match: { method: 'PUT' }, drop: true, applied: true }),
    );
    assert.deepEqual(states(outcomes), { prom: 'unknown', tempo: 'failed' });
    assert.equal(grafana.writes.length, 1, 'the rest is not tried');
  });

  test('tries nothing more once Grafana refuses the token', async () => {
    const outcomes = await fixed([prometheus, tempo], (grafana) => grafana.misbehave({ status: 401 }));
    assert.deepEqual(states(outcomes), { prom: 'failed', tempo: 'failed' });
    assert.deepEqual(grafana.writes, []);
    assert.match(outcomes[0]?.message ?? '', /put a valid token into the file of --token-file$/);
  });

  test('speaks of no charm when the token may only look', async () => {
    const outcomes = await fixed([prometheus, tempo], (grafana) =>
      grafana.misbehave({ match: { method: 'PUT' }, status: 403 }),
    );
    assert.match(outcomes[0]?.message ?? '', /give the service account of the token the role Admin$/);
  });
});
