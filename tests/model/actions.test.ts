import assert from 'node:assert/strict';
import { ModelError } from '#lib/juju-local';
import type { EmbeddedGrafana } from '#src/grafana/embedded';
import type { Listing } from '../../charm/actions/listing-text.ts';
import { Cos } from './cos.ts';

suite('in a model, an operator', () => {
  let cos: Cos;
  let grafana: EmbeddedGrafana;
  setup(async () => {
    cos = await Cos.open();
    grafana = await cos.grafana();
    await cos.gateway('grafana', grafana, { units: 2 });
    await cos.datasource('tempo', 'tempo', { units: 2 });
    cos.model.relate('tempo:grafana-source', 'grafana:datasources');
    await cos.settled();
  });
  teardown(() => cos.close());

  test('mends at once by reconcile what somebody broke in Grafana, and sees what was done', async () => {
    // Given a Grafana that has lost a datasource, of which Juju knows nothing
    const [lost] = grafana.datasources();
    const { url, token } = grafana;
    const answer = await fetch(`${url}/api/datasources/uid/${lost?.uid}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(answer.status, 200);
    await cos.settled();
    assert.equal(grafana.datasources().length, 1);
    // When
    const { status, results } = await cos.model.runAction('grafana/leader', 'reconcile');
    // Then
    assert.equal(status, 'completed');
    assert.equal(results.total, '1');
    assert.ok(String(results.changes).includes(`created ${lost?.uid}\n      named ${lost?.name}\n`));
    assert.equal(grafana.datasources().length, 2);
    const again = await cos.model.runAction('grafana/leader', 'reconcile');
    assert.match(String(again.results.changes), /^Nothing changed\./);
    const follower = await cos.model.runAction('grafana/1', 'reconcile');
    assert.equal(follower.status, 'completed');
    assert.match(
      String(follower.results.changes),
      /Left to the leader \(juju run grafana\/leader reconcile\)/,
    );
  });

  test('is told by a failed reconcile what to do, while the unit stays well', async () => {
    grafana.misbehave({ status: 401 });
    const { status, message } = await cos.model.runAction('grafana/leader', 'reconcile');
    assert.equal(status, 'failed');
    assert.match(message ?? '', /^put a valid token/);
    assert.equal(cos.status('grafana/0')?.status, 'blocked');
    grafana.behave();
    assert.equal((await cos.model.runAction('grafana/leader', 'reconcile')).status, 'completed');
    assert.equal(cos.status('grafana/0')?.status, 'active');
  });

  test('sees by show-datasources whose each one is, from both sides', async () => {
    grafana.seed({ name: 'Mine', type: 'loki', uid: 'mine' });
    const show = async (unit: string) => {
      const { results } = await cos.model.runAction(unit, 'show-datasources', { format: 'json' });
      return JSON.parse(String(results.datasources)) as Listing;
    };
    const { gateway } = await show('grafana/leader');
    const owners = gateway?.datasources.map(({ owner }) =>
      owner.kind === 'this-gateway' ? owner.askers.flatMap(({ units }) => units) : owner.kind,
    );
    assert.deepEqual(owners, [['tempo/0'], ['tempo/1'], 'operator']);
    const { own } = await show('tempo/1');
    assert.deepEqual(
      own.map(({ uid, grafanaUid }) => [uid, grafanaUid]),
      gateway?.datasources.filter(({ uid }) => uid !== 'mine').map(({ uid }) => [uid, gateway.grafanaUid]),
    );
    const follower = await cos.model.runAction('grafana/1', 'show-datasources');
    assert.equal(follower.status, 'failed');
    assert.match(follower.message ?? '', /juju run grafana\/leader show-datasources$/);
  });

  for (const action of ['explain', 'reconcile', 'show-datasources']) {
    test(`gets ${action} refused with parameters that it has not`, async () => {
      for (const parameters of [{ fromat: 'json' }, { format: 'yaml' }]) {
        await assert.rejects(cos.model.runAction('grafana/0', action, parameters), ModelError);
      }
    });
  }
});
