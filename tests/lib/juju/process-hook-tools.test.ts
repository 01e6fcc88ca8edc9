import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type HookTools, isHookToolError, processHookTools } from '#lib/juju';
import { FakeTools } from './fake-tools.ts';

suite('processHookTools', () => {
  let fake: FakeTools;
  let tools: HookTools;
  setup(async () => {
    fake = await FakeTools.open();
    tools = processHookTools({ env: fake.env });
  });
  teardown(() => fake.close());

  type Reading = readonly [string, string, string, (tools: HookTools) => Promise<unknown>, unknown, string[]];
  const readings: readonly Reading[] = [
    [
      'relation ids as numbers',
      'relation-ids',
      '["db:10","db:2"]',
      (t) => t.relationIds('db'),
      [2, 10],
      ['--format=json', '--', 'db'],
    ],
    [
      'members by number',
      'relation-list',
      '["pg/10","pg/2"]',
      (t) => t.relationList(2),
      ['pg/2', 'pg/10'],
      ['--format=json', '-r', '2'],
    ],
    [
      'a missing list as empty',
      'relation-list',
      'null',
      (t) => t.relationList(2),
      [],
      ['--format=json', '-r', '2'],
    ],
    [
      'the remote application',
      'relation-list',
      '"pg"',
      (t) => t.relationListApp(2),
      'pg',
      ['--format=json', '--app', '-r', '2'],
    ],
    [
      'a unit’s databag',
      'relation-get',
      '{"a":"\\u003c"}',
      (t) => t.relationGet({ relationId: 2, of: 'pg/0' }),
      { a: '<' },
      ['--format=json', '-r', '2', '--', '-', 'pg/0'],
    ],
    [
      'an application’s databag',
      'relation-get',
      '{}',
      (t) => t.relationGet({ relationId: 2, of: 'pg' }),
      {},
      ['--format=json', '-r', '2', '--app', '--', '-', 'pg'],
    ],
    [
      'config without what is unset',
      'config-get',
      '{"a":1,"b":null,"c":"secret:x"}',
      (t) => t.configGet(),
      { a: 1, c: 'secret:x' },
      ['--format=json'],
    ],
    [
      'an application status with its units inside',
      'status-get',
      '{"application-status":{"status":"active","message":"up","status-data":{},"units":{"a/0":{"status":"error","message":"no"}}}}',
      (t) => t.applicationStatusGet(),
      { status: 'active', message: 'up', units: { 'a/0': { status: 'error', message: 'no' } } },
      ['--format=json', '--application', '--include-data'],
    ],
    [
      'a status it does not know',
      'status-get',
      '{"status":"pondering"}',
      (t) => t.statusGet(),
      { status: 'unknown', message: '' },
      ['--format=json', '--include-data'],
    ],
    ['no state', 'state-get', 'null', (t) => t.stateGet(), {}, ['--format=json']],
    ['no secrets', 'secret-ids', 'null', (t) => t.secretIds(), [], ['--format=json']],
    [
      'a secret’s metadata from under its id',
      'secret-info-get',
      '{"abc":{"revision":2,"label":"","owner":"unit","rotation":"daily","access":[]}}',
      (t) => t.secretInfoGet({ uri: 'secret:abc' }),
      { id: 'abc', revision: 2, label: '', owner: 'unit', rotation: 'daily' },
      ['--format=json', '--', 'secret:abc'],
    ],
    [
      'a network without its empty lists',
      'network-get',
      '{"bind-addresses":[{"mac-address":"","interface-name":"eth0","addresses":[{"hostname":"","value":"10.1.2.3","cidr":""}]}]}',
      (t) => t.networkGet('db', { relationId: 2 }),
      {
        bindAddresses: [
          {
            macAddress: '',
            interfaceName: 'eth0',
            addresses: [{ hostname: '', value: '10.1.2.3', cidr: '' }],
          },
        ],
        ingressAddresses: [],
        egressSubnets: [],
      },
      ['--format=json', '-r', '2', '--', 'db'],
    ],
    [
      'ports with their endpoints',
      'opened-ports',
      '["80/tcp (*)","90-95/udp (web, db)","icmp (*)"]',
      (t) => t.openedPorts(),
      [
        { protocol: 'tcp', from: 80, to: 80 },
        { protocol: 'udp', from: 90, to: 95, endpoints: ['db', 'web'] },
        { protocol: 'icmp' },
      ],
      ['--format=json', '--endpoints'],
    ],
    [
      'the parameters of an action',
      'action-get',
      '{"deep":{"list":[1]}}',
      (t) => t.actionGet(),
      { deep: { list: [1] } },
      ['--format=json'],
    ],
    ['a path', 'resource-get', '/tmp/x', (t) => t.resourceGet('x'), '/tmp/x', ['--', 'x']],
  ];
  for (const [what, tool, stdout, call, expected, args] of readings) {
    test(`${tool} reads ${what}`, async () => {
      await fake.answer(tool, { stdout: `${stdout}\n` });
      assert.deepEqual(await call(tools), expected);
      assert.deepEqual((await fake.calls())[0]?.args, args);
    });
  }

  test('a key called __proto__ is a key like others', async () => {
    await fake.answer('relation-get', { stdout: '{"__proto__":"x"}' });
    assert.deepEqual(Object.entries(await tools.relationGet({ relationId: 1, of: 'pg' })), [
      ['__proto__', 'x'],
    ]);
  });

  test('databags go by stdin, so that nothing is trimmed', async () => {
    await fake.answer('relation-set');
    await tools.relationSet({ relationId: 2, app: true, data: { a: ' \u007fé ', gone: '' } });
    const [call] = await fake.calls();
    assert.deepEqual(call?.args, ['-r', '2', '--app', '--file', '-']);
    assert.equal(call?.stdin, '{"a":" \\u007fé ","gone":""}');
  });

  test('what starts with a dash is no flag', async () => {
    await fake.answer('status-set');
    await tools.statusSet('active', '--application');
    assert.deepEqual((await fake.calls())[0]?.args, ['--', 'active', '--application']);
  });

  test('secrets go by files, and the files go away', async () => {
    await fake.answer('secret-add', { stdout: 'secret:abc\n' });
    await fake.answer('secret-set');
    const content = { password: ' s3cret\n', 'user-name': '=' };
    assert.equal(await tools.secretAdd(content, { label: 'x y', owner: 'unit' }), 'secret:abc');
    await tools.secretSet('secret:abc', { content, expire: '24h' });
    const [add, set] = await fake.calls();
    assert.deepEqual(add?.args.slice(0, 3), ['--label=x y', '--owner=unit', '--']);
    assert.deepEqual(set?.args.slice(0, 3), ['--expire=24h', '--', 'secret:abc']);
    assert.deepEqual(add?.files, content);
    assert.deepEqual(set?.files, content);
    assert.equal(JSON.stringify([add?.args, set?.args]).includes('s3cret'), false);
    const paths = add?.args
      .filter((arg) => arg.includes('#file='))
      .map((arg) => arg.split('#file=')[1] ?? '');
    const left = await readdir(tmpdir());
    for (const path of paths ?? []) assert.equal(left.includes(path.split('/').at(-2) ?? ''), false);
  });

  test('a long log message is cut into arguments that Linux takes', async () => {
    await fake.answer('juju-log');
    const message = 'é'.repeat(100_000);
    await tools.jujuLog('DEBUG', message);
    const calls = await fake.calls();
    assert.equal(calls.length, 2);
    assert.deepEqual(calls[0]?.args.slice(0, 3), ['-l', 'DEBUG', '--']);
    assert.equal(calls.map(({ args }) => args[3]).join(''), message);
  });

  const failures: readonly [string, 1 | 2, string][] = [
    ['cannot write relation settings', 1, 'NOT_LEADER'],
    ['finding application status: this unit is not the leader', 1, 'NOT_LEADER'],
    ['invalid value "99" for option -r: relation not found', 2, 'RELATION_GONE'],
    ['permission denied', 1, 'PERMISSION_DENIED'],
    ['permission denied (unauthorized access)', 1, 'PERMISSION_DENIED'],
    ['secret "abc" not found', 1, 'SECRET_NOT_FOUND'],
    ['consumer label "x" not found', 1, 'SECRET_NOT_FOUND'],
    ['secret URI "x" not valid', 2, 'SECRET_NOT_FOUND'],
    ['secret key value "x" not found', 1, 'FAILED'],
    ['not running an action', 1, 'NOT_AVAILABLE'],
    ['bad request: unknown command: config-get', 1, 'NOT_AVAILABLE'],
    ['something else', 1, 'FAILED'],
  ];
  for (const [message, exitCode, code] of failures) {
    test(`'${message}' is ${code}`, async () => {
      await fake.answer('config-get', { stderr: `WARNING busy\nERROR ${message}\n`, exitCode });
      await assert.rejects(tools.configGet(), { message, code, exitCode, tool: 'config-get' });
    });
  }

  test('a tool that is not there is not available', async () => {
    await assert.rejects(tools.relationModelGet(1), { code: 'NOT_AVAILABLE', tool: 'relation-model-get' });
  });

  test('an argument that Linux does not take is too large, and is not quoted', async () => {
    await fake.answer('action-set');
    await tools.actionSet({ a: 'x'.repeat(120 * 1024) });
    await assert.rejects(tools.actionSet({ a: 'x'.repeat(128 * 1024) }), (error: unknown) => {
      assert.ok(isHookToolError(error, 'TOO_LARGE'));
      assert.equal(
        error.message,
        'an argument for action-set is longer than this machine takes: 128 KiB on Linux',
      );
      return error.expected;
    });
  });

  test('a tool that hangs is given up', async () => {
    await fake.answer('is-leader', { delay: 5 });
    const impatient = processHookTools({ env: fake.env, timeoutMs: 200 });
    await assert.rejects(impatient.isLeader(), { code: 'FAILED', message: /within 200 ms/ });
  });

  test('no error shows what a secret holds', async () => {
    for (const stdout of ['{"password":["s3cret"]}', 's3cret']) {
      await fake.answer('secret-get', { stdout });
      await assert.rejects(tools.secretGet({ label: 'x' }), (error) => {
        assert.ok(isHookToolError(error, 'FAILED'));
        return !`${error.message} ${JSON.stringify(error)} ${error.cause}`.includes('s3cret');
      });
    }
  });

  test('a NUL byte is refused without quoting it', async () => {
    await fake.answer('status-set');
    await assert.rejects(tools.statusSet('active', 'a\0b'), { code: 'FAILED' });
  });

  test('calls may overlap', async () => {
    await fake.answer('is-leader', { stdout: 'true' });
    assert.deepEqual(
      await Promise.all(Array.from({ length: 8 }, () => tools.isLeader())),
      Array(8).fill(true),
    );
  });
});
