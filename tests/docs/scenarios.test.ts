import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { reasonCodes } from '#src/exchange';
import { loadScenario } from '#src/local';
import { Scenario } from '../../src/local/scenario.ts';
import { converse } from '../model/conversation.ts';
import { blocks, firstColumn, pages, read, root } from './pages.ts';

suite('docs/scenarios.md', () => {
  test('every scenario in the docs is a valid one', async () => {
    let seen = 0;
    for (const page of await pages()) {
      for (const { language, text } of blocks(await read(page))) {
        if (language !== 'yaml' || !/^name:/m.test(text) || !/^applications:/m.test(text)) continue;
        seen += 1;
        const result = Scenario.safeParse(parse(text));
        assert.ok(result.success, `${page}: ${result.error && z.prettifyError(result.error)}`);
      }
    }
    assert.ok(seen > 0);
  });

  test('names the codes of all reasons and no others', async () => {
    const page = await read('docs/scenarios.md');
    assert.deepEqual(firstColumn(page, '## Reasons').toSorted(), reasonCodes.toSorted());
  });

  test('names every key of the format and no others', async () => {
    const page = await read('docs/scenarios.md');
    const json = z.toJSONSchema(Scenario, { io: 'input', reused: 'inline' });
    const sections: readonly [heading: string, ...path: string[]][] = [
      ['## Keys'],
      ['### `grafanas.<name>`', 'grafanas', '*'],
      ['### `applications.<name>`', 'applications', '*'],
      ['### `steps`', 'steps', '[]'],
    ];
    for (const [heading, ...path] of sections) {
      assert.deepEqual(firstColumn(page, heading).toSorted(), keysAt(json, path), heading);
    }
    const expected = [...keysAt(json, ['expect']), ...keysAt(json, ['expect', 'links', '[]'])];
    assert.deepEqual(firstColumn(page, '### `expect`').toSorted(), expected.toSorted());
    for (const key of keysAt(json, ['grafanas', '*', 'datasources', '[]'])) {
      assert.match(page, new RegExp(`\`${key}(: [a-z]+)?\``), key);
    }
  });

  test('names every option of crosslink up and no others', async () => {
    const page = await read('docs/scenarios.md');
    const help = await read('src/cli/up.ts');
    const options = [...help.matchAll(/^ {2}(--[a-z-]+(?: [A-Z]+)?) /gm)].map(([, option = '']) => option);
    assert.deepEqual(firstColumn(page, '## Options').toSorted(), options.toSorted());
  });

  test('names every field of the JSON object and no others', async () => {
    const page = await read('docs/scenarios.md');
    const source = await read('src/local/result.ts');
    const [, body = ''] = /interface ScenarioResult \{(.*?)^\}/ms.exec(source) ?? [];
    const [, link = ''] = /ReportedLink = z\.object\(\{(.*?)^\}\)/ms.exec(source) ?? [];
    const fields = [...body.matchAll(/^ {2}readonly (\w+)/gm), ...link.matchAll(/^ {2}(\w+):/gm)];
    assert.deepEqual(
      firstColumn(page, '## The JSON object').toSorted(),
      fields.map(([, field = '']) => field).toSorted(),
    );
  });

  test('its example is a file, and ends as it says', async () => {
    const file = 'docs/examples/tempo-moves.yaml';
    const texts = blocks(await read('docs/scenarios.md')).map(({ text }) => text);
    assert.ok(texts.includes(await read(file)));
    const { result, close } = await converse(await loadScenario(join(root, file)));
    await close();
    assert.deepEqual(result.differences, []);
  });
});

const JsonSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
});

/** Keys at a path of a JSON schema: a property's name, `*` for the values of a map, `[]` for items of a list. */
function keysAt(schema: unknown, path: readonly string[]): string[] {
  const { properties = {}, additionalProperties, items } = JsonSchema.parse(schema);
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(properties).toSorted();
  const next = first === '*' ? additionalProperties : first === '[]' ? items : properties[first];
  return keysAt(next, rest);
}
