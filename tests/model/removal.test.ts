import assert from 'node:assert/strict';
import type { EmbeddedGrafana } from '#src/grafana/embedded';
import { Cos } from './cos.ts';

/** What goes in Grafana when something goes in Juju: exactly what was made for it, and nothing else. */
suite('in a model, removing', () => {
  let cos: Cos;
  setup(async () => {
    cos = await Cos.open();
  });
  teardown(() => cos.close());

  const urls = (grafana: EmbeddedGrafana) =>
    grafana
      .datasources()
      .map(({ url }) => url)
      .toSorted();
  const uidOf = (grafana: EmbeddedGrafana, url: string) =>
    grafana.datasources().find((one) => one.url === url)?.uid ?? assert.fail(url);

  /** What no gateway may touch: made by hand, by a file, by a gateway elsewhere, and copied from one of ours. */
  function seedOthers(grafana: EmbeddedGrafana, ours: string): void {
    const elsewhere = { gateway: 'juju_other_model_gw', uid: 'elsewhere', keys: [], secureKeys: [] };
    const original = grafana.datasources().find(({ uid }) => uid === ours) ?? assert.fail();
    grafana.seed({ name: 'By hand', type: 'loki', uid: 'by-hand', url: 'http://loki-0' });
    grafana.seed({ name: 'From a file', type: 'tempo', uid: 'file', readOnly: true });
    grafana.seed({ name: 'Elsewhere', type: 'tempo', uid: 'elsewhere', jsonData: { crosslink: elsewhere } });
    grafana.seed({ name: 'Copy', type: 'tempo', uid: 'copy', jsonData: Object(original.jsonData) });
    grafana.seed({
      name: 'Copy in a file',
      type: 'tempo',
      uid: 'copy-in-file',
      jsonData: Object(original.jsonData),
      readOnly: true,
    });
  }
  const others = (grafana: EmbeddedGrafana) =>
    grafana
      .datasources()
      .filter(({ uid }) => ['by-hand', 'file', 'elsewhere', 'copy', 'copy-in-file'].includes(uid));

  async function rename(grafana: EmbeddedGrafana, uid: string, name: string): Promise<void> {
    const { id: _, ...before } = grafana.datasources().find((one) => one.uid === uid) ?? assert.fail();
    const answer = await fetch(`${grafana.url}/api/datasources/uid/${uid}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${grafana.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...before, name }),
    });
    assert.equal(answer.status, 200);
  }

  /** One Grafana with what it may not lose, one gateway, a Tempo of two units and a Loki. */
  async function usual(units = 1): Promise<EmbeddedGrafana> {
    const grafana = await cos.grafana();
    await cos.gateway('grafana', grafana, { units });
    await cos.datasource('tempo', 'tempo', { units: 2 });
    await cos.datasource('loki', 'loki', { url: 'http://loki' });
    for (const app of ['tempo', 'loki']) cos.model.relate(`${app}:grafana-source`, 'grafana:datasources');
    cos.model.relate('tempo:receive-datasource', 'loki:send-datasource');
    await cos.settled();
    assert.deepEqual(urls(grafana), ['http://loki', 'http://tempo-0', 'http://tempo-1']);
    seedOthers(grafana, uidOf(grafana, 'http://tempo-0'));
    await rename(grafana, uidOf(grafana, 'http://tempo-1'), 'My Tempo');
    await cos.later();
    return grafana;
  }

  const left = (grafana: EmbeddedGrafana) =>
    urls(grafana).filter((url) => url !== '' && url !== 'http://loki-0');

  for (const [what, remove, expected] of [
    [
      'a relation',
      () => cos.model.removeRelation('tempo:grafana-source', 'grafana:datasources'),
      ['http://loki'],
    ],
    ['a unit', () => cos.model.removeUnit('tempo/1'), ['http://loki', 'http://tempo-0']],
    ['the leader of a datasource', () => cos.model.removeUnit('tempo/0'), ['http://loki', 'http://tempo-1']],
    ['a datasource application', () => cos.model.removeApplication('tempo'), ['http://loki']],
    ['the gateway application', () => cos.model.removeApplication('grafana'), []],
  ] as const) {
    test(`${what} takes its datasources out of Grafana, also renamed ones, and no others`, async () => {
      const grafana = await usual();
      const before = others(grafana);
      remove();
      await cos.settled();
      assert.deepEqual(left(grafana), expected);
      assert.deepEqual(others(grafana), before);
      assert.equal(before.length, 5);
    });
  }

  test('the leading unit of a gateway takes nothing: the next leader goes on where it stood', async () => {
    const grafana = await usual(2);
    const before = grafana.datasources();
    const answers = JSON.stringify(cos.databags()).replaceAll('grafana/0', 'grafana/1');
    grafana.clearRequests();
    cos.model.removeUnit('grafana/0');
    await cos.settled();
    // Versions and all
    assert.deepEqual(grafana.datasources(), before);
    assert.deepEqual(grafana.writes, []);
    assert.equal(cos.status('grafana/0'), undefined);
    assert.deepEqual(cos.status('grafana/1'), {
      status: 'active',
      message: `3 datasources in ${grafana.url}`,
    });
    assert.ok(answers.includes('datasource_uids'));
  });

  test('the only unit of a gateway takes nothing either: one that is added later goes on', async () => {
    const grafana = await usual();
    const before = grafana.datasources();
    cos.model.removeUnit('grafana/0');
    await cos.settled();
    assert.deepEqual(grafana.datasources(), before);
    cos.model.addUnit('grafana');
    await cos.settled();
    assert.deepEqual(grafana.datasources(), before);
    assert.equal(cos.status('grafana/1')?.status, 'active');
  });

  test('a unit while the gateway has none: one that is added later deletes what was of it', async () => {
    const grafana = await usual();
    cos.model.removeUnit('grafana/0');
    await cos.settled();
    cos.model.removeUnit('tempo/1');
    await cos.settled();
    assert.equal(left(grafana).length, 3);
    cos.model.addUnit('grafana');
    await cos.settled();
    assert.deepEqual(left(grafana), ['http://loki', 'http://tempo-0']);
  });

  suite('while Grafana is away', () => {
    test('a relation: what it left is deleted at the next hook that finds Grafana', async () => {
      const grafana = await usual();
      const before = others(grafana);
      grafana.misbehave({ drop: true });
      cos.model.removeRelation('tempo:grafana-source', 'grafana:datasources');
      await cos.settled();
      assert.equal(left(grafana).length, 3);
      assert.equal(cos.status('grafana/0')?.status, 'waiting');
      grafana.behave();
      await cos.later();
      assert.deepEqual(left(grafana), ['http://loki']);
      assert.deepEqual(others(grafana), before);
      assert.equal(cos.status('grafana/0')?.status, 'active');
    });

    test('the gateway: its datasources remain, and one of the same name in the same model takes them up', async () => {
      const grafana = await usual();
      const before = others(grafana);
      grafana.misbehave({ drop: true });
      cos.model.removeApplication('grafana');
      await cos.settled();
      assert.equal(cos.model.snapshot().applications.grafana, undefined, 'it does not hang');
      assert.equal(left(grafana).length, 3);
      // When the operator deploys it again, with one of the two that were related
      const loki = uidOf(grafana, 'http://loki');
      grafana.behave();
      await cos.gateway('grafana', grafana, { secret: 'again' });
      cos.model.relate('loki:grafana-source', 'grafana:datasources');
      await cos.settled();
      // Then what nobody asks for is gone, and the other one has its UID
      assert.deepEqual(left(grafana), ['http://loki']);
      assert.equal(uidOf(grafana, 'http://loki'), loki);
      assert.deepEqual(others(grafana), before);
    });
  });

  suite('one of two gateways of one Grafana', () => {
    /** `one` and `two` share a Grafana and say so; Tempo is with both, Loki with `two` alone. */
    async function both(): Promise<EmbeddedGrafana> {
      const grafana = await cos.grafana();
      for (const app of ['one', 'two']) {
        await cos.gateway(app, grafana, { config: { 'grafana-uid': 'shared' } });
      }
      await cos.datasource('mimir', 'mimir', { units: 2 });
      await cos.datasource('loki', 'loki', { url: 'http://loki' });
      cos.model.relate('mimir:grafana-source', 'one:datasources');
      cos.model.relate('loki:grafana-source', 'two:datasources');
      await cos.settled();
      assert.deepEqual(urls(grafana), ['http://loki', 'http://mimir-0', 'http://mimir-1']);
      return grafana;
    }

    test('takes its own datasources along, and leaves those of the other', async () => {
      const grafana = await both();
      const of = (url: string) => grafana.datasources().filter((one) => one.url === url);
      const loki = of('http://loki');
      cos.model.removeApplication('one');
      await cos.settled();
      assert.deepEqual(grafana.datasources(), loki);
      cos.model.removeRelation('loki:grafana-source', 'two:datasources');
      await cos.settled();
      assert.deepEqual(grafana.datasources(), []);
    });

    test('leaves what the other made of the same application', async () => {
      // Given Loki with both: the first to come made it, the other one says that the UID is taken
      const grafana = await both();
      const [loki] = grafana.datasources().filter((one) => one.url === 'http://loki');
      cos.model.relate('loki:grafana-source', 'one:datasources');
      await cos.settled();
      assert.equal(cos.status('one/0')?.status, 'blocked');
      assert.match(
        cos.status('one/0')?.message ?? '',
        /^relate its application to one gateway of this Grafana only: loki-.* is of gateway juju_cos_.*_two$/,
      );
      // When that one goes
      cos.model.removeApplication('one');
      await cos.settled();
      assert.deepEqual(grafana.datasources(), [loki]);
    });
  });
});
