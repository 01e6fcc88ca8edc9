import assert from 'node:assert/strict';
import { parse } from 'yaml';
import * as z from 'zod';
// The example's own test, which holds it to what every store has to do.
import '../../docs/examples/ring-store.test.ts';
import { blocks, firstColumn, read } from './pages.ts';

suite('docs/jaeger-storage.md', () => {
  for (const file of ['ring-store.ts', 'ring-store.test.ts', 'jaeger.yaml']) {
    test(`shows docs/examples/${file} word for word`, async () => {
      const texts = blocks(await read('docs/jaeger-storage.md')).map(({ text }) => text);
      assert.ok(texts.includes(await read(`docs/examples/${file}`)));
    });
  }

  test('names every option of crosslink traces serve and no others', async () => {
    const [, section = ''] = (await read('src/cli/traces.ts')).split('Options of serve:\n');
    const help = section.split('\n\n')[0] ?? '';
    const options = [...help.matchAll(/^ {2}(--[a-z-]+(?: [A-Z]+)?) /gm)].map(([, option = '']) => option);
    assert.ok(options.length > 0);
    assert.deepEqual(
      firstColumn(await read('docs/jaeger-storage.md'), '## Options').toSorted(),
      [...options, '--folder DIR'].toSorted(),
    );
  });

  test('its config of Jaeger asks what crosslink serves there', async () => {
    const Backend = z.object({ grpc: z.object({ endpoint: z.string() }) });
    const { extensions } = z
      .object({
        extensions: z.object({
          jaeger_storage: z.object({ backends: z.record(z.string(), Backend) }),
          jaeger_query: z.object({ storage: z.object({ traces: z.string(), traces_archive: z.string() }) }),
        }),
      })
      .parse(parse(await read('docs/examples/jaeger.yaml')));
    const { backends } = extensions.jaeger_storage;
    const { traces, traces_archive: archive } = extensions.jaeger_query.storage;
    const page = await read('docs/jaeger-storage.md');
    const portOf = (name: string) => backends[name]?.grpc.endpoint.split(':')[1] ?? assert.fail(name);
    assert.ok(page.includes(`--grpc 127.0.0.1:${portOf(traces)} --archive 127.0.0.1:${portOf(archive)}`));
  });
});
