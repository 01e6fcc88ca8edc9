import assert from 'node:assert/strict';
import { HookToolError, type HookTools } from '#lib/juju';
import type { UnitState } from '#lib/juju/testing';
import {
  grafana,
  kinds,
  operators,
  ownSecret,
  password,
  secretWorld,
  told,
  uri,
  yaml,
} from './secure-json-data.ts';
import {
  changedNothing,
  datasourceWorld,
  exchange,
  extraFieldsIn,
  modelUuid,
  relationEvent,
  relationIn,
  runCharm,
  said,
  withConfig,
} from './worlds.ts';

const json = JSON.stringify({ basicAuthPassword: password });

function ownContent(given: UnitState): unknown {
  const text = ownSecret(given)?.revisions.at(-1)?.content['secure-extra-fields'];
  return text === undefined ? undefined : JSON.parse(text);
}

/** The same world after the operator gave the secret this content. */
function updated(given: UnitState, text: string): UnitState {
  const secrets = given.secrets.map((secret) => {
    if (secret.id !== operators) return secret;
    const revision = (secret.revisions.at(-1)?.revision ?? 0) + 1;
    const content = { 'secure-json-data': text };
    return { ...secret, revisions: [...secret.revisions, { revision, content }] };
  });
  return { ...given, secrets };
}

/** Hook tools that note which of those for secrets are used. */
function watched(asked: string[]): (tools: HookTools) => HookTools {
  return (tools) =>
    new Proxy(tools, {
      get(target, name: keyof HookTools) {
        if (String(name).startsWith('secret')) asked.push(String(name));
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
}

const changed = { kind: 'secret-changed', secretId: uri, label: '' } as const;

suite('charm: secure-json-data of a datasource', () => {
  for (const [what, text] of [
    ['YAML', yaml],
    ['JSON', json],
    ['YAML with comments and a certificate', `# ours\n${yaml}tlsCACert: |\n  -----BEGIN\n  abc\n`],
  ] as const) {
    test(`is shared with each Grafana in a secret of its own: ${what}`, async () => {
      const out = await runCharm('config-changed', secretWorld([grafana(), grafana('graf2')], { text }));
      const own = ownSecret(out.state) ?? assert.fail('there is no secret');
      assert.equal((ownContent(out.state) as { basicAuthPassword: string }).basicAuthPassword, password);
      for (const remoteApp of ['grafana', 'graf2']) {
        assert.equal(told(out.state, remoteApp), `secret://${modelUuid}/${own.id}`);
      }
      const grants = out.changes.secrets.flatMap((one) => (one.kind === 'grant' ? one.relationId : []));
      assert.deepEqual(
        grants,
        ['grafana', 'graf2'].map((app) => relationIn(out.state, 'grafana-source', app).id),
      );
      // In none of what others see stands what is in it.
      assert.ok(!said({ ...out, changes: { ...out.changes, secrets: [] } }).includes(password));
    });
  }

  test('is no part of grafana_source_data, and hinders no link', async () => {
    const mimir = exchange('mimir', [['prometheus', 'mimir-1', 'g1']]);
    const out = await runCharm('config-changed', secretWorld([grafana(), mimir]));
    const data = out.relation('grafana-source').localAppData;
    assert.equal(extraFieldsIn(data)?.serviceMap?.datasourceUid, 'mimir-1');
    assert.match(data.grafana_source_data ?? '', /"secure_extra_fields": null/);
  });

  for (const hook of ['config-changed', 'update-status', 'leader-elected', 'upgrade-charm', 'start']) {
    test(`a second ${hook} writes nothing`, async () => {
      const first = await runCharm(hook, secretWorld([grafana()]));
      const second = await runCharm(hook, first.state);
      assert.ok(changedNothing(second), said(second));
    });
  }

  test('it makes no difference which comes first, the relation or the option', async () => {
    const relationLast = await runCharm('config-changed', secretWorld([]));
    assert.deepEqual(kinds(relationLast), [], 'nobody is there to read it');
    const related = secretWorld([grafana()]);
    const late = { ...relationLast.state, relations: related.relations };
    const event = relationEvent('relation-created', relationIn(late, 'grafana-source'));
    const a = await runCharm(event, late);
    const optionLast = await runCharm('config-changed', withConfig(related, { 'secure-json-data': '' }));
    const b = await runCharm('config-changed', withConfig(optionLast.state, { 'secure-json-data': uri }));
    for (const out of [a, b]) {
      assert.deepEqual(ownContent(out.state), { basicAuthPassword: password });
      assert.ok(told(out.state));
    }
  });

  test('a Grafana that comes later is let in, and the others are left alone', async () => {
    const first = await runCharm('config-changed', secretWorld([grafana('grafana', { id: 4 })]));
    const more = datasourceWorld([grafana('graf2', { id: 7 })]).relations.filter(({ id }) => id === 7);
    const out = await runCharm('update-status', {
      ...first.state,
      relations: [...first.state.relations, ...more],
    });
    assert.deepEqual(
      out.changes.secrets.map((one) => [one.kind, 'relationId' in one && one.relationId]),
      [['grant', 7]],
    );
    assert.equal(told(out.state, 'graf2'), told(out.state, 'grafana'));
  });

  test('what the operator changes in it makes a revision; the same text in another form makes none', async () => {
    const first = await runCharm('config-changed', secretWorld([grafana()]));
    const before = told(first.state);
    const same = await runCharm(changed, updated(first.state, json));
    assert.ok(changedNothing(same), said(same));
    const out = await runCharm(changed, updated(same.state, 'basicAuthPassword: other-pass\n'));
    assert.deepEqual(kinds(out), ['set']);
    assert.deepEqual(ownContent(out.state), { basicAuthPassword: 'other-pass' });
    assert.equal(told(out.state), before, 'whoever reads it goes on with the same URI');
    // Juju drops a revision that is like the last one since 3.6 only
    const asked: string[] = [];
    assert.ok(changedNothing(await runCharm('update-status', out.state, { tools: watched(asked) })));
    assert.deepEqual(asked.toSorted(), ['secretGet', 'secretGet', 'secretInfoGet']);
  });

  test('a revision that nobody reads any more is removed, once Juju says so', async () => {
    const first = await runCharm('config-changed', secretWorld([grafana()]));
    const out = await runCharm(changed, updated(first.state, 'basicAuthPassword: other-pass'));
    const { id } = ownSecret(out.state) ?? assert.fail();
    const event = { kind: 'secret-remove', label: 'secure-json-data' } as const;
    const pruned = await runCharm({ ...event, secretId: `secret:${id}`, revision: 1 }, out.state);
    assert.deepEqual(pruned.changes.secrets, [{ kind: 'remove', id, revision: 1 }]);
    for (const [secretId, revision] of [
      [`secret:${id}`, 2],
      ['secret:somebodyelses0000000', 1],
    ] as const) {
      assert.ok(changedNothing(await runCharm({ ...event, secretId, revision }, out.state)));
    }
  });

  test('so it is while the operator has to mend something: Juju says it once', async () => {
    const first = await runCharm('config-changed', secretWorld([grafana()]));
    const { state } = await runCharm(changed, updated(first.state, 'basicAuthPassword: other-pass'));
    const { id } = ownSecret(state) ?? assert.fail();
    const withheld = {
      ...state,
      secrets: state.secrets.map((one) => (one.owner.kind === 'model' ? { ...one, granted: false } : one)),
    };
    const event = { kind: 'secret-remove', label: '', secretId: `secret:${id}`, revision: 1 } as const;
    const out = await runCharm(event, withheld);
    assert.deepEqual(out.changes.secrets, [{ kind: 'remove', id, revision: 1 }]);
    assert.equal(told(out.state), told(state));
  });

  test('the next leader goes on with the same secret', async () => {
    const first = await runCharm('config-changed', secretWorld([grafana()]));
    const out = await runCharm('leader-elected', {
      ...updated(first.state, 'basicAuthPassword: other-pass'),
      unit: 'app/1',
    });
    assert.deepEqual(kinds(out), ['set']);
    assert.equal(told(out.state), told(first.state));
  });

  test('a follower has no part in it, but moves on from a revision that it read as a leader', async () => {
    const first = await runCharm('config-changed', secretWorld([grafana()]));
    const follower = { ...updated(first.state, 'basicAuthPassword: other-pass'), leader: false };
    for (const event of ['config-changed', 'update-status', changed] as const) {
      const out = await runCharm(event, follower);
      assert.deepEqual(out.changes.secrets, []);
      assert.equal(out.state.unitStatus.status, 'active');
      const tracked = out.state.secrets.find(({ id }) => id === operators)?.trackedRevision;
      assert.equal(tracked, event === changed ? 2 : 1);
    }
  });

  suite('is taken back, secret and all,', () => {
    const cases: readonly [string, (given: UnitState) => UnitState][] = [
      ['when the option is emptied', (given) => withConfig(given, { 'secure-json-data': '' })],
      [
        'when the application is no datasource any more',
        (given) => withConfig(given, { 'datasource-type': '', 'datasource-url': '' }),
      ],
    ];
    for (const [what, change] of cases) {
      test(what, async () => {
        const first = await runCharm('config-changed', secretWorld([grafana()]));
        const out = await runCharm('config-changed', change(first.state));
        assert.deepEqual(kinds(out), ['remove']);
        assert.equal(ownSecret(out.state), undefined);
        assert.equal(told(out.state), undefined);
        assert.ok(changedNothing(await runCharm('update-status', out.state)));
      });
    }

    test('when the last Grafana goes', async () => {
      const first = await runCharm('config-changed', secretWorld([grafana()]));
      const gone = relationIn(first.state, 'grafana-source');
      const out = await runCharm(relationEvent('relation-broken', gone), first.state);
      assert.deepEqual(kinds(out), ['remove']);
      assert.equal(ownSecret(out.state), undefined);
    });
  });

  test('leadership lost while the hook runs ends it well, and nothing is shared', async () => {
    const lost = (tools: HookTools): HookTools =>
      new Proxy(tools, {
        get(target, name: keyof HookTools) {
          if (name === 'secretAdd' || name === 'relationSet') {
            return async () => {
              const details = { code: 'NOT_LEADER', tool: 'secret-add', exitCode: 1 } as const;
              throw new HookToolError('this unit is not the leader', details);
            };
          }
          const value = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    const out = await runCharm('config-changed', secretWorld([grafana()]), { tools: lost });
    assert.deepEqual(kinds(out), []);
    assert.equal(told(out.state), undefined);
  });

  test('without the option nothing is asked about secrets in the hooks of other relations', async () => {
    const asked: string[] = [];
    const given = datasourceWorld([grafana(), exchange('mimir', [])]);
    const event = relationEvent('relation-changed', relationIn(given, 'receive-datasource'));
    await runCharm(event, given, { tools: watched(asked) });
    assert.deepEqual(asked, []);
  });
});
