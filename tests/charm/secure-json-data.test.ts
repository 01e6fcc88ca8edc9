import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Databag, HookToolError, type HookTools, type SecretContent } from '#lib/juju';
import type { HookOutcome, RelationDraft, UnitState } from '#lib/juju/testing';
import {
  changedNothing,
  datasourceWorld,
  exchange,
  extraFieldsIn,
  grafanaSource,
  modelUuid,
  relationEvent,
  relationIn,
  runCharm,
  said,
  withConfig,
  withRelation,
} from './worlds.ts';

const operators = 'operatorssecret00000';
const uri = `secret:${operators}`;
const password = 'hunter2-hunter2';
const yaml = `basicAuthPassword: ${password}\n`;
const json = JSON.stringify({ basicAuthPassword: password });
const answered = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'tempo-1' };

/** The leader of a datasource whose `secure-json-data` names a secret with this text in it. */
function secretWorld(
  relations: readonly RelationDraft[],
  {
    text = yaml,
    content = { 'secure-json-data': text },
    granted = true,
    ...given
  }: { text?: string; content?: SecretContent; granted?: boolean; leader?: boolean } = {},
): UnitState {
  return datasourceWorld(relations, {
    ...given,
    config: { 'secure-json-data': uri },
    secrets: [{ id: operators, owner: { kind: 'model' }, revisions: [{ revision: 1, content }], granted }],
  });
}

const grafana = (remoteApp = 'grafana', rest: Partial<RelationDraft> = {}) =>
  grafanaSource(remoteApp, answered, rest);

function ownSecret({ secrets }: UnitState) {
  return secrets.find(({ owner }) => owner.kind === 'application');
}

function ownContent(given: UnitState): unknown {
  const text = ownSecret(given)?.revisions.at(-1)?.content['secure-extra-fields'];
  return text === undefined ? undefined : JSON.parse(text);
}

function told(given: UnitState, remoteApp = 'grafana'): string | undefined {
  return relationIn(given, 'grafana-source', remoteApp).localAppData.grafana_source_secret;
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

const kinds = ({ changes }: HookOutcome) => changes.secrets.map(({ kind }) => kind);

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

  suite('blocks, and takes nothing away, with', () => {
    const hidden = 'v3ry-s3cret-value';
    const broken: readonly [string, Parameters<typeof secretWorld>[1], RegExp][] = [
      ['no grant', { granted: false }, /^secure-json-data: let app read it: juju grant-secret <name> app$/],
      [
        'another key',
        { content: { password: hidden } },
        /^secure-json-data: the secret needs the key secure-json-data$/,
      ],
      ['a bare password', { text: hidden }, /^secure-json-data: expected an object of texts/],
      ['a list', { text: `- ${hidden}` }, /^secure-json-data: expected an object of texts/],
      ['nothing in it', { text: '# later\n' }, /^secure-json-data: expected an object of texts/],
      [
        'what no YAML is',
        { text: `fine: x\nbad: "${hidden}\n` },
        /^secure-json-data: neither YAML nor JSON, line \d+$/,
      ],
      ['a key twice', { text: `a: x\na: ${hidden}\n` }, /^secure-json-data: neither YAML nor JSON, line 2$/],
      ['JSON cut off', { text: `{"a": "${hidden}` }, /^secure-json-data: neither YAML nor JSON/],
      [
        'a number',
        { text: 'basicAuthPassword: 12345678' },
        /^secure-json-data\.basicAuthPassword: expected text .*in quotes$/,
      ],
      ['a nested value', { text: `tls: {ca: ${hidden}}` }, /^secure-json-data\.tls: expected text/],
      ['an empty value', { text: 'password: ""' }, /^secure-json-data\.password: expected text that is not/],
      [
        'the password for a key',
        { text: `"${hidden}!": x` },
        /^secure-json-data: key number 1 is no name of a key/,
      ],
      ['__proto__', { text: `{"__proto__":"${hidden}"}` }, /^secure-json-data: may not set __proto__$/],
      [
        'aliases without end',
        {
          text: [
            'a: &a [x]',
            'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]',
            'c: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
          ].join('\n'),
        },
        /^secure-json-data/,
      ],
      ['nesting without end', { text: `a: ${'['.repeat(4000)}` }, /^secure-json-data/],
    ];
    for (const [what, given, message] of broken) {
      test(what, async () => {
        // Given a secret that was shared when it was well
        const first = await runCharm('config-changed', secretWorld([grafana()]));
        const bad = secretWorld([], given).secrets;
        const out = await runCharm('config-changed', {
          ...first.state,
          secrets: [...bad, ...first.state.secrets.filter(({ id }) => id !== operators)],
        });
        // Then it stays as it was
        assert.equal(out.state.unitStatus.status, 'blocked');
        assert.match(out.state.unitStatus.message, message);
        assert.deepEqual(out.changes.secrets, []);
        assert.deepEqual(out.changes.relationSettings, []);
        assert.ok(!said(out).includes(hidden), said(out));
        // And the next hook after it is mended is well
        const mended = await runCharm('update-status', { ...out.state, secrets: first.state.secrets });
        assert.deepEqual(mended.state.unitStatus, first.state.unitStatus);
        assert.ok(changedNothing(await runCharm('update-status', mended.state)));
      });
    }

    for (const value of ['secret:nobodyknows000000000', 'my password']) {
      test(`'${value}' for a secret`, async () => {
        const out = await runCharm(
          'config-changed',
          withConfig(secretWorld([grafana()]), { 'secure-json-data': value }),
        );
        assert.deepEqual(out.state.unitStatus, {
          status: 'blocked',
          message: 'secure-json-data: no such secret; see juju secrets',
        });
      });
    }
  });

  test('whatever text the secret holds, it is shared, or it blocks and stands in nothing that others see', async () => {
    const marker = 'zq7xk';
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(
        fc.constantFrom('{', '}', '"', ': ', '\n', '  - ', '&a ', '*a', '!!binary ', '|\n ', 'a', '#'),
        {
          maxLength: 12,
        },
      ),
      fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(anyText, fc.boolean(), async (given, before) => {
        const text = typeof given === 'string' ? given : given.join('');
        const marked = before ? `${marker}${text}` : `${text}${marker}`;
        const out = await runCharm('config-changed', secretWorld([grafana()], { text: marked }));
        assert.ok(['active', 'blocked'].includes(out.state.unitStatus.status));
        const shared = ownSecret(out.state) !== undefined;
        assert.equal(shared, out.state.unitStatus.status === 'active');
        if (!shared) {
          // A name that could be one of Grafana's keys is told; nothing else is.
          const { message } = out.state.unitStatus;
          const withoutKey = message.replace(/^secure-json-data\.[\w.-]+:/, '');
          assert.ok(!withoutKey.includes(marker), message);
        }
      }),
      { numRuns: 150 },
    );
  });

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
