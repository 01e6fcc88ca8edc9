import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadScenario, runScenario } from '#src/local';
import { helloModel } from '../../docs/examples/hello-model.ts';
// The example of a test, which docs/writing-charms.md shows, is a test.
import '../../docs/examples/website.test.ts';
import { blocks, firstColumn, read, root } from './pages.ts';

suite('docs/writing-charms.md', () => {
  for (const file of [
    'examples/hello-charm/charm.ts',
    'examples/hello-charm/dispatch',
    'examples/hello-charm/metadata.yaml',
    'examples/hello-charm/config.yaml',
    'docs/examples/website.ts',
    'docs/examples/website.test.ts',
    'docs/examples/listener/dispatch',
    'docs/examples/hello.yaml',
    'docs/examples/hello-model.ts',
  ]) {
    test(`shows ${file} word for word`, async () => {
      const texts = blocks(await read('docs/writing-charms.md')).map(({ text }) => text);
      assert.ok(texts.includes(await read(file)));
    });
  }

  test('names every kind of event', async () => {
    const page = await read('docs/writing-charms.md');
    const kinds = (await read('lib/juju/events.ts')).matchAll(/'([a-z]+(?:-[a-z]+)*)'/g);
    for (const [, kind = ''] of kinds) assert.match(page, new RegExp(`^.*\\b${kind}\\b`, 'm'));
  });

  test('names every code of a hook tool error', async () => {
    const source = await read('lib/juju/errors.ts');
    const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code = '']) => code);
    assert.deepEqual(
      firstColumn(await read('docs/writing-charms.md'), '## Errors').toSorted(),
      codes.toSorted(),
    );
  });

  test('its scenario runs as it says', async () => {
    const { result, close } = await runScenario(await loadScenario(join(root, 'docs/examples/hello.yaml')));
    await close();
    assert.deepEqual(result.differences, []);
    const units = result.applications.flatMap(({ units }) => units);
    assert.deepEqual(
      units.map(({ name, message }) => [name, message]),
      [
        ['hello/0', 'hello Juju'],
        ['listener/0', 'heard hello Juju'],
        ['listener/1', 'heard hello Juju'],
      ],
    );
  });

  test('its local model runs as it says', async () => {
    assert.equal(await helloModel(), 'hello Juju');
  });
});
