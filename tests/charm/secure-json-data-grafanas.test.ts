import assert from 'node:assert/strict';
import { type Databag, HookToolError, type HookTools } from '#lib/juju';
import type { UnitState } from '#lib/juju/testing';
import { answered, grafana, kinds, secretWorld, told } from './secure-json-data.ts';
import {
  changedNothing,
  exchange,
  grafanaSource,
  modelUuid,
  relationIn,
  runCharm,
  withRelation,
} from './worlds.ts';

suite('charm: secure-json-data of a datasource', () => {
  suite('and a Grafana that', () => {
    const withAnswer = (given: UnitState, answer: Databag) =>
      withRelation(given, relationIn(given, 'grafana-source'), { remoteAppData: answer });

    test('does not say it has taken it is named, and the links are there all the same', async () => {
      const mimir = exchange('mimir', [['prometheus', 'mimir-1', 'g1']]);
      const first = await runCharm('config-changed', secretWorld([grafana(), mimir]));
      assert.deepEqual(first.state.unitStatus, {
        status: 'active',
        message: '2 of 4 links in 1 Grafana; secure-json-data not taken by grafana: see explain',
      });
      const event = { kind: 'action', action: 'explain', actionId: '1' } as const;
      const { action } = await runCharm(event, { ...first.state, actionParameters: {} });
      const text = String(action.results['secure-json-data']).replace(/\s+/g, ' ');
      assert.match(text, /^grafana: has not taken secure-json-data\. /);
      assert.match(text, /grafana-k8s does not read it: put the values into that Grafana by hand, or/);
    });

    test('says it has is not worth a word', async () => {
      const first = await runCharm('config-changed', secretWorld([grafana()]));
      const secret = told(first.state) ?? assert.fail();
      // In whatever form of the same URI
      for (const echo of [secret, `secret:${secret.slice(-20)}`]) {
        const out = await runCharm(
          'grafana-source-relation-changed',
          withAnswer(first.state, { ...answered, grafana_source_secret: echo }),
        );
        assert.deepEqual(out.state.unitStatus, { status: 'active', message: '0 of 4 links in 1 Grafana' });
        assert.ok(changedNothing(await runCharm('update-status', out.state)));
      }
    });

    test('says it of another secret has not taken this one', async () => {
      const first = await runCharm('config-changed', secretWorld([grafana()]));
      const echo = `secret://${modelUuid}/anothersecret0000000`;
      const out = await runCharm(
        'grafana-source-relation-changed',
        withAnswer(first.state, { ...answered, grafana_source_secret: echo }),
      );
      assert.match(out.state.unitStatus.message, /not taken by grafana/);
    });
  });

  suite('across models', () => {
    const other = '99999999-2222-4333-8444-555555555555';
    /** What Juju before 3.6.2 says; its goal state names an offer by its URL. */
    const older = (tools: HookTools): HookTools =>
      new Proxy(tools, {
        get(target, name: keyof HookTools) {
          if (name === 'relationModelGet') {
            return async () => {
              const details = { code: 'NOT_AVAILABLE', tool: 'relation-model-get' } as const;
              throw new HookToolError('bad request: unknown command: relation-model-get', details);
            };
          }
          if (name === 'goalState') {
            return async () => {
              const { units, relations } = await target.goalState();
              const { 'grafana-source': local = {}, ...rest } = relations;
              const entries = Object.entries(local).map(
                ([app, entry]) => [app.startsWith('saas') ? `admin/other.${app}` : app, entry] as const,
              );
              return { units, relations: { ...rest, 'grafana-source': Object.fromEntries(entries) } };
            };
          }
          const value = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });

    for (const [which, options] of [
      ['Juju', {}],
      ['a Juju before 3.6.2', { tools: older }],
    ] as const) {
      test(`an offer that is consumed here is given none, as ${which} would fail the hook`, async () => {
        const saas = grafanaSource('saas-grafana', answered, { remoteModelUuid: other });
        const out = await runCharm('config-changed', secretWorld([grafana(), saas]), options);
        assert.ok(told(out.state, 'grafana'));
        assert.equal(told(out.state, 'saas-grafana'), undefined);
        assert.equal(kinds(out).filter((kind) => kind === 'grant').length, 1);
        assert.match(out.state.unitStatus.message, /not taken by grafana and 1 more: see explain$/);
        assert.ok(changedNothing(await runCharm('update-status', out.state, options)));
      });

      test(`one that consumes ours is given it: ${which}`, async () => {
        const consumer = grafanaSource(`remote-${'0123456789abcdef'.repeat(2)}`, answered, {
          remoteModelUuid: other,
        });
        const out = await runCharm('config-changed', secretWorld([consumer]), options);
        assert.deepEqual(kinds(out), ['add', 'grant']);
      });
    }

    test('with no other Grafana there is no secret at all', async () => {
      const saas = grafanaSource('saas-grafana', answered, { remoteModelUuid: other });
      const out = await runCharm('config-changed', secretWorld([saas]));
      assert.deepEqual(kinds(out), []);
    });
  });
});
