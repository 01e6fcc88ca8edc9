import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { projectFolder } from '#src/local';
import { endpointsOf, readBundle } from './bundle.ts';

const read = (file: string) => readFile(join(projectFolder, file), 'utf8');
const readModule = (file: string) => read(`deploy/terraform/${file}`);

/** The text of a block, from its opening line to the brace below it that is indented alike. */
function block(text: string, opening: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim().startsWith(opening));
  assert.ok(first >= 0, `no ${opening}`);
  const indent = /^ */.exec(lines[first] ?? '')?.[0] ?? '';
  return lines.slice(first, lines.indexOf(`${indent}}`, first)).join('\n');
}

suite('deploy/terraform/charm', () => {
  for (const role of ['provides', 'requires'] as const) {
    test(`its output ${role} is what metadata.yaml ${role}`, async () => {
      const values = block(await readModule('charm/outputs.tf'), `output "${role}" {`);
      const named = [...values.matchAll(/^ +(\w+) += "([a-z-]+)"$/gm)].map(([, key = '', endpoint = '']) => {
        assert.equal(key, endpoint.replaceAll('-', '_'));
        return endpoint;
      });
      const declared = [...(await endpointsOf(projectFolder))].filter(([, end]) => end.role === role);
      assert.deepEqual(named.toSorted(), declared.map(([name]) => name).toSorted());
    });
  }

  test('looks at options that config.yaml has, and takes every secret for one', async () => {
    const { options } = z
      .object({ options: z.record(z.string(), z.object({ type: z.string() })) })
      .parse(parse(await read('config.yaml')));
    const config = block(await readModule('charm/variables.tf'), 'variable "config" {');
    const rules = [...config.matchAll(/"((?:grafana|datasource|secure)-[a-z-]+)"/g)].map(
      ([, name = '']) => name,
    );
    for (const name of rules) assert.ok(name in options, name);
    const [, secrets = ''] = /for option in (\[.*?\])/.exec(config) ?? [];
    assert.deepEqual(
      z.array(z.string()).parse(JSON.parse(secrets)).toSorted(),
      Object.keys(options)
        .filter((name) => options[name]?.type === 'secret')
        .toSorted(),
    );
  });
});

suite('deploy/terraform/cos-lite', () => {
  /** `[var.loki, "send-datasource", var.tempo, "receive-datasource"]` as the pair of endpoints it stands for. */
  const pairs = (text: string, names: Readonly<Record<string, string>>) =>
    [...text.matchAll(/\[(?:var\.)?(\w+), "([a-z-]+)", (?:var\.)?(\w+), "([a-z-]+)"\]/g)].map(
      ([, a = '', end = '', b = '', other = '']) =>
        [`${names[a] ?? a}:${end}`, `${names[b] ?? b}:${other}`].toSorted().join(' '),
    );
  const overlay = async (file: string) =>
    (await readBundle(`deploy/cos-lite/${file}`)).relations
      .map((pair) => pair.toSorted().join(' '))
      .toSorted();

  test('relates a Tempo as tempo-overlay.yaml does', async () => {
    const main = await readModule('cos-lite/main.tf');
    const found = pairs(block(main, 'of_tempo ='), {});
    assert.deepEqual(found.toSorted(), await overlay('tempo-overlay.yaml'));
  });

  test('relates a gateway as grafana-overlay.yaml does', async () => {
    const main = await readModule('cos-lite/main.tf');
    const [, list = ''] = /for name in compact\(\[(.*?)\]\)/.exec(main) ?? [];
    const applications = [...list.matchAll(/var\.(\w+)/g)].map(([, name = '']) => name);
    const found = applications
      .filter((name) => name !== 'tempo')
      .flatMap((name) => pairs(block(main, 'of_gateway ='), { name, gateway: 'grafana-gateway' }));
    assert.deepEqual(found.toSorted(), await overlay('grafana-overlay.yaml'));
  });
});
