import assert from 'node:assert/strict';
import { join } from 'node:path';
import { LocalModel } from '#lib/juju-local';
import { projectFolder } from '#src/local';

const charm = join(projectFolder, 'examples/hello-charm');

suite('examples/hello-charm', () => {
  test('greets in its status, again when its config changes, in the local model', async () => {
    const model = await LocalModel.open({ name: 'hello' });
    try {
      await model.deploy({ app: 'hello', charm, units: 2 });
      const first = await model.settle();
      assert.deepEqual(first.failedHooks, []);
      assert.equal(first.settled, true);
      const status = (unit: `${string}/${number}`) =>
        model.snapshot().applications.hello?.units[unit]?.status;
      assert.deepEqual(status('hello/0'), { status: 'active', message: 'hello world' });
      assert.deepEqual(status('hello/1'), { status: 'active', message: 'hello world' });
      model.setConfig('hello', { name: 'Juju' });
      await model.settle();
      assert.deepEqual(status('hello/1'), { status: 'active', message: 'hello Juju' });
    } finally {
      await model.close();
    }
  });
});
