import assert from 'node:assert/strict';
import type { RelationDraft, UnitState } from '#lib/juju/testing';
import { holds, id, secretsPerTest, sharing, uri, value, withSecret } from './shared-secrets.ts';
import {
  answering,
  changedNothing,
  gatewayWorld,
  relationEvent,
  relationIn,
  runCharm,
  source,
  withRelation,
} from './worlds.ts';

suite('charm: secrets that sources name and that are somebody else’s', () => {
  const { grafana, uidOf, stored, answer, settled } = secretsPerTest();

  /** A source that found out what the secret of another is called. */
  const thief = (relationId: number): RelationDraft =>
    gatewayWorld(grafana, [sharing('thief', `secret:${id}`, { id: relationId })]).relations.at(-1) ??
    assert.fail();
  const joinedBy = (given: UnitState, relation: RelationDraft): UnitState =>
    ({ ...given, relations: [...given.relations, relation] }) as UnitState;

  test('go to nobody when two applications name one at once: a name is no grant', async () => {
    const given = withSecret(gatewayWorld(grafana, [sharing('tempo', uri), thief(9)]));
    const out = await runCharm('config-changed', given);
    assert.deepEqual(grafana.datasources(), []);
    assert.match(out.state.unitStatus.message, /is named by another application too and 1 more/);
  });

  for (const [when, relationId] of [
    ['later', 9],
    ['in an older relation', 1],
  ] as const) {
    test(`stay with the one that has been answered, who goes on as ever: another names it ${when}`, async () => {
      // Given a Tempo that shares its secret
      const given = await settled([sharing('tempo', uri, { id: 5 })]);
      // When another source names it, and Tempo moves and has new values
      const moved = withRelation(given, relationIn(given, 'datasources', 'tempo'), {
        remoteAppData: sharing('tempo', uri, { app: 'http://moved' }).remoteAppData ?? {},
      });
      const rotated = withSecret(moved, holds({ a: 'r0tated' }), { revision: 2 });
      const out = await runCharm('update-status', joinedBy(rotated, thief(relationId)));
      // Then
      assert.deepEqual(stored('http://moved'), { a: 'r0tated' });
      assert.equal(uidOf('http://thief'), '');
      assert.deepEqual(answer(out.state, 'thief'), {});
      assert.match(out.state.unitStatus.message, /from thief .*: is named by another application too$/);
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
    });
  }

  test('do not go to another either while what the one that has it says can not be read', async () => {
    const given = await settled([sharing('tempo', uri, { id: 5 })]);
    const tempo = relationIn(given, 'datasources', 'tempo');
    const unreadable = withRelation(given, tempo, {
      remoteAppData: { ...tempo.remoteAppData, grafana_source_data: '{' },
    });
    await runCharm('update-status', joinedBy(unreadable, thief(9)));
    assert.equal(uidOf('http://thief'), '');
    assert.deepEqual(stored(), { basicAuthPassword: value });
  });

  test('such as the token of this Grafana go to nobody', async () => {
    const given = gatewayWorld(grafana);
    const token = String(given.config['grafana-token']);
    // In the form that a source's secret has, or it would not be read anyhow
    const secrets = given.secrets.map((one) => ({
      ...one,
      revisions: [{ revision: 1, content: { token: grafana.token, ...holds({ httpHeaderValue1: value }) } }],
    }));
    const { relations } = gatewayWorld(grafana, [sharing('thief', token)]);
    const out = await runCharm('config-changed', { ...given, secrets, relations });
    assert.deepEqual(grafana.datasources(), []);
    assert.match(out.state.unitStatus.message, /is named by another application too/);
  });

  test('such as the secret of secure-json-data, where this gateway is a datasource as well', async () => {
    const config = { 'datasource-type': 'loki', 'datasource-url': 'http://l', 'secure-json-data': uri };
    const given = withSecret(gatewayWorld(grafana, [sharing('thief', uri)], { config }));
    await runCharm('config-changed', given);
    assert.deepEqual(grafana.datasources(), []);
  });

  test('such as one that the operator has granted and no option names any more', async () => {
    // Given the secret of an operator, in JSON, that was that of secure-json-data once
    const content = { 'secure-json-data': JSON.stringify({ basicAuthPassword: value }) };
    const given = withSecret(gatewayWorld(grafana, [sharing('thief', uri)]), content);
    const out = await runCharm('config-changed', given);
    assert.deepEqual(grafana.datasources(), []);
    assert.match(out.state.unitStatus.message, /: the secret needs the key secure-extra-fields$/);
  });

  test('such as the one that this application owns, also when it is no datasource just now', async () => {
    // Given a gateway that was a datasource with a secret of its own, whose config is wrong for the moment
    const config = { 'datasource-type': 'tempo', 'datasource-url': 'nonsense' };
    const owned = 'ownsecret00000000000';
    const base = gatewayWorld(grafana, [sharing('thief', `secret:${owned}`, { units: { 0: '' } })], {
      config,
    });
    const given: UnitState = {
      ...base,
      secrets: [
        ...base.secrets,
        {
          id: owned,
          owner: { kind: 'application', name: 'app' },
          label: 'secure-json-data',
          revisions: [{ revision: 1, content: holds({ basicAuthPassword: value }) }],
          granted: true,
        },
      ],
    };
    // When a source that found out what it is called names it, whatever the hook
    const changed = relationEvent('relation-changed', relationIn(given, 'datasources'));
    for (const hook of [changed, 'update-status', 'datasources-relation-joined'] as const) {
      await runCharm(hook, given);
      assert.deepEqual(grafana.datasources(), []);
    }
  });

  test('are asked for only where a source names one', async () => {
    let asked = 0;
    const counting = answering((tools) => ({
      secretIds: async () => {
        asked += 1;
        return tools.secretIds();
      },
    }));
    const plain = gatewayWorld(grafana, [source('loki', { app: 'http://loki' })]);
    await runCharm('config-changed', plain, { tools: counting });
    assert.equal(asked, 0);
  });
});
