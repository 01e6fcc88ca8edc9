import assert from 'node:assert/strict';
import type { UnitState } from '#lib/juju/testing';
import { type GrafanaClientOptions, grafanaClient } from '#src/grafana';
import { EmbeddedGrafana, type Misbehaviour } from '#src/grafana/embedded';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  changedNothing,
  gatewayWorld,
  impatient,
  relationIn,
  runCharm,
  said,
  source,
  sourceData,
  withConfig,
  withRelation,
} from './worlds.ts';

/** Gives up soon on what will never answer. */
const hasty = (options: GrafanaClientOptions) => grafanaClient({ ...options, timeoutMs: 100, retries: 0 });

interface Trouble {
  readonly what: string;
  readonly fault: Misbehaviour;
  readonly status: 'blocked' | 'waiting';
  readonly message: RegExp;
  readonly client?: typeof impatient;
}

/** Longer than any test runs; stopping the Grafana ends it. */
const forEver = 600_000;

const troubles = (match: NonNullable<Misbehaviour['match']>): readonly Trouble[] => [
  {
    what: 'never answers',
    fault: { match, slowMs: forEver },
    status: 'waiting',
    message: /find out why it is slow/,
    client: hasty,
  },
  { what: 'answers 500', fault: { match, status: 500 }, status: 'waiting', message: /wait for Grafana.*500/ },
  { what: 'answers 502', fault: { match, status: 502 }, status: 'waiting', message: /wait for Grafana.*502/ },
  { what: 'answers 429', fault: { match, status: 429 }, status: 'waiting', message: /wait for Grafana.*429/ },
  { what: 'answers 401', fault: { match, status: 401 }, status: 'blocked', message: /put a valid token/ },
  { what: 'answers 403', fault: { match, status: 403 }, status: 'blocked', message: /the role Admin/ },
  { what: 'drops the connection', fault: { match, drop: true }, status: 'waiting', message: /start Grafana/ },
  {
    what: 'answers with a login page',
    fault: { match, answer: { status: 200, body: '<html>' } },
    status: 'blocked',
    message: /set grafana-url to the base URL/,
  },
  {
    what: 'answers with a redirect',
    fault: { match, answer: { status: 302, headers: { location: '/login' } } },
    status: 'blocked',
    message: /set grafana-url to the base URL/,
  },
];

suite('charm: a failing Grafana', () => {
  const { grafana, replaceGrafana } = grafanaPerTest();

  const shown = (of = grafana) => of.datasources().map(({ uid, url, jsonData }) => ({ uid, url, jsonData }));

  /** A gateway that has settled, and for which everything changes then: one to make, one to change, one to delete. */
  async function beforeChanges(of = grafana): Promise<{ given: UnitState; changed: UnitState }> {
    const { state: given } = await runCharm(
      'config-changed',
      gatewayWorld(of, [
        source('loki', { app: 'http://loki', data: { type: 'loki' } }),
        source('prom', { units: { 0: 'http://p0', 1: 'http://p1' }, data: { type: 'prometheus' } }),
      ]),
    );
    const loki = relationIn(given, 'datasources', 'loki');
    const prom = relationIn(given, 'datasources', 'prom');
    const remoteAppData = {
      grafana_source_data: sourceData('loki', { type: 'loki', extra_fields: { maxLines: 5 } }),
      grafana_source_app_host: 'http://loki',
    };
    const remoteUnitsData = {
      'prom/0': {},
      'prom/1': { grafana_source_host: 'http://p1' },
      'prom/2': { grafana_source_host: 'http://p2' },
    };
    return {
      given,
      changed: withRelation(withRelation(given, loki, { remoteAppData }), prom, { remoteUnitsData }),
    };
  }

  /** What a gateway that never saw trouble ends with. */
  async function healthyEnd() {
    const other = await EmbeddedGrafana.start();
    try {
      const { changed } = await beforeChanges(other);
      const { state } = await runCharm('update-status', changed);
      return { datasources: shown(other), answers: answers(state) };
    } finally {
      await other.stop();
    }
  }

  const answers = ({ relations }: UnitState) =>
    relations.map(({ localAppData: { grafana_base_url: _, ...rest } }) => rest);

  suite('that can not be asked', () => {
    for (const { what, fault, status, message, client = impatient } of troubles({ method: 'GET' })) {
      test(`because it ${what}: nothing is changed, the status says what to do, the next hook heals`, async () => {
        const { changed } = await beforeChanges();
        const before = shown();
        grafana.misbehave(fault);
        // When a hook runs
        const out = await runCharm('update-status', changed, { client });
        // Then databags and datasources are as they were
        assert.deepEqual(out.changes.relationSettings, []);
        assert.deepEqual(shown(), before);
        assert.equal(out.state.unitStatus.status, status);
        assert.match(out.state.unitStatus.message, message);
        // And the status is not set again while it lasts
        assert.ok(changedNothing(await runCharm('update-status', out.state, { client })));
        // And when Grafana is well again all is done
        grafana.behave();
        await healed(out.state);
      });
    }

    test('because it is stopped', async () => {
      const { changed } = await beforeChanges();
      await grafana.stop();
      const out = await runCharm('update-status', changed);
      assert.deepEqual(out.changes.relationSettings, []);
      assert.equal(out.state.unitStatus.status, 'waiting');
      assert.match(out.state.unitStatus.message, /^start Grafana or correct grafana-url: ECONN/);
      // When another takes its place that has lost everything
      await replaceGrafana({ token: grafana.token });
      await healed(withConfig(out.state, { 'grafana-url': grafana.url }));
    });

    test('from the start: nothing is answered until it can be', async () => {
      grafana.misbehave({ status: 500 });
      const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]);
      const out = await runCharm('datasources-relation-changed', given);
      assert.deepEqual(out.relation('datasources').localAppData, {});
      grafana.behave();
      const later = await runCharm('update-status', out.state);
      assert.ok(later.relation('datasources').localAppData.app_datasource_uid);
    });
  });

  suite('that can not be written to', () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      for (const { what, fault, status, message, client = impatient } of troubles({ method })) {
        test(`because it ${what} on ${method}: nobody is told what is not there, the next hook heals`, async () => {
          const { changed } = await beforeChanges();
          grafana.misbehave(fault);
          // When a hook runs
          const out = await runCharm('update-status', changed, { client });
          // Then no answer names a UID that Grafana does not have
          const uids = new Set(grafana.datasources().map(({ uid }) => uid));
          for (const { localAppData } of out.state.relations.filter(
            (one) => one.endpoint === 'datasources',
          )) {
            const named = [
              ...Object.values(JSON.parse(localAppData.datasource_uids ?? '{}') as Record<string, string>),
              ...(localAppData.app_datasource_uid === undefined ? [] : [localAppData.app_datasource_uid]),
            ];
            for (const uid of named) {
              // The datasource that is to go may be gone before its answer is.
              if (!uid.startsWith('prom-0-')) assert.ok(uids.has(uid), uid);
            }
          }
          assert.equal(out.state.unitStatus.status, status);
          assert.match(out.state.unitStatus.message, message);
          // And the status is not set again while it lasts
          const again = await runCharm('update-status', out.state, { client });
          assert.ok(changedNothing(again), said(again));
          // And when Grafana is well again all is done
          grafana.behave();
          await healed(again.state);
        });
      }
    }

    test('of one datasource: the application whose it is hears nothing new, the others do', async () => {
      // Given a Grafana that refuses just one
      grafana.misbehave({ match: { method: 'POST' }, status: 400, times: 1 });
      const given = gatewayWorld(grafana, [
        source('aaa', { app: 'http://a' }),
        source('bbb', { app: 'http://b' }),
      ]);
      const out = await runCharm('config-changed', given);
      assert.deepEqual(relationIn(out.state, 'datasources', 'aaa').localAppData, {});
      assert.ok(relationIn(out.state, 'datasources', 'bbb').localAppData.app_datasource_uid);
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.match(out.state.unitStatus.message, /correct the datasource/);
    });
  });

  suite('that did what it was told, and did not say so', () => {
    for (const [method, fault] of [
      ['POST', { drop: true }],
      ['POST', { status: 504 }],
      ['PUT', { drop: true }],
      ['PUT', { status: 504 }],
      ['DELETE', { drop: true }],
      ['DELETE', { status: 504 }],
    ] as const) {
      test(`on ${method}, ${JSON.stringify(fault)}: nothing is doubled or lost`, async () => {
        const { changed } = await beforeChanges();
        grafana.misbehave({ match: { method }, ...fault, applied: true, times: 1 });
        const out = await runCharm('update-status', changed);
        await healed(out.state);
        assert.equal(shown().length, 3);
      });
    }

    test('and can not be asked after that: nothing is told until it can', async () => {
      // Given a Grafana that makes a datasource and goes away
      const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]);
      grafana.misbehave({ match: { method: 'POST' }, drop: true, applied: true });
      grafana.misbehave({ match: { method: 'GET', path: '/api/datasources/uid/' }, drop: true });
      const out = await runCharm('config-changed', given);
      assert.deepEqual(out.relation('datasources').localAppData, {});
      assert.equal(out.state.unitStatus.status, 'waiting');
      assert.equal(shown().length, 1);
      // When it is back
      grafana.behave();
      const later = await runCharm('update-status', out.state);
      // Then the datasource is taken for what it is
      assert.equal(shown().length, 1);
      assert.equal(later.relation('datasources').localAppData.app_datasource_uid, shown()[0]?.uid);
      assert.equal(later.state.unitStatus.status, 'active');
    });
  });

  suite('in which something stands in the way', () => {
    const tempo = () => source('tempo', { app: 'http://tempo', data: { extra_fields: { a: 1 } } });

    test('a datasource of an operator has the name: it is left alone, the status names it', async () => {
      // Given a name that is taken
      const free = await EmbeddedGrafana.start();
      await runCharm('config-changed', gatewayWorld(free, [tempo()]));
      const [{ name } = assert.fail()] = free.datasources();
      await free.stop();
      grafana.seed({ name, type: 'tempo', uid: 'by-hand' });
      const before = shown();
      // When the source registers, next to another one
      const given = gatewayWorld(grafana, [tempo(), source('loki', { app: 'http://loki' })]);
      const out = await runCharm('config-changed', given);
      // Then what is there stays, nothing is answered, and the other one works
      assert.deepEqual(
        shown().filter(({ uid }) => uid === 'by-hand'),
        before,
      );
      assert.deepEqual(relationIn(out.state, 'datasources', 'tempo').localAppData, {});
      assert.ok(relationIn(out.state, 'datasources', 'loki').localAppData.app_datasource_uid);
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.ok(out.state.unitStatus.message.startsWith(`rename or remove datasource '${name}' in Grafana`));
      // And when the operator has removed it, all is done
      await deleteAs(grafana, 'by-hand');
      const later = await runCharm('update-status', out.state);
      assert.equal(later.state.unitStatus.status, 'active');
      assert.ok(relationIn(later.state, 'datasources', 'tempo').localAppData.app_datasource_uid);
    });

    test('a datasource of an operator took the name after we looked: 409, and the same words on the next hook', async () => {
      const free = await EmbeddedGrafana.start();
      await runCharm('config-changed', gatewayWorld(free, [tempo()]));
      const [{ name } = assert.fail()] = free.datasources();
      await free.stop();
      grafana.misbehave({
        match: { method: 'POST' },
        times: 1,
        before: () => grafana.seed({ name, type: 'tempo', uid: 'by-hand' }),
      });
      const out = await runCharm('config-changed', gatewayWorld(grafana, [tempo()]));
      assert.deepEqual(out.relation('datasources').localAppData, {});
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.match(out.state.unitStatus.message, /rename or delete the Grafana datasource/);
      assert.deepEqual(
        grafana.datasources().map(({ uid }) => uid),
        ['by-hand'],
      );
      const later = await runCharm('update-status', out.state);
      assert.match(later.state.unitStatus.message, /^rename or remove datasource 'juju_/);
    });

    test('the uid is taken by another: it is left alone, the status names it', async () => {
      const free = await EmbeddedGrafana.start();
      await runCharm('config-changed', gatewayWorld(free, [tempo()]));
      const [{ uid } = assert.fail()] = free.datasources();
      await free.stop();
      grafana.seed({ name: 'Mine', type: 'tempo', uid, url: 'http://mine' });
      const before = shown();
      const out = await runCharm('config-changed', gatewayWorld(grafana, [tempo()]));
      assert.deepEqual(shown(), before);
      assert.deepEqual(out.relation('datasources').localAppData, {});
      assert.match(out.state.unitStatus.message, /^remove datasource 'Mine' in Grafana/);
      assert.equal(out.state.unitStatus.status, 'blocked');
    });

    for (const [what, times, status] of [
      ['once', 1, 'active'],
      ['again and again', 100, 'waiting'],
    ] as const) {
      test(`somebody else writes the same datasource ${what} while we do`, async () => {
        // Given a datasource that has to change
        const { state: given } = await runCharm('config-changed', gatewayWorld(grafana, [tempo()]));
        const [{ uid } = assert.fail()] = grafana.datasources();
        const data = sourceData('tempo', { extra_fields: { a: 2 } });
        const remoteAppData = { grafana_source_data: data, grafana_source_app_host: 'http://tempo' };
        const changed = withRelation(given, relationIn(given, 'datasources'), { remoteAppData });
        const answered = relationIn(given, 'datasources').localAppData;
        // When somebody gets in between each of our reads and writes
        grafana.misbehave({ match: { method: 'PUT' }, times, before: () => grafana.bumpVersion(uid) });
        const out = await runCharm('datasources-relation-changed', changed);
        // Then it is tried again for a while, and by the next hook
        assert.equal(out.state.unitStatus.status, status);
        assert.deepEqual(out.relation('datasources').localAppData, answered);
        grafana.behave();
        await runCharm('update-status', out.state);
        assert.equal((grafana.datasources()[0]?.jsonData as { a: number }).a, 2);
        assert.equal(grafana.datasources().length, 1);
      });
    }
  });

  test('does not hide from the operator what else has to be mended', async () => {
    // Given a Grafana that can't be written to, and a typing error in the config
    grafana.misbehave({ match: { method: 'POST' }, status: 500 });
    const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })], {
      config: { 'datasource-type': 'temp' },
    });
    // When hooks run, then the error is what the status shows, once
    const out = await runCharm('config-changed', given);
    assert.equal(out.state.unitStatus.status, 'blocked');
    assert.match(out.state.unitStatus.message, /^datasource-type: /);
    assert.ok(changedNothing(await runCharm('update-status', out.state)));
    // And when it is mended, the trouble with Grafana is
    const mended = await runCharm('config-changed', withConfig(out.state, { 'datasource-type': '' }));
    assert.equal(mended.state.unitStatus.status, 'waiting');
    assert.deepEqual(mended.relation('datasources').localAppData, {});
  });

  test('does not keep an application that is also a datasource from its other conversations', async () => {
    grafana.misbehave({ status: 500 });
    const given = gatewayWorld(grafana, [{ endpoint: 'grafana-source', remoteApp: 'other' }], {
      config: { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo' },
    });
    const out = await runCharm('config-changed', given);
    assert.equal(out.relation('grafana-source').localAppData.grafana_source_app_host, 'http://tempo');
    assert.match(out.state.unitStatus.message, /wait for Grafana/);
  });

  /** Runs the next hook: all must be done then, as if there had been no trouble, and stay so. */
  async function healed(state: UnitState): Promise<void> {
    const out = await runCharm('update-status', state);
    const message = `3 datasources in ${grafana.url}`;
    assert.deepEqual(out.state.unitStatus, { status: 'active', message });
    grafana.clearRequests();
    assert.ok(changedNothing(await runCharm('update-status', out.state)));
    assert.deepEqual(grafana.writes, []);
    assert.deepEqual({ datasources: shown(), answers: answers(out.state) }, await healthyEnd());
  }
});

async function deleteAs({ url, token }: EmbeddedGrafana, uid: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/api/datasources/uid/${uid}`, { method: 'DELETE', headers });
  assert.equal(answer.status, 200);
}
