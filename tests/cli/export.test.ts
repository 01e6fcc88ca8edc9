import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { provisioned } from '#src/doctor/grafana';
import { grafanaClient } from '#src/grafana';
import { type DatasourceSeed, EmbeddedGrafana } from '#src/grafana/embedded';
import { fileOf } from '../../src/cli/export-file.ts';
import { cosV0 } from '../src/doctor/healthy.ts';
import { jujuShowUnit, jujuStatus } from '../src/doctor/juju-format.ts';
import { nameOf } from '../src/doctor/models.ts';
import { type LoadedDatasource, loadDatasources } from '../src/grafana/provisioning-loader.ts';
import { crosslink, type Finished } from './command.ts';

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-export-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

async function fileWith(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

function refused({ code, stdout, stderr }: Finished, message: RegExp): void {
  assert.equal(code, 2, stderr);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /^ +at |node:internal|Error:/m, 'no stack trace reaches a user');
  assert.equal(stdout, '');
}

/** What Grafana's API says of a datasource, as far as a file can say it. */
async function heldBy({ url, token }: EmbeddedGrafana): Promise<Omit<LoadedDatasource, 'secureJsonData'>[]> {
  const client = grafanaClient({ url, auth: { kind: 'bearer', token } });
  const list = await client.listDatasources();
  const all = await Promise.all(list.map(({ uid }) => client.getDatasource(uid)));
  return all.flatMap((one) => {
    if (one === undefined) return [];
    const { id: _id, version: _version, secureJsonFields: _secrets, ...held } = one;
    const { crosslink: _marker, ...jsonData } = held.jsonData;
    return [{ ...held, jsonData, access: held.access === 'direct' ? 'direct' : 'proxy' }];
  });
}

function withoutSecrets(loaded: readonly LoadedDatasource[]): Omit<LoadedDatasource, 'secureJsonData'>[] {
  return loaded.map(({ secureJsonData, ...one }) => {
    assert.deepEqual(secureJsonData, {});
    return one;
  });
}

const seeds: DatasourceSeed[] = [
  {
    ...{ name: 'Loki', uid: 'loki', type: 'loki', url: 'http://loki:3100/', access: 'proxy' },
    ...{ basicAuth: true, basicAuthUser: 'reader', secureJsonData: { basicAuthPassword: 'hunter2' } },
    jsonData: {
      crosslink: { gateway: 'g', uid: 'loki', keys: ['derivedFields'], secureKeys: [] },
      derivedFields: [
        { name: 'a', matcherRegex: 'id=(\\w+)$', datasourceUid: 'tempo', url: '${__value.raw}' },
        { name: 'b', matcherRegex: 'x', url: 'https://traces.example/search?id=${__value.raw}&$$' },
      ],
    },
  },
  {
    ...{ name: 'Tempo', uid: 'tempo', type: 'tempo', url: 'http://tempo:3200', access: 'proxy' },
    ...{ readOnly: true, isDefault: true },
    jsonData: { tracesToLogsV2: { datasourceUid: 'loki', query: '{ $__tags } |= "${__span.traceId}"' } },
  },
];

suite('crosslink export of a Grafana', () => {
  let grafana: EmbeddedGrafana;
  teardown(() => grafana.stop());

  async function exported(...more: string[]): Promise<Finished> {
    const token = await fileWith('token', grafana.token);
    return crosslink('export', '--grafana', grafana.url, '--token-file', token, ...more);
  }

  test('prints what another one reads as the same, and what it lacks as comments', async () => {
    grafana = await EmbeddedGrafana.start({ seed: seeds });
    const { code, stdout, stderr } = await exported();
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    assert.deepEqual(withoutSecrets(loadDatasources(stdout)), await heldBy(grafana));
    assert.match(stdout, /^ +# secureJsonData:\n +# +basicAuthPassword: \.\.\.$/m);
    assert.doesNotMatch(stdout, /hunter2|crosslink/);
  });

  test('says where it took something out that may be secret', async () => {
    const jsonData = { apiToken: 'hunter2', links: [{ url: 'http://me:hunter2@x/?q=1' }] };
    const url = 'http://me:hunter2@loki:3100';
    grafana = await EmbeddedGrafana.start({
      seed: [{ name: 'Loki', uid: 'loki', type: 'loki', access: 'proxy', url, jsonData }],
    });
    const { stdout } = await exported();
    assert.doesNotMatch(stdout, /hunter2/);
    assert.match(
      stdout,
      /# Put back .*\n +# +url\n +# +jsonData\.apiToken\n +# +jsonData\.links\[0\]\.url$/m,
    );
    const [loaded] = loadDatasources(stdout);
    assert.deepEqual(loaded?.jsonData.links, [{ url: 'http://redacted@x/?q=1' }]);
  });

  test('with --output writes it into a folder, and says where', async () => {
    grafana = await EmbeddedGrafana.start({ seed: seeds });
    const into = join(folder, 'a', 'b');
    const { code, stdout, stderr } = await exported('--output', into);
    assert.equal(code, 0, stderr);
    const [name = ''] = await readdir(into);
    assert.equal(stdout, `${join(into, name)}\n`);
    assert.match(name, /^127\.0\.0\.1-\d+\.yaml$/);
    assert.equal(loadDatasources(await readFile(join(into, name), 'utf8')).length, 2);
  });

  test('changes nothing', async () => {
    grafana = await EmbeddedGrafana.start({ seed: seeds });
    await exported();
    assert.deepEqual(grafana.writes, []);
  });

  test('that refuses the token is told to be the matter', async () => {
    grafana = await EmbeddedGrafana.start();
    const token = await fileWith('other', 'glsa_other');
    refused(
      await crosslink('export', '--grafana', grafana.url, '--token-file', token),
      /put a valid token into the file of --token-file/,
    );
  });

  const word = fc.constantFrom(
    '$',
    '$$',
    '${',
    '}',
    '$A',
    '${A}',
    '$__env{A}',
    '$1',
    'y',
    ' ',
    'é',
    '"',
    '\\',
  );
  const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
  const value = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('query', 'url', 'tags', '$A', 'on', 'x-y'), tie('json')),
    ),
  })).json;
  const seed = fc.record({
    type: fc.constantFrom('loki', 'tempo', 'prometheus'),
    access: fc.constantFrom('proxy' as const, 'direct' as const),
    url: text.map((end) => `http://host/${encodeURI(end)}`),
    user: text,
    database: text,
    basicAuth: fc.boolean(),
    withCredentials: fc.boolean(),
    isDefault: fc.boolean(),
    readOnly: fc.boolean(),
    jsonData: fc.dictionary(fc.constantFrom('a', 'httpMethod', 'crosslink', 'serviceMap'), value),
  });

  test('is read as the same whatever is in it', async () => {
    grafana = await EmbeddedGrafana.start();
    await fc.assert(
      fc.asyncProperty(fc.array(seed, { minLength: 1, maxLength: 3 }), text, async (seeds, inA) => {
        const held = await EmbeddedGrafana.start({
          seed: seeds.map((one, i) => ({ ...one, name: `d${i} ${inA}`, uid: `d${i}` })),
        });
        try {
          const client = grafanaClient({ url: held.url, auth: { kind: 'bearer', token: held.token } });
          const list = await client.listDatasources();
          const all = await Promise.all(list.map(({ uid }) => client.getDatasource(uid)));
          const datasources = all.flatMap((one) => (one === undefined ? [] : [provisioned(one)]));
          const loaded = loadDatasources(fileOf({ name: 'g', datasources }), { A: inA, 1: inA });
          assert.equal(
            JSON.stringify(inOrder(withoutSecrets(loaded))),
            JSON.stringify(inOrder(await heldBy(held))),
          );
        } finally {
          await held.stop();
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Keys in the order of the alphabet, at any depth. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => [key, inOrder(member)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

test('of two defaults in an organisation the file has the first: Grafana would refuse it as a whole', () => {
  const one = { name: 'a', uid: 'a', type: 'loki', access: 'proxy', url: '', orgId: 1, isDefault: true };
  const datasources = [one, { ...one, uid: 'b' }, { ...one, uid: 'c', orgId: 2 }];
  const loaded = loadDatasources(fileOf({ name: 'g', datasources }));
  assert.deepEqual(
    loaded.map(({ isDefault }) => isDefault),
    [true, false, true],
  );
});

suite('crosslink export of Juju models', () => {
  async function cos(): Promise<string[]> {
    const [model] = cosV0();
    assert.ok(model !== undefined);
    const status = await fileWith('status', JSON.stringify(jujuStatus(model)));
    return ['--status', status, '--show-unit', await fileWith('units', JSON.stringify(jujuShowUnit(model)))];
  }

  test('has the names and UIDs that Canonical’s Grafana charm gives, and the links as they are meant', async () => {
    const { code, stdout, stderr } = await crosslink('export', ...(await cos()));
    assert.equal(code, 0, stderr);
    const loaded = loadDatasources(stdout);
    assert.deepEqual(
      loaded.map(({ name, type }) => [name, type]),
      [
        [nameOf('alertmanager', 0), 'alertmanager'],
        [nameOf('loki', 0), 'loki'],
        [nameOf('mimir', 0), 'prometheus'],
        [nameOf('mimir', 1), 'prometheus'],
        [nameOf('mimir', 2), 'prometheus'],
        [nameOf('tempo', 0), 'tempo'],
        [nameOf('tempo', 1), 'tempo'],
      ],
    );
    for (const { uid } of loaded) assert.match(uid, /^P[0-9A-F]{16}$/);
    const loki = loaded.find(({ type }) => type === 'loki');
    assert.match(JSON.stringify(loki?.jsonData), /"url":"\$\{__value\.raw\}"/);
    assert.match(stdout, /# +httpHeaderValue1: \.\.\./);
  });

  test('is the same of what the doctor saved', async () => {
    const options = await cos();
    const kept = join(folder, 'saved');
    await crosslink('doctor', ...options, '--save', kept);
    const [direct, saved] = await Promise.all([
      crosslink('export', ...options, '--grafana', 'grafana'),
      crosslink('export', '--saved', kept),
    ]);
    assert.equal(saved.code, 0, saved.stderr);
    assert.equal(saved.stdout, direct.stdout);
  });

  test('names the Grafanas that there are when another one is asked for', async () => {
    refused(
      await crosslink('export', ...(await cos()), '--grafana', 'other'),
      /--grafana other: there is no such Grafana in model cos, which has grafana/,
    );
  });
});

const scenario = `
name: small
grafanas: { one: {}, two: {} }
applications:
  gateway-one: { gateway-of: one }
  gateway-two: { gateway-of: two }
  tempo: { config: { datasource-type: tempo, datasource-url: 'http://tempo.example:3200' } }
  loki: { config: { datasource-type: loki, datasource-url: 'http://loki.example:3100' } }
relations:
  - [tempo:grafana-source, gateway-one:datasources]
  - [loki:grafana-source, gateway-one:datasources]
  - [tempo:grafana-source, gateway-two:datasources]
  - [tempo:receive-datasource, loki:send-datasource]
expect:
  datasources: { one: 2, two: 1 }
`;

suite('crosslink export of a scenario', () => {
  test('has for each Grafana what it holds in the end, and says nothing else', async () => {
    const file = await fileWith('scenario.yaml', scenario);
    const into = join(folder, 'out');
    const { code, stderr } = await crosslink('export', file, '--output', into);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    assert.deepEqual(await readdir(into), ['one.yaml', 'two.yaml']);
    const [one = [], two = []] = await Promise.all(
      ['one', 'two'].map(async (name) => loadDatasources(await readFile(join(into, `${name}.yaml`), 'utf8'))),
    );
    assert.deepEqual(
      [one, two].map((all) => all.map(({ type, url, readOnly }) => [type, url, readOnly])),
      [
        [
          ['loki', 'http://loki.example:3100', false],
          ['tempo', 'http://tempo.example:3200', false],
        ],
        [['tempo', 'http://tempo.example:3200', false]],
      ],
    );
    const links = one.find(({ type }) => type === 'tempo')?.jsonData.tracesToLogsV2 as Record<
      string,
      unknown
    >;
    assert.equal(links.datasourceUid, one.find(({ type }) => type === 'loki')?.uid);
    assert.match(String(links.query), /^\{ \$__tags \} \|= "\$\{__span\.traceId\}"$/);
    assert.equal(two[0]?.jsonData.tracesToLogsV2, undefined);
  });

  test('that ends otherwise than it expects is printed, and told so', async () => {
    const file = await fileWith(
      'scenario.yaml',
      'name: x\ngrafanas: {g: {}}\napplications: {}\nexpect: {datasources: {g: 1}}',
    );
    const { code, stdout, stderr } = await crosslink('export', file);
    assert.equal(code, 1);
    assert.deepEqual(loadDatasources(stdout), []);
    assert.match(stderr, /^not as expected: Grafana g: expected 1 datasources?, found 0/);
  });

  test('of several Grafanas wants to know which, before anything is run', async () => {
    const file = await fileWith('scenario.yaml', scenario);
    refused(
      await crosslink('export', file),
      /several Grafanas in scenario small: one, two; choose one by --grafana/,
    );
    refused(
      await crosslink('export', file, '--grafana', 'x'),
      /no such Grafana in scenario small, which has one, two/,
    );
  });

  test('without a Grafana says that there is none', async () => {
    const file = await fileWith('scenario.yaml', 'name: x\napplications: {}');
    refused(await crosslink('export', file), /there is no Grafana in scenario x/);
  });
});

suite('crosslink export refuses', () => {
  const calls: [args: string[], message: RegExp][] = [
    [[], /say of what: SCENARIO, or --juju/],
    [['a', 'b'], /one scenario at a time: what is 'b'\?/],
    [['--frob'], /Unknown option '--frob'; crosslink help export shows the options/],
    [['cos', '--juju'], /one thing at a time/],
    [['--grafana', 'http://127.0.0.1:1'], /--grafana URL needs --token-file FILE/],
    [['--token-file', 'x'], /--token-file goes with --grafana URL/],
    [['--grafana', 'http://127.0.0.1:1', '--ca', 'x'], /--grafana URL needs --token-file FILE/],
    [['--grafana', 'http://127.0.0.1:1', '--token-file', '/nonexistent'], /\/nonexistent: can't be read/],
    [['cos', '--model', 'x'], /--model goes with --juju/],
    [['--status', 'x'], /--status needs --show-unit FILE/],
    [['--saved', '/nonexistent'], /\/nonexistent: can't be read/],
    [['--saved', 'x', '--timeout', '5'], /--timeout goes with SCENARIO or --juju/],
    [['cos', '--timeout', '0'], /--timeout takes a whole number of seconds, at least 1, not '0'/],
    [['nope'], /no scenario 'nope'/],
  ];
  for (const [args, message] of calls) {
    test(`crosslink export ${args.join(' ')}`, async () =>
      refused(await crosslink('export', ...args), message));
  }

  test('what the doctor saved of a Grafana itself, in which there is no URL of a datasource', async () => {
    const grafana = { url: 'http://grafana', version: '12.0.0', org: null, datasources: [] };
    const file = await fileWith('saved', JSON.stringify({ 'crosslink-doctor': 1, grafana }));
    refused(
      await crosslink('export', '--saved', file),
      /export it by --grafana http:\/\/grafana --token-file FILE/,
    );
  });

  test('a folder that can not be written', async () => {
    const scenario = await fileWith('scenario.yaml', 'name: x\ngrafanas: {g: {}}\napplications: {}');
    refused(
      await crosslink('export', scenario, '--output', scenario),
      /--output .*: can't be written: EEXIST/,
    );
  });
});

test('crosslink help export fits a terminal', async () => {
  const { stdout } = await crosslink('help', 'export');
  assert.match(stdout, /^Usage: crosslink export SCENARIO/);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  assert.equal((await crosslink('export', '--help')).stdout, stdout);
});
