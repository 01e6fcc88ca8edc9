import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { projectFolder } from '#src/local';
import { endpointsOf, readBundle } from './bundle.ts';

const read = (file: string) => readFile(join(projectFolder, file), 'utf8');
const keysOf = async (file: string) =>
  Object.keys(z.record(z.string(), z.unknown()).parse(parse(await read(file))));

/** Every command in the page, in a block or in the text, on one line. */
async function commands(): Promise<string[]> {
  const page = (await read('docs/deploy.md')).replaceAll('\\\n', ' ');
  const blocks = [...page.matchAll(/^```text\n(.*?)^```$/gms)].flatMap(([, text = '']) => text.split('\n'));
  const inline = [...page.replace(/^```.*?^```$/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...inline]
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => /^(juju|\.\/crosslink) /.test(line));
}

suite('docs/deploy.md', () => {
  test('sets options that the charm has', async () => {
    const config = z
      .object({ options: z.record(z.string(), z.unknown()) })
      .parse(parse(await read('config.yaml')));
    const known = Object.keys(config.options);
    let seen = 0;
    for (const command of await commands()) {
      if (!/^juju (deploy|config) /.test(command)) continue;
      for (const [, option = ''] of command.matchAll(/ (?:--config )?([a-z][a-z-]*)=\S/g)) {
        if (command.includes(`--constraints ${option}=`)) continue;
        seen += 1;
        assert.ok(known.includes(option), command);
      }
    }
    assert.ok(seen > 5);
  });

  test('relates endpoints that the charms have', async () => {
    const { applications } = await readBundle('tests/deploy/cos-lite.yaml');
    const charms = [projectFolder, ...Object.values(applications).map(({ charm }) => charm)];
    const endpoints = new Set(
      (await Promise.all(charms.map(endpointsOf))).flatMap((ends) => [...ends.keys()]),
    );
    let seen = 0;
    for (const command of await commands()) {
      if (!/^juju (integrate|offer) /.test(command)) continue;
      for (const [, named = ''] of command.matchAll(/:([a-z,-]+)/g)) {
        for (const endpoint of named.split(',')) {
          seen += 1;
          assert.ok(endpoints.has(endpoint), `${command}: ${endpoint}`);
        }
      }
    }
    assert.ok(seen > 10);
  });

  test('runs actions that the charm has', async () => {
    const known = await keysOf('actions.yaml');
    const run = (await commands()).filter((command) => command.startsWith('juju run '));
    for (const command of run) assert.ok(known.includes(command.split(' ')[3] ?? ''), command);
    assert.ok(run.length > 2);
  });

  test('lays on overlays and bundles that are there', async () => {
    let seen = 0;
    for (const command of await commands()) {
      for (const [file] of command.matchAll(/deploy\/[a-z/-]+\.yaml/g)) {
        seen += 1;
        assert.ok((await stat(join(projectFolder, file))).isFile(), command);
      }
    }
    assert.ok(seen > 1);
  });

  test('quotes messages that operating.md lists', async () => {
    const listed = await read('docs/operating.md');
    const quoted = [...(await read('docs/deploy.md')).matchAll(/^\| `(?:blocked|waiting)`: `([^`]+)`/gm)];
    assert.ok(quoted.length > 1);
    for (const [, message = ''] of quoted) {
      assert.ok(listed.includes(message.replace('let grafana read', 'let <app> read')), message);
    }
  });

  test('names reasons that explain gives', async () => {
    const reasons = await read('docs/scenarios.md');
    for (const [, code = ''] of (await read('docs/deploy.md')).matchAll(
      /`explain`(?: says|:)\s+`([a-z-]+)`/g,
    )) {
      assert.ok(reasons.includes(`| \`${code}\` |`), code);
    }
  });
});

suite('deploy/terraform/README.md', () => {
  for (const module of ['charm', 'cos-lite']) {
    test(`lists the inputs and outputs of ${module}, and no others`, async () => {
      const [, rest = ''] = (await read('deploy/terraform/README.md')).split(`\n## \`${module}\`\n`);
      const section = rest.split('\n## ')[0] ?? '';
      const rows = [...section.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) =>
        [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
      );
      const declared = async (file: string, kind: string) =>
        [
          ...(await read(`deploy/terraform/${module}/${file}.tf`)).matchAll(
            new RegExp(`^${kind} "(\\w+)"`, 'gm'),
          ),
        ].map(([, name = '']) => name);
      const outputs = await declared('outputs', 'output');
      const listed = module === 'charm' ? [...rows, ...outputs] : rows;
      assert.deepEqual(
        listed.toSorted(),
        [...(await declared('variables', 'variable')), ...outputs].toSorted(),
      );
      for (const output of outputs) assert.ok(section.includes(`\`${output}\``), output);
    });
  }
});
