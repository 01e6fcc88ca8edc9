import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import * as z from 'zod';
import { cosV0, crossModel } from '../src/doctor/healthy.ts';
import { type ComposedModel, jujuShowUnit, jujuStatus } from '../src/doctor/juju-format.ts';
import { bagOf, sourceData } from '../src/doctor/models.ts';
import { crosslink, type Finished, startCrosslink } from './command.ts';

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-doctor-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

function only(models: readonly ComposedModel[]): ComposedModel {
  const [model] = models;
  assert.ok(model !== undefined);
  return model;
}

/** A model that has a secret in clear text, and nothing else that is wrong. */
function ill(): ComposedModel {
  const model = only(cosV0());
  bagOf(model, 'alertmanager:grafana-source', 'grafana').appData.grafana_source_data = sourceData(
    'alertmanager',
    'alertmanager',
    null,
    { password: 'hunter2' },
  );
  return model;
}

/** @returns the options that have the doctor read it */
async function saved(
  model: ComposedModel,
  { name = 'juju', print = JSON.stringify }: { name?: string; print?: (value: unknown) => string } = {},
): Promise<string[]> {
  const [status, shown] = [join(folder, `${name}-status`), join(folder, `${name}-show-unit`)];
  await writeFile(status, print(jujuStatus(model)));
  await writeFile(shown, print(jujuShowUnit(model)));
  return ['--status', status, '--show-unit', shown];
}

function refused({ code, stdout, stderr }: Finished, message: RegExp): void {
  assert.equal(code, 2, stderr);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /^ +at |node:internal|Error:/m, 'no stack trace reaches a user');
  assert.equal(stdout, '');
}

const End = z.strictObject({
  uid: z.string().nullable(),
  app: z.string().nullable(),
  model: z.string().nullable(),
  type: z.string().nullable(),
});
const Statement = z.strictObject({
  code: z.string(),
  where: z.strictObject({
    model: z.string().nullable(),
    app: z.string().nullable(),
    relation: z.strictObject({ id: z.number().nullable(), ends: z.array(z.string()) }).nullable(),
    datasource: z.string().nullable(),
    key: z.string().nullable(),
    path: z.string().nullable(),
  }),
  message: z.string(),
  remedy: z.string(),
});
/** What programs that read `--json` rely on. */
const Output = z.strictObject({
  healthy: z.boolean(),
  models: z.array(z.strictObject({ name: z.string(), applications: z.number(), relations: z.number() })),
  grafanas: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      grafanaUid: z.string().nullable(),
      model: z.string().nullable(),
      baseUrl: z.string().nullable(),
      version: z.string().nullable(),
      datasources: z.array(
        z.strictObject({
          uid: z.string(),
          type: z.string(),
          name: z.string().nullable(),
          readOnly: z.boolean().nullable(),
          app: z.string().nullable(),
          model: z.string().nullable(),
          unit: z.string().nullable(),
        }),
      ),
    }),
  ),
  links: z.array(
    z.strictObject({
      grafana: z.string().nullable(),
      from: End,
      kind: z.string(),
      to: End.nullable(),
      reasons: z.array(z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() })),
    }),
  ),
  findings: z.array(Statement),
  notes: z.array(Statement),
});

suite('crosslink doctor', () => {
  for (const [format, print] of Object.entries({
    JSON: JSON.stringify,
    YAML: (v: unknown) => stringify(v),
  })) {
    test(`ends with 0 for a healthy model, read as ${format}, and shows its links`, async () => {
      const { code, stdout, stderr } = await crosslink('doctor', ...(await saved(only(cosV0()), { print })));
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      assert.match(stdout, /^Model cos: 5 applications, 6 relations of datasources\n/);
      assert.match(stdout, /_tempo_0\n +service-map +juju_cos_.*_mimir_0\n/);
      assert.match(stdout, /\nHealthy: \d+ of \d+ links in 1 Grafana\n$/);
      assert.ok(!stdout.includes('\u001b'), 'no colour outside of a terminal');
      for (const line of stdout.split('\n')) {
        assert.ok(line.length <= 80 || /^ +\S+( +\S+)?$/.test(line), `wider than a terminal: ${line}`);
      }
    });
  }

  test('ends with 1 where something is wrong, and says what, where, and what to do', async () => {
    const { code, stdout, stderr } = await crosslink('doctor', ...(await saved(ill())));
    assert.equal(code, 1, stderr);
    const flat = stdout.replace(/\n +/g, ' ');
    assert.match(flat, /plaintext-secret: a secret stands in clear text in the databag/);
    assert.match(
      flat,
      /in model cos, alertmanager, relation 4 \(alertmanager:grafana-source grafana:grafana-source\), grafana_source_data\.secure_extra_fields\.password/,
    );
    assert.match(flat, /To mend it, change that credential/);
    assert.match(stdout, /\n1 finding: /);
    assert.doesNotMatch(stdout, /hunter2/);
  });

  test('with --json prints one object of the documented shape, and nothing else', async () => {
    const { code, stdout, stderr } = await crosslink('doctor', ...(await saved(ill())), '--json');
    assert.equal(code, 1, stderr);
    const output = Output.parse(JSON.parse(stdout));
    assert.equal(output.healthy, false);
    assert.deepEqual(
      output.findings.map(({ code }) => code),
      ['plaintext-secret'],
    );
    const ids = output.grafanas.map(({ id }) => id);
    assert.equal(output.grafanas[0]?.datasources.length, 7);
    for (const { grafana } of output.links) assert.ok(grafana !== null && ids.includes(grafana));
  });

  test('saves what it read, and explains it elsewhere the same', async () => {
    const file = join(folder, 'for-a-bug.json');
    const options = await saved(ill());
    const here = await crosslink('doctor', ...options, '--save', file, '--json');
    const there = await crosslink('doctor', '--saved', file, '--json');
    assert.equal(there.stdout, here.stdout);
    assert.equal(there.code, 1);
    assert.doesNotMatch(await readFile(file, 'utf8'), /hunter2|do-not-print-me/);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  test('reads several models, and joins what crosses them', async () => {
    const [cos, apm] = crossModel();
    assert.ok(cos !== undefined && apm !== undefined);
    const options = [...(await saved(cos, { name: 'cos' })), ...(await saved(apm, { name: 'apm' }))];
    const { code, stdout, stderr } = await crosslink('doctor', ...options, '--json');
    assert.equal(code, 0, stderr);
    const { links, models } = Output.parse(JSON.parse(stdout));
    assert.equal(models.length, 2);
    assert.ok(links.some(({ kind, to }) => kind === 'service-map' && to?.app === 'mimir'));
  });

  test('reads what show-unit printed of each unit by itself', async () => {
    const model = only(cosV0());
    const options = await saved(model);
    const units = Object.values(model.applications).flatMap(({ units }) => Object.keys(units));
    const files: string[] = [];
    for (const [i, unit] of units.entries()) {
      const file = join(folder, `unit-${i}`);
      await writeFile(file, JSON.stringify(jujuShowUnit(model, [unit])));
      files.push('--show-unit', file);
    }
    const whole = await crosslink('doctor', ...options);
    const pieces = await crosslink('doctor', ...options.slice(0, 2), ...files);
    assert.equal(pieces.stdout, whole.stdout);
  });

  test('tells its options', async () => {
    const { code, stdout } = await crosslink('help', 'doctor');
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: crosslink doctor --juju/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  });
});

suite('crosslink doctor refuses', () => {
  const calls: [args: string[], message: RegExp][] = [
    [[], /say where to look: --juju, or --status with --show-unit, or --grafana, or --saved/],
    [['--juju', '--saved', 'x'], /say where to look/],
    [['--frob'], /Unknown option '--frob'/],
    [['cos'], /takes no 'cos'/],
    [['--status', 'x'], /--status needs --show-unit FILE/],
    [['--show-unit', 'x'], /--show-unit needs --status FILE/],
    [['--model', 'cos', '--saved', 'x'], /--model goes with --juju/],
    [['--timeout', '5', '--saved', 'x'], /--timeout goes with --juju/],
    [['--juju', '--timeout', '0'], /--timeout takes a whole number of seconds, at least 1, not '0'/],
    [['--saved', '/nonexistent'], /\/nonexistent: can't be read: ENOENT/],
    [['--saved', '/'], /\/: can't be read: EISDIR/],
  ];
  for (const [args, message] of calls) {
    test(`crosslink doctor ${args.join(' ')}`, async () => {
      refused(await crosslink('doctor', ...args), message);
    });
  }

  const contents: Record<string, [status: string, shown: string, message: RegExp]> = {
    'a status that is no JSON and no YAML': ['{"a": [', '{}', /-status: neither JSON nor YAML: /],
    'a status that is something else': ['[1, 2]', '{}', /-status: not what juju status --format json prints/],
    'a status without a model': ['{"applications": {}}', '{}', /-status: not what juju status .* at model: /],
    'units of another model': [
      '{"model": {"name": "a"}, "applications": {}}',
      '{"b/0": {}}',
      /unit b\/0 is of no application in .*-status; are they of one model\?/,
    ],
    'a show-unit that is a status': [
      '{"model": {"name": "a"}}',
      '{"model": {"name": "a"}}',
      /-show-unit: not what juju show-unit --format json prints/,
    ],
    'aliases that blow up': [
      `a: &a [x, x]\nb: &b [${'*a, '.repeat(50)}]\nmodel: {name: [${'*b, '.repeat(50)}]}`,
      '{}',
      /alias count/,
    ],
  };
  for (const [what, [status, shown, message]] of Object.entries(contents)) {
    test(what, async () => {
      const [a, b] = [join(folder, 'x-status'), join(folder, 'x-show-unit')];
      await writeFile(a, status);
      await writeFile(b, shown);
      refused(await crosslink('doctor', '--status', a, '--show-unit', b), message);
    });
  }

  test('two models with one file of units', async () => {
    const [status = '', file = '', ...units] = await saved(only(cosV0()));
    refused(await crosslink('doctor', status, file, status, file, ...units), /for each, in the same order/);
  });

  test('a saved file that it did not write', async () => {
    const file = join(folder, 'x');
    await writeFile(file, '{"crosslink-doctor": 2}');
    refused(await crosslink('doctor', '--saved', file), /not what crosslink doctor --save writes/);
  });

  test('to save where it can not', async () => {
    const options = await saved(only(cosV0()));
    refused(
      await crosslink('doctor', ...options, '--save', join(folder, 'no/such')),
      /--save .*can't be written/,
    );
  });

  test('to say that all is well when nobody could read it', async () => {
    const { child, finished } = startCrosslink(['doctor', ...(await saved(ill()))]);
    child.stdout?.destroy();
    const { code, stderr } = await finished;
    assert.equal(code, 1);
    assert.equal(stderr, '');
  });
});
