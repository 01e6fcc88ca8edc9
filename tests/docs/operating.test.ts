import assert from 'node:assert/strict';
import { parse } from 'yaml';
import * as z from 'zod';
import { firstColumn, read } from './pages.ts';

suite('docs/operating.md', () => {
  test('names every config option and no others', async () => {
    const { options } = z
      .object({ options: z.record(z.string(), z.unknown()) })
      .parse(parse(await read('config.yaml')));
    const page = await read('docs/operating.md');
    assert.deepEqual(firstColumn(page, '## Config options').toSorted(), Object.keys(options).toSorted());
  });

  test('names every action and no others', async () => {
    const actions = z.record(z.string(), z.unknown()).parse(parse(await read('actions.yaml')));
    const [, section = ''] = (await read('docs/operating.md')).split('\n## Actions\n');
    const named = [...(section.split(/^## /m)[0] ?? '').matchAll(/^### (.+)$/gm)].map(([, name]) => name);
    assert.deepEqual(named.toSorted(), Object.keys(actions).toSorted());
  });

  test('names every endpoint and no others', async () => {
    const role = z.record(z.string(), z.unknown());
    const Metadata = z.object({ provides: role, requires: role, peers: role });
    const { provides, requires, peers } = Metadata.parse(parse(await read('metadata.yaml')));
    const endpoints = Object.keys({ ...provides, ...requires, ...peers }).toSorted();
    assert.deepEqual(firstColumn(await read('docs/operating.md'), '## Endpoints').toSorted(), endpoints);
  });
});

suite('the status messages in docs/operating.md', () => {
  // Sentences that begin so are remedies, as far as their first placeholder.
  const verbs =
    'correct|cut|expected|give|integrate|let|make|only|put|raise|registered|relate|remove|rename|renew|set|standing|start|take|wait';
  const remedy = new RegExp(
    `(['"\`])((?:(?:grafana|datasource)-[a-z]+: |(?:${verbs}) )(?:(?!\\1)[^\n])*)\\1`,
    'g',
  );

  for (const file of [
    'charm/certificates.ts',
    'charm/config.ts',
    'charm/credentials.ts',
    'src/exchange/unit-status.ts',
    'src/grafana/client.ts',
    'src/grafana/refusals.ts',
    'src/relations/grafana-datasource/secure-json-data.ts',
  ]) {
    test(`hold what ${file} says`, async () => {
      const page = await read('docs/operating.md');
      const found = [...(await read(file)).matchAll(remedy)].map(
        ([, , text = '']) => text.split('${')[0] ?? '',
      );
      assert.ok(found.length > 0, 'found no messages: does the test look for the right thing?');
      for (const start of found) assert.ok(page.includes(start.slice(0, shown)), `'${start}' is not in it`);
    });
  }
});

/** Longer messages are cut off in the page's tables. */
const shown = 60;
