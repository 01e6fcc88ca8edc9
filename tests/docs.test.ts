import assert from 'node:assert/strict';
import { glob, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { correlationTable, datasourceTypes, linkKinds, pluginId, reasonCodes } from '#src/exchange';
import { loadScenario, runScenario } from '#src/local';
import { helloModel } from '../docs/examples/hello-model.ts';
import { Scenario } from '../src/local/scenario.ts';
import { converse } from './model/conversation.ts';
// The example of a test, which docs/writing-charms.md shows, is a test.
import '../docs/examples/website.test.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFile(join(root, path), 'utf8');
const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined;

async function pages(): Promise<string[]> {
  // README.md may be missing in a tree that is being written; the other pages may not.
  const found: string[] = [];
  for (const pattern of [
    'README.md',
    'docs/*.md',
    'lib/README.md',
    'lib/*/README.md',
    'deploy/**/README.md',
  ]) {
    for await (const page of glob(pattern, { cwd: root })) found.push(page);
  }
  return found;
}

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocks(page: string): Block[] {
  return [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** The page without its code blocks. */
function prose(page: string): string {
  return page.replace(/^```.*?^```$/gms, '');
}

/** The first column of every table under a heading, up to the next one of any level. */
function firstColumn(page: string, heading: string): string[] {
  const [, section] = page.split(`\n${heading}\n`);
  assert.ok(section !== undefined, `no heading '${heading}'`);
  return [...(section.split(/^#+ /m)[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell);
}

/** GitHub's anchor for a heading. */
/** Cells of the first table under a heading, its header first. */
function tableUnder(page: string, heading: string): string[][] {
  const [, section] = page.split(`\n${heading}\n`);
  assert.ok(section !== undefined, `no heading '${heading}'`);
  const lines = (section.split(/^#+ /m)[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  const rows = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return rows.filter((cells) => !cells.every((cell) => /^-*$/.test(cell)));
}

function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

suite('documentation', () => {
  test('every page that is promised is there', async () => {
    const found = await pages();
    for (const name of [
      'architecture',
      'scenarios',
      'writing-charms',
      'grafana-plugin',
      'operating',
      'deploy',
    ]) {
      assert.ok(found.includes(`docs/${name}.md`), name);
    }
  });

  test('every relative link leads somewhere', async () => {
    for (const page of await pages()) {
      const text = prose(await read(page));
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', fragment] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        assert.ok(await exists(join(root, file)), `${page} links to ${target}`);
        if (fragment === undefined) continue;
        const headings = [...(await read(file)).matchAll(/^#+ (.+)$/gm)].map(([, one = '']) => anchor(one));
        assert.ok(headings.includes(fragment), `${page} links to ${target}`);
      }
    }
  });

  test('every path of this project that is named is there', async () => {
    const top = 'charm|src|lib|docs|tests|scenarios|examples|scripts|bench|deploy';
    const path = new RegExp(`^(?:\\./)?((?:${top})/[A-Za-z0-9._/-]*|[a-z]+\\.(?:yaml|json))$`);
    for (const page of await pages()) {
      for (const [, code = ''] of prose(await read(page)).matchAll(/`([^`\n]+)`/g)) {
        const [, named] = path.exec(code) ?? [];
        if (named === undefined || ofAnyProject.has(named)) continue;
        assert.ok(await exists(join(root, named)), `${page} names ${code}`);
      }
    }
  });

  test('no line of a drawing or a listing of output is wider than a terminal', async () => {
    for (const page of (await pages()).filter((name) => name.startsWith('docs/'))) {
      for (const { language, text } of blocks(await read(page))) {
        if (language !== 'text') continue;
        for (const line of text.split('\n')) assert.ok(line.length <= 80, `${page}: ${line}`);
      }
    }
  });
});

/** Files that any charm, or any plugin, may have, named as such. */
const ofAnyProject = new Set([
  ...['charmcraft.yaml', 'metadata.yaml', 'config.yaml', 'actions.yaml'],
  ...[
    'src/plugin.json',
    'plugin.json',
    'src/datasource.ts',
    'tests/dice.test.ts',
    'tsconfig.json',
    'src/backend.ts',
    'src/module.ts',
    'src/module.tsx',
    'src/img/logo.svg',
  ],
]);

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

suite('lib/README.md', () => {
  test('names every library that can be imported and no others', async () => {
    const { exports } = z
      .object({ exports: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await read('package.json')));
    const page = await read('lib/README.md');
    assert.deepEqual(
      firstColumn(page, '## What can be imported').toSorted(),
      Object.keys(exports)
        .map((name) => join('crosslink', name))
        .toSorted(),
    );
  });
});

suite('docs/architecture.md', () => {
  const rooms = async () => firstColumn(await read('docs/architecture.md'), '## The house');

  test('names every room of the house and no others', async () => {
    const folders = ['charm/'];
    for await (const entry of glob(['charm/*', 'src/*', 'lib/*'], { cwd: root, withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(`${relative(root, join(entry.parentPath, entry.name))}/`);
    }
    assert.deepEqual((await rooms()).toSorted(), folders.toSorted());
  });

  test('names every room above those that it imports from', async () => {
    const inOrder = (await rooms()).filter((room) => room !== 'charm/actions/');
    const roomOf = (path: string) => inOrder.findIndex((room) => path.startsWith(room));
    let seen = 0;
    for await (const file of glob('{charm,src,lib}/**/*.ts', { cwd: root })) {
      for (const [, specifier = ''] of (await read(file)).matchAll(
        /(?:from|import)\s*\(?\s*'([#.][^']+)'/g,
      )) {
        const target = specifier.startsWith('#') ? specifier.slice(1) : join(dirname(file), specifier);
        const [from, to] = [roomOf(file), roomOf(`${target}/`)];
        assert.ok(from <= to, `${file} imports ${target}`);
        seen += 1;
      }
    }
    assert.ok(seen > 0);
  });
});

suite('docs/grafana-plugin.md', () => {
  test('shows the files of its plugin as they are built and tested', async () => {
    const texts = blocks(await read('docs/grafana-plugin.md')).map(({ text }) => text);
    for (const file of [
      'src/plugin.json',
      'src/datasource.ts',
      'src/backend.ts',
      'src/module.tsx',
      'tests/dice.test.ts',
      'tsconfig.json',
    ]) {
      assert.ok(texts.includes(await read(`docs/examples/dice-datasource/${file}`)), file);
    }
  });

  test('its test passes', async () => {
    await import('../docs/examples/dice-datasource/tests/dice.test.ts');
  });
});

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

suite('docs/correlations.md', () => {
  test('names every kind of link and no others', async () => {
    const page = await read('docs/correlations.md');
    assert.deepEqual(firstColumn(page, '## The kinds').toSorted(), linkKinds.toSorted());
  });

  test('has every key of jsonData that holds a link', async () => {
    const page = await read('docs/correlations.md');
    const keys = [...correlationTable.values()].flatMap(({ links }) => links.map(({ key }) => key));
    for (const key of new Set(keys)) assert.match(page, new RegExp(`\\| .*\`${key}\``));
  });

  test('has in the matrix what the code links, and no more', async () => {
    const [header = [], ...rows] = tableUnder(await read('docs/correlations.md'), '## The matrix');
    const typesIn = (cell: string) => cell.split(', ').map((name) => pluginId(name) ?? name);
    const columns = header.slice(1).map(typesIn);
    for (const [first = '', ...cells] of rows) {
      for (const from of typesIn(first)) {
        const links = correlationTable.get(from)?.links ?? [];
        for (const [i, cell] of cells.entries()) {
          const written = cell
            .replaceAll('`', '')
            .split(', ')
            .filter((kind) => kind !== '');
          for (const to of columns[i] ?? []) {
            const made = links.filter((link) => link.to.includes(to)).map(({ kind }) => kind);
            assert.deepEqual(written, made, `${from} to ${to}`);
          }
        }
      }
    }
    assert.deepEqual(
      rows.flatMap(([first = '']) => typesIn(first)).toSorted(),
      [...new Set(datasourceTypes.map(pluginId))].toSorted(),
    );
  });
});
