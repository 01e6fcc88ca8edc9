import assert from 'node:assert/strict';
import { useFakeTimers } from 'sinon';
import { Instances } from '../../../lib/grafana-plugin/instances.ts';

const first = { updatedMs: 1, config: { GF_APP_URL: 'http://a' } };
const saved = { ...first, updatedMs: 2 };
const reconfigured = { ...first, config: { GF_APP_URL: 'http://b' } };

function maker() {
  const disposed: string[] = [];
  let made = 0;
  const create = () => {
    made += 1;
    const name = `instance ${made}`;
    return { name, dispose: () => void disposed.push(name) };
  };
  return { create, disposed, made: () => made };
}

suite('instances', () => {
  let clock: ReturnType<typeof useFakeTimers>;
  setup(() => {
    clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  teardown(() => clock.restore());

  const instancesOf = () =>
    new Instances<{ name: string; dispose?(): void }>({ onDisposeError: assert.fail });

  test('a datasource keeps its instance for as long as its settings stay', async () => {
    const { create, made } = maker();
    const instances = instancesOf();
    const [one, other] = await Promise.all([
      instances.get('a', first, create),
      instances.get('a', { ...first }, create),
    ]);
    assert.equal(one, other);
    assert.equal(made(), 1);
    assert.equal(instances.active, 1);
  });

  test('another datasource has another', async () => {
    const { create } = maker();
    const instances = instancesOf();
    assert.notEqual(await instances.get('a', first, create), await instances.get('b', first, create));
    assert.equal(instances.active, 2);
  });

  for (const [what, changed] of Object.entries({ 'its settings': saved, "Grafana's config": reconfigured })) {
    test(`a change of ${what} makes a new one, and the old one goes when its calls have had their time`, async () => {
      const { create, disposed } = maker();
      const instances = instancesOf();
      await instances.get('a', first, create);
      assert.equal((await instances.get('a', changed, create)).name, 'instance 2');
      await clock.tickAsync(4_999);
      assert.deepEqual(disposed, []);
      await clock.tickAsync(1);
      assert.deepEqual(disposed, ['instance 1']);
      assert.equal(instances.active, 1);
    });
  }

  test('one that can not be made is tried again by the next call', async () => {
    const { create } = maker();
    const instances = instancesOf();
    const failing = () => {
      throw new Error('no password');
    };
    await assert.rejects(instances.get('a', first, failing), /no password/);
    assert.equal(instances.active, 0);
    assert.equal((await instances.get('a', first, create)).name, 'instance 1');
  });

  test('one that nobody asks for goes when its time is over, and each call gives it more', async () => {
    const { create, disposed } = maker();
    const instances = instancesOf();
    await instances.get('a', first, create, 1_000);
    await clock.tickAsync(900);
    await instances.get('a', first, create, 1_000);
    await clock.tickAsync(900);
    assert.deepEqual(disposed, []);
    await clock.tickAsync(100);
    assert.deepEqual(disposed, ['instance 1']);
    assert.equal(instances.active, 0);
  });

  test('at the end all go, those on their way out too, each once', async () => {
    const { create, disposed } = maker();
    const instances = instancesOf();
    await instances.get('a', first, create);
    await instances.get('a', saved, create);
    await instances.get('b', first, create);
    await instances.dispose();
    await clock.tickAsync(10_000);
    assert.deepEqual(disposed.toSorted(), ['instance 1', 'instance 2', 'instance 3']);
  });

  test('one that can not be disposed of is reported, and keeps none of the others', async () => {
    const { create, disposed } = maker();
    const reported: unknown[] = [];
    const instances = new Instances<{ dispose?(): void }>({
      onDisposeError: (error) => reported.push(error),
    });
    const failure = new Error('busy');
    await instances.get('a', first, () => ({
      dispose() {
        throw failure;
      },
    }));
    await instances.get('b', first, create);
    await instances.dispose();
    assert.deepEqual(reported, [failure]);
    assert.deepEqual(disposed, ['instance 1']);
  });
});
