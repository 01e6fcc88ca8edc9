import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import * as z from 'zod';

const root = resolve(import.meta.dirname, '..');

/** What each layer may import, itself included. Reading order is dependency order. */
const layers: Readonly<Record<string, readonly string[]>> = {
  charm: ['charm', 'src', 'lib'],
  src: ['src', 'lib'],
  lib: ['lib'],
};

/** Folders of lib/ that may import another folder of lib/, and which. */
const libraries: Readonly<Record<string, readonly string[]>> = {
  'juju-local': ['juju'],
  'grafana-plugin': ['elf', 'go-plugin'],
  'jaeger-storage': ['go-plugin'],
};

interface Import {
  readonly file: string;
  /** Where it leads, as a path in the project; undefined for packages and Node's own modules. */
  readonly target: string;
}

const { exports } = z
  .object({ exports: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
/** What examples import, as other charms would: `crosslink/juju`. */
const doors = new Map(Object.entries(exports).map(([name, door]) => [join('crosslink', name), join(door)]));

async function importsOf(layer: string): Promise<Import[]> {
  const imports: Import[] = [];
  for await (const file of glob(`${layer}/**/*.ts`, { cwd: root })) {
    const text = await readFile(join(root, file), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (specifier.startsWith('.')) {
        imports.push({ file, target: relative(root, resolve(root, dirname(file), specifier)) });
      } else if (specifier.startsWith('#')) {
        imports.push({ file, target: `${specifier.slice(1)}/index.ts` });
      } else if (doors.has(specifier)) {
        imports.push({ file, target: doors.get(specifier) ?? '' });
      }
    }
  }
  assert.ok(imports.length > 0, `found no imports in ${layer}/: is the check looking in the right place?`);
  return imports;
}

suite('layers', () => {
  for (const [layer, allowed] of Object.entries(layers)) {
    test(`${layer}/ imports nothing from above`, async () => {
      for (const { file, target } of await importsOf(layer)) {
        const [top = ''] = target.split('/');
        assert.ok(allowed.includes(top), `${file} imports ${target}`);
      }
    });
  }

  test('folders of lib/ import each other only as listed, and only through the door', async () => {
    for (const { file, target } of await importsOf('lib')) {
      const [, from = ''] = file.split('/');
      const [, to = ''] = target.split('/');
      if (from === to) continue;
      assert.ok(libraries[from]?.includes(to), `${file} imports ${target}`);
      assert.match(target, /\/index\.ts$/, `${file} imports ${target}, past the door`);
    }
  });

  test('no file imports itself in a circle', async () => {
    const edges = new Map<string, string[]>();
    for (const layer of Object.keys(layers)) {
      for (const { file, target } of await importsOf(layer)) {
        edges.set(file, [...(edges.get(file) ?? []), target]);
      }
    }
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      assert.ok(!path.includes(file), `a circle of imports: ${[...path, file].join(' -> ')}`);
      if (done.has(file)) return;
      for (const target of edges.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of edges.keys()) visit(file, []);
  });
});
