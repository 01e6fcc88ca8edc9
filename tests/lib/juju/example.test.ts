import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { runHook, state } from '#lib/juju/testing';
import { charm } from '../../../lib/juju/example.ts';
import { FakeTools } from './fake-tools.ts';

const folder = join(import.meta.dirname, '../../../lib/juju');

suite('the example of lib/juju', () => {
  test('greets whom it is told to, and says so when nobody is named', async () => {
    const greeting = await runHook(charm, 'config-changed', state({ config: { whom: 'world' } }));
    assert.deepEqual(greeting.state.unitStatus, { status: 'active', message: 'hello, world' });
    const silent = await runHook(charm, 'config-changed', state());
    assert.equal(silent.state.unitStatus.status, 'blocked');
  });

  test('runs as Juju runs it', async () => {
    const fake = await FakeTools.open();
    try {
      await fake.answer('config-get', { stdout: '{"whom":"world"}' });
      await fake.answer('juju-log');
      await fake.answer('status-set');
      const env = {
        ...fake.env,
        JUJU_UNIT_NAME: 'hello/0',
        JUJU_MODEL_NAME: 'm',
        JUJU_MODEL_UUID: 'cdac5656-2423-4388-8f30-41854b4cca7d',
        JUJU_CHARM_DIR: folder,
        JUJU_VERSION: '3.6.2',
        JUJU_CONTEXT_ID: 'hello/0-start-1',
        JUJU_HOOK_NAME: 'start',
      };
      await promisify(execFile)(execPath, [join(folder, 'example.ts')], { env });
      const calls = (await fake.calls()).map(({ tool, args }) => [tool, ...args]);
      assert.deepEqual(calls, [
        ['config-get', '--format=json'],
        ['juju-log', '-l', 'INFO', '--', 'hello/0 runs start'],
        ['status-set', '--', 'active', 'hello, world'],
      ]);
    } finally {
      await fake.close();
    }
  });

  test('stands in the README word for word', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const [, block] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    assert.equal(block, await readFile(join(folder, 'example.ts'), 'utf8'));
  });
});
