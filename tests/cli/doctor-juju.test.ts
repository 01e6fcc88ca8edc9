import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cosV0, crossModel } from '../src/doctor/healthy.ts';
import { type ComposedModel, jujuShowUnit, jujuStatus } from '../src/doctor/juju-format.ts';
import { type Finished, startCrosslink } from './command.ts';

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-doctor-juju-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

/**
 * Puts a `juju` first on PATH that answers from files, as the real client prints, and keeps a list of its calls.
 * The first model is the current one.
 */
async function withJuju(models: readonly ComposedModel[], gone: readonly string[] = []): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const model of models) {
    await writeFile(join(bin, `${model.name}.status`), JSON.stringify(jujuStatus(model)));
    for (const [unit, shown] of Object.entries(jujuShowUnit(model))) {
      if (gone.includes(unit)) continue;
      await writeFile(join(bin, `${model.name}.${unit.replace('/', '-')}`), JSON.stringify(shown));
    }
  }
  const script = `#!/usr/bin/env node
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const [command, ...rest] = process.argv.slice(2);
appendFileSync('${folder}/calls', JSON.stringify(process.argv.slice(2)) + '\\n');
let model = '${models[0]?.name ?? ''}';
const units = [];
while (rest.length > 0) {
  const one = rest.shift();
  if (one === '--format') rest.shift();
  else if (one === '--model') model = rest.shift().split('/').pop();
  else units.push(one);
}
const fail = (text) => { console.error('ERROR ' + text); process.exit(1); };
const file = (name) => '${bin}/' + model + '.' + name;
if (!existsSync(file('status'))) fail('model k8s:admin/' + model + ' not found');
if (command === 'status') process.stdout.write(readFileSync(file('status')));
else if (command === 'show-unit') {
  const lost = units.filter((unit) => !existsSync(file(unit.replace('/', '-'))));
  if (lost.length > 0) fail(lost.map((unit) => 'unit "' + unit + '" not found').join('\\n'));
  const all = units.map((unit) => [unit, JSON.parse(readFileSync(file(unit.replace('/', '-'))))]);
  process.stdout.write(JSON.stringify(Object.fromEntries(all)));
} else fail('unrecognized command: juju ' + command);
`;
  await executable(join(bin, 'juju'), script);
  return bin;
}

async function executable(file: string, script: string): Promise<void> {
  await writeFile(file, script);
  await chmod(file, 0o755);
}

/** A \`juju\` that is a few lines of shell. */
async function withScript(lines: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await executable(join(bin, 'juju'), `#!/bin/sh\n${lines}\n`);
  return bin;
}

function doctor(bin: string, ...args: string[]): Promise<Finished> {
  return startCrosslink(['doctor', '--juju', ...args], { PATH: `${bin}:${process.env.PATH}` }).finished;
}

async function calls(): Promise<string[][]> {
  const text = await readFile(join(folder, 'calls'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);
}

function cos(): ComposedModel {
  const [model] = cosV0();
  assert.ok(model !== undefined);
  return model;
}

suite('crosslink doctor --juju', () => {
  test('asks about the current model, and only about units that matter', async () => {
    const model = cos();
    model.applications.postgresql = {
      charm: 'postgresql-k8s',
      units: { 'postgresql/0': { leader: true, status: 'active', message: '' } },
    };
    const { code, stdout, stderr } = await doctor(await withJuju([model]));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Model cos: 6 applications/);
    const made = await calls();
    assert.deepEqual(made[0], ['status', '--format', 'json']);
    assert.deepEqual(made[1]?.slice(0, 3), ['show-unit', '--format', 'json']);
    assert.equal(made.length, 2);
    assert.ok(!made[1]?.includes('postgresql/0'));
  });

  test('asks about each model that is named, and joins what crosses them', async () => {
    const bin = await withJuju(crossModel());
    const { code, stdout, stderr } = await doctor(
      bin,
      '--model',
      'k8s:admin/cos',
      '--model',
      'apm',
      '--json',
    );
    assert.equal(code, 0, stderr);
    const { models } = JSON.parse(stdout) as { models: { name: string }[] };
    assert.deepEqual(
      models.map(({ name }) => name),
      ['cos', 'apm'],
    );
    assert.ok((await calls()).some((call) => call.includes('k8s:admin/cos')));
  });

  test('asks about many units in few calls', async () => {
    const model = cos();
    const mimir = model.applications.mimir;
    assert.ok(mimir !== undefined);
    for (let n = 3; n < 100; n += 1) {
      mimir.units[`mimir/${n}`] = { leader: false, status: 'active', message: '' };
    }
    const { code, stderr } = await doctor(await withJuju([model]));
    assert.equal(code, 0, stderr);
    const shown = (await calls()).filter(([command]) => command === 'show-unit');
    assert.equal(shown.length, 3);
    for (const call of shown) assert.ok(call.length <= 3 + 40);
    assert.equal(new Set(shown.flatMap((call) => call.slice(3))).size, 105);
  });

  test('goes on without a unit that went away meanwhile', async () => {
    const model = cos();
    Object.assign(model.applications.alertmanager?.units ?? {}, {
      'alertmanager/9': { leader: false, status: 'active', message: '' },
    });
    const { code, stdout, stderr } = await doctor(await withJuju([model], ['alertmanager/9']));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Healthy/);
  });

  test('saves what it read', async () => {
    const file = join(folder, 'saved');
    const bin = await withJuju([cos()]);
    const live = await doctor(bin, '--save', file);
    const later = await startCrosslink(['doctor', '--saved', file]).finished;
    assert.equal(later.stdout, live.stdout);
  });

  const troubles: Record<string, [script: string, message: RegExp]> = {
    'who is not logged in': [
      'echo "ERROR cannot log into controller: please enter password for admin on k8s" >&2; exit 1',
      /juju status: cannot log into controller.*; run juju login$/,
    ],
    'without a controller': [
      'printf "ERROR No controllers registered.\\n\\nPlease either create a new controller\\n" >&2; exit 1',
      /juju status: No controllers registered\.; run juju register or juju bootstrap$/,
    ],
    'without a current model': [
      'echo "ERROR No selected model." >&2; exit 1',
      /No selected model\.; name it with --model, or run juju switch$/,
    ],
    'who may not look': [
      'echo "ERROR permission denied" >&2; exit 1',
      /permission denied; ask an administrator of the model: juju grant USER read MODEL$/,
    ],
    'whose controller is away': [
      'echo "ERROR unable to connect to API: dial tcp 10.0.0.1:17070: i/o timeout" >&2; exit 1',
      /unable to connect to API.*; see that the controller is up and can be reached$/,
    ],
    'whose client prints something else': [
      'echo hello',
      /juju status: printed no JSON; is this the Juju client/,
    ],
    'whose client prints another JSON': [
      'echo "{}"',
      /juju status: not what juju status --format json prints/,
    ],
    'whose client fails without a word': ['exit 3', /juju status: ended with 3$/],
  };
  for (const [who, [script, message]] of Object.entries(troubles)) {
    test(`ends with 2 for somebody ${who}`, async () => {
      const { code, stdout, stderr } = await doctor(await withScript(script));
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr.trimEnd(), message);
      assert.doesNotMatch(stderr, /^ +at |node:internal|Error:/m);
    });
  }

  test('ends with 2 for a model that is not there, and names it', async () => {
    const { code, stderr } = await doctor(await withJuju([cos()]), '--model', 'nope');
    assert.equal(code, 2);
    assert.match(stderr, /model nope: juju status: model k8s:admin\/nope not found; see juju models/);
  });

  test('ends with 2 where there is no juju', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    const node = process.execPath.replace(/\/[^/]*$/, '');
    const { code, stderr } = await startCrosslink(['doctor', '--juju'], {
      PATH: `${bin}:${node}:/usr/bin:/bin`,
    }).finished;
    assert.equal(code, 2);
    assert.match(
      stderr,
      /no juju command on this machine: install it .*, or give --status FILE and --show-unit/,
    );
  });

  test('does not wait for ever', async () => {
    const { code, stderr } = await doctor(await withScript('exec sleep 300'), '--timeout', '1');
    assert.equal(code, 2);
    assert.match(stderr, /juju status: no answer in 1 s; is the controller up\?/);
  });

  test('asks nobody at a terminal', async () => {
    const { code, stderr } = await doctor(
      await withScript('read answer || { echo "ERROR EOF: log in" >&2; exit 1; }'),
    );
    assert.equal(code, 2);
    assert.match(stderr, /run juju login/);
  });
});
