import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '#lib/juju-local';
import { cleanUp, openModel, shellCharm, temporaryFolder } from './helpers.ts';

const options = {
  name: { type: 'string', default: 'x' },
  port: { type: 'int' },
  ratio: { type: 'float' },
  debug: { type: 'boolean', default: false },
  token: { type: 'secret' },
};

async function world() {
  const watched = await openModel();
  const charm = await shellCharm({
    name: 'many',
    options,
    actions: {
      backup: {
        params: { path: { type: 'string', default: '/x' }, level: { type: 'integer' } },
        required: ['level'],
        additionalProperties: false,
      },
    },
    provides: { sql: 'sql', web: { interface: 'http' } },
    requires: { db: { interface: 'sql', limit: 1 }, 'other-db': { interface: 'sql' } },
    peers: { ring: { interface: 'ring' } },
    dispatch: 'config-get --format=json',
  });
  await watched.model.deploy({ app: 'a', charm });
  await watched.model.deploy({ app: 'b', charm });
  await watched.model.deploy({ app: 'c', charm, units: 0 });
  return { ...watched, charm };
}
type World = Awaited<ReturnType<typeof world>>;

suite("operators' mistakes say what to do", () => {
  teardown(cleanUp);

  const table: [title: string, act: (world: World) => unknown, message: RegExp][] = [
    [
      'an unknown application',
      ({ model }) => model.addUnit('x'),
      /no application 'x'; there are: 'a', 'b', 'c'/,
    ],
    ['an unknown unit', ({ model }) => model.removeUnit('a/7'), /no unit 'a\/7'; there are: 'a\/0', 'b\/0'/],
    [
      'an unknown endpoint',
      ({ model }) => model.relate('a:x', 'b'),
      /has no endpoint 'x'; its charm's endpoints: 'db', 'other-db', 'ring', 'sql', 'web'/,
    ],
    [
      'endpoints that are ambiguous',
      ({ model }) => model.relate('a', 'b'),
      /several endpoints .* name one pair of/,
    ],
    [
      'another interface',
      ({ model }) => model.relate('a:web', 'b:db'),
      /don't fit.*'a:web \(provides http\)', 'b:db \(requires sql\)'/,
    ],
    [
      'two of one role',
      ({ model }) => model.relate('a:sql', 'b:sql'),
      /one that provides and one that requires/,
    ],
    ['a relation with itself', ({ model }) => model.relate('a:sql', 'a:db'), /can't be related to itself/],
    [
      'a relation twice',
      ({ model }) => {
        model.relate('a:sql', 'b:db');
        model.relate('b:db', 'a:sql');
      },
      /are related already \(id 3\)/,
    ],
    [
      'a relation too many',
      ({ model }) => {
        model.relate('a:sql', 'b:db');
        model.relate('c:sql', 'b:db');
      },
      /'b:db' takes 1 relation\(s\) at most/,
    ],
    ['no such relation', ({ model }) => model.removeRelation('a', 'b'), /no relation of 'a' and 'b'/],
    ['a peer relation', ({ model }) => model.removeRelation(0), /is a peer relation/],
    [
      'an unknown option',
      ({ model }) => model.setConfig('a', { prot: 1 }),
      /no option 'prot'; its charm's options: 'debug', 'name', 'port', 'ratio', 'token'/,
    ],
    [
      'a string for an int',
      ({ model }) => model.setConfig('a', { port: '80' }),
      /option 'port' of application 'a' must be a whole number, not "80"/,
    ],
    ['a fraction for an int', ({ model }) => model.setConfig('a', { port: 8.5 }), /must be a whole number/],
    ['a number for a string', ({ model }) => model.setConfig('a', { name: 1 }), /must be a string/],
    [
      'a string for a boolean',
      ({ model }) => model.setConfig('a', { debug: 'yes' }),
      /must be true or false/,
    ],
    ['no URI for a secret', ({ model }) => model.setConfig('a', { token: 'hush' }), /must be a secret's URI/],
    ['an unknown secret', ({ model }) => model.grantSecret('x', 'a'), /no secret 'x'/],
    [
      'a short secret key',
      ({ model }) => model.addSecret({ name: 's', content: { ab: '1' } }),
      /'ab' is no secret key/,
    ],
    ['a taken name', ({ model, charm }) => model.deploy({ app: 'a', charm }), /an application 'a' already/],
    ['a bad name', ({ model, charm }) => model.deploy({ app: 'A_b', charm }), /is no application name/],
    ['a bad number of units', ({ model }) => model.addUnit('a', -1), /number of units/],
    ['no folder', ({ model }) => model.deploy({ app: 'd', charm: '/no/such' }), /is no readable folder/],
    ['an unknown action', ({ model }) => model.runAction('a/0', 'x'), /has no action 'x'; it has: 'backup'/],
    [
      'an unknown parameter',
      ({ model }) => model.runAction('a/0', 'backup', { x: 1 }),
      /no parameter 'x'; it has: 'level', 'path'/,
    ],
    ['a missing parameter', ({ model }) => model.runAction('a/0', 'backup'), /needs the parameter 'level'/],
    [
      'a parameter of another type',
      ({ model }) => model.runAction('a/0', 'backup', { level: 'x' }),
      /must be of type integer, not "x"/,
    ],
    ['a unit without error', ({ model }) => model.resolve('a/0'), /not in error/],
  ];
  for (const [title, act, message] of table) {
    test(title, async () => {
      const given = await world();
      await assert.rejects(
        async () => act(given),
        (error) => {
          assert.ok(error instanceof ModelError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  const charms: [title: string, change: (folder: string) => Promise<unknown>, message: RegExp][] = [
    ['no metadata', (folder) => rm(join(folder, 'metadata.yaml')), /has no metadata.yaml/],
    ['nothing to run', (folder) => rm(join(folder, 'dispatch')), /has no 'dispatch' executable/],
    ['bad YAML', (folder) => writeFile(join(folder, 'metadata.yaml'), 'a: ['), /metadata.yaml is no YAML/],
    [
      'no name',
      (folder) => writeFile(join(folder, 'metadata.yaml'), 'summary: x'),
      /metadata.yaml is not what Juju expects:\n.*name/s,
    ],
    [
      'a default of another type',
      (folder) => writeFile(join(folder, 'config.yaml'), 'options: {p: {type: int, default: x}}'),
      /default of option 'p' must be a whole number/,
    ],
    [
      'a subordinate',
      (folder) => writeFile(join(folder, 'metadata.yaml'), 'name: x\nsubordinate: true'),
      /subordinate: not supported/,
    ],
  ];
  for (const [title, change, message] of charms) {
    test(`a charm with ${title}`, async () => {
      const { model } = await openModel();
      const charm = await shellCharm({ name: 'x' });
      await change(charm);
      await assert.rejects(model.deploy({ app: 'x', charm }), { name: 'ModelError', message });
    });
  }
});

suite('what operators do', () => {
  teardown(cleanUp);

  test('a charm may be described by its charmcraft.yaml alone', async () => {
    const { model } = await openModel();
    const charm = await temporaryFolder();
    await writeFile(
      join(charm, 'charmcraft.yaml'),
      'name: x\nrequires:\nprovides: {web: {interface: http}}\nconfig: {options: {p: {type: int, default: 1}}}\nactions: {go: }\n',
    );
    await mkdir(join(charm, 'hooks'));
    await model.deploy({ app: 'x', charm, config: { p: 2 } });
    assert.deepEqual(model.snapshot().applications.x?.config, { p: 2 });
    assert.ok((await model.settle()).settled);
  });

  test('config reaches charms typed, and going back to the default is a change too', async () => {
    const watched = await world();
    await watched.model.settle();
    watched.model.setConfig('a', { port: 80, debug: true });
    await watched.model.settle();
    assert.equal(watched.logs('a/0').at(-1), '{"debug":true,"name":"x","port":80}');
    watched.hooks('a/0');
    watched.model.setConfig('a', { debug: null });
    await watched.model.settle();
    assert.equal(watched.logs('a/0').at(-1), '{"debug":false,"name":"x","port":80}');
    assert.deepEqual(watched.hooks('a/0'), ['config-changed']);
    watched.model.setConfig('a', { port: 80, name: 'x' });
    await watched.model.settle();
    assert.deepEqual(watched.hooks('a/0'), []);
  });

  test('refresh runs the new charm from upgrade-charm on', async () => {
    const watched = await openModel();
    const one = await shellCharm({ name: 'x', dispatch: 'echo "one $hook"' });
    const two = await shellCharm({
      name: 'x',
      dispatch: 'echo "two $hook"; echo kept >> state; wc -l < state',
    });
    await watched.model.deploy({ app: 'x', charm: one });
    await watched.model.settle();
    await watched.model.refresh('x', { charm: two });
    await watched.model.settle();
    assert.deepEqual(watched.logs('x/0').slice(-5), [
      'one start',
      'two upgrade-charm',
      '1',
      'two config-changed',
      '2',
    ]);
    await watched.model.restart('x/0');
    await watched.model.settle();
    assert.deepEqual(watched.hooks('x/0').at(-1), 'start');
    watched.hooks('x/0');
    await watched.model.restart('x/0', { pod: true });
    await watched.model.settle();
    assert.deepEqual(watched.hooks('x/0'), ['stop', 'upgrade-charm', 'config-changed', 'start']);
    assert.equal(watched.logs('x/0').at(-1), '4');
  });

  test('the same seed gives the same order', async () => {
    const order = async (seed: number) => {
      const watched = await openModel({ seed, concurrency: 1 });
      const charm = await shellCharm({
        name: 'x',
        provides: { web: 'http' },
        requires: { to: { interface: 'http' } },
      });
      for (const app of ['a', 'b', 'c']) await watched.model.deploy({ app, charm, units: 0 });
      for (const [from, to] of [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
      ])
        watched.model.relate(`${from}:web`, `${to}:to`);
      for (const app of ['a', 'b', 'c']) watched.model.addUnit(app);
      assert.ok((await watched.model.settle()).settled);
      return watched.activities.flatMap((one) =>
        one.kind === 'hook-ended' ? [`${one.unit} ${one.hook}`] : [],
      );
    };
    assert.deepEqual(await order(7), await order(7));
    assert.notDeepEqual(await order(7), await order(8));
  });
});

suite('actions', () => {
  teardown(cleanUp);

  const dispatch = `[ "$JUJU_HOOK_NAME" = '' ] || exit 0
    case $JUJU_ACTION_NAME in
      good) action-set a.b="$(action-get level)" c=1; action-log going; echo out; echo err >&2;;
      bad) action-set a=1; action-fail 'no luck';;
      crash) action-set a=1; exit 4;;
    esac`;
  const actions = { good: { params: { level: { type: 'integer', default: 5 } } }, bad: {}, crash: {} };

  test('answer with results, output and log, and fail as Juju has it', async () => {
    const { model } = await openModel();
    await model.deploy({ app: 'x', charm: await shellCharm({ name: 'x', dispatch, actions }) });
    assert.deepEqual(await model.runAction('x/leader', 'good'), {
      status: 'completed',
      results: { a: { b: '5' }, c: '1', 'return-code': 0, stdout: 'out\n', stderr: 'err\n' },
      message: '',
      log: ['going'],
    });
    const bad = await model.runAction('x/0', 'bad');
    assert.deepEqual(
      [bad.status, bad.message, bad.results],
      ['failed', 'no luck', { a: '1', 'return-code': 0 }],
    );
    const crash = await model.runAction('x/0', 'crash');
    assert.deepEqual([crash.status, crash.message], ['failed', 'exit status 4']);
    assert.ok((await model.settle()).settled);
  });

  test('run in a unit that is in error', async () => {
    const { model } = await openModel({ retry: { limit: 1 } });
    await model.deploy({
      app: 'x',
      charm: await shellCharm({ name: 'x', dispatch: `[ $hook != start ]\n${dispatch}`, actions }),
    });
    assert.equal((await model.settle()).settled, false);
    assert.equal((await model.runAction('x/0', 'good')).status, 'completed');
    assert.equal(model.snapshot().applications.x?.units['x/0']?.status.status, 'error');
  });
});
