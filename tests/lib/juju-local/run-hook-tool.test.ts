import assert from 'node:assert/strict';
import type { HookEvent } from '#lib/juju';
import { MemoryHookTools, type UnitState } from '#lib/juju/testing';
import { needsStdin, runHookTool, type ToolReply } from '../../../lib/juju-local/run-hook-tool.ts';

const network = {
  bindAddresses: [
    {
      macAddress: '',
      interfaceName: 'eth0',
      addresses: [{ hostname: 'h', value: '10.0.0.1', cidr: '10.0.0.0/24' }],
    },
  ],
  ingressAddresses: ['10.0.0.1'],
  egressSubnets: [],
};
const id = '0123456789abcdefghij';
const state: UnitState = {
  unit: 'web/0',
  modelName: 'cos',
  modelUuid: 'cdac5656-2423-4388-8f30-41854b4cca7d',
  leader: true,
  config: { name: 'a<b>&c', port: 80, debug: true },
  relations: [
    {
      id: 3,
      endpoint: 'db',
      peer: false,
      remoteApp: 'mysql',
      localAppData: { ours: 'app' },
      localUnitData: { ours: 'unit' },
      remoteAppData: { name: 'sales' },
      remoteUnitsData: { 'mysql/0': { host: 'h', port: '3306' }, 'mysql/10': {}, 'mysql/2': {} },
    },
    {
      id: 10,
      endpoint: 'db',
      peer: false,
      remoteApp: 'pg',
      localAppData: {},
      localUnitData: {},
      remoteAppData: {},
      remoteUnitsData: {},
    },
  ],
  secrets: [
    {
      id,
      owner: { kind: 'model' },
      revisions: [{ revision: 1, content: { token: 'hush', user: 'me' } }],
      granted: true,
    },
  ],
  unitStatus: { status: 'active', message: 'fine' },
  applicationStatus: { status: 'active', message: '' },
  unitStatuses: { 'web/0': { status: 'active', message: 'fine' } },
  workloadVersion: '',
  openedPorts: [
    { protocol: 'tcp', from: 80, to: 80 },
    { protocol: 'udp', from: 8080, to: 8088, endpoints: ['web', 'db'] },
    { protocol: 'icmp' },
  ],
  stored: { a: '1' },
  networks: { default: network },
  privateAddress: '10.0.0.1',
  publicAddress: '',
  storages: {},
  resources: { image: '/tmp/image' },
  actionParameters: null,
};
const changed: HookEvent = {
  kind: 'relation-changed',
  endpoint: 'db',
  relationId: 3,
  remoteApp: 'mysql',
  remoteUnit: 'mysql/0',
};

function call(
  command: readonly string[],
  { event = changed, ...fields }: Partial<UnitState> & { event?: HookEvent } = {},
  stdin?: string,
): Promise<ToolReply> {
  const tools = new MemoryHookTools({ ...state, ...fields }, { event });
  const [name = '', ...args] = command;
  return runHookTool(
    tools,
    {
      event,
      configOptions: ['name', 'port', 'debug', 'unset'],
      leaderSettings: { get: () => ({}), set: () => undefined },
      readFile: async (path) => `file ${path}`,
      writeFile: async () => undefined,
    },
    { name, args, stdin },
  );
}

suite('hook tools print what Juju prints', () => {
  const table: [command: string[], stdout: string][] = [
    [['relation-ids', '--format', 'json'], '["db:10","db:3"]\n'],
    [['relation-ids', 'db'], 'db:10\ndb:3\n'],
    [['relation-ids', 'nothing', '--format=json'], '[]\n'],
    [['relation-ids', 'nothing'], ''],
    [['relation-list', '-r', 'db:3', '--format=json'], '["mysql/0","mysql/10","mysql/2"]\n'],
    [['relation-list', '-r3', '--app', '--format=json'], '"mysql"\n'],
    [['relation-list', '--relation=10', '--format=json'], '[]\n'],
    [['relation-list', '-r', '10', '--app'], 'pg\n'],
    [['relation-get', '--format=json'], '{"host":"h","port":"3306"}\n'],
    [['relation-get'], 'host: h\nport: "3306"\n'],
    [['relation-get', 'host'], 'h\n'],
    [['relation-get', 'nothing'], ''],
    [['relation-get', 'nothing', '--format=json'], 'null\n'],
    [['relation-get', '-', 'web/0', '--format=json'], '{"ours":"unit"}\n'],
    [['relation-get', '--app', '-', 'web/0', '--format=json'], '{"ours":"app"}\n'],
    [['relation-get', '--app', '-', 'mysql', '--format=json'], '{"name":"sales"}\n'],
    [['relation-get', '--app', '--format=json'], '{"name":"sales"}\n'],
    [['relation-get', '-r', '3', '--app=True', 'name', 'mysql/2', '--format=json'], '"sales"\n'],
    [['relation-set', 'a=b'], ''],
    [['relation-set', '-r', 'x:3', '--app', '--format', 'json', 'a=b'], ''],
    [['relation-model-get', '--format=json'], '{"uuid":"cdac5656-2423-4388-8f30-41854b4cca7d"}\n'],
    [['config-get', '--format=json'], '{"debug":true,"name":"a\\u003cb\\u003e\\u0026c","port":80}\n'],
    [
      ['config-get', '-a', '--format=json'],
      '{"debug":true,"name":"a\\u003cb\\u003e\\u0026c","port":80,"unset":null}\n',
    ],
    [['config-get', 'port'], '80\n'],
    [['config-get', 'debug'], 'True\n'],
    [['config-get', 'nothing', '--format=json'], 'null\n'],
    [['is-leader'], 'True\n'],
    [['is-leader', '--format=json'], 'true\n'],
    [['is-leader', '--format', 'yaml'], 'true\n'],
    [['status-get', '--format=json'], '{"status":"active"}\n'],
    [
      ['status-get', '--include-data', '--format=json'],
      '{"message":"fine","status":"active","status-data":{}}\n',
    ],
    [
      ['status-get', '--application', '--include-data', '--format=json'],
      '{"application-status":{"message":"","status":"active","status-data":{},"units":{"web/0":{"message":"fine","status":"active","status-data":{}}}}}\n',
    ],
    [['status-set', '--application=False', 'active', 'all well'], ''],
    [['juju-log', '-l', 'DEBUG', 'two', 'words'], ''],
    [['juju-log', '--', '--not-a-flag'], ''],
    [
      ['network-get', 'db', '--format=json'],
      '{"bind-addresses":[{"addresses":[{"cidr":"10.0.0.0/24","hostname":"h","value":"10.0.0.1"}],"interface-name":"eth0","mac-address":""}],"ingress-addresses":["10.0.0.1"]}\n',
    ],
    [['network-get', 'db', '--ingress-address'], '10.0.0.1\n'],
    [
      ['network-get', 'db', '--ingress-address', '--bind-address', '--format=json'],
      '{"bind-address":"10.0.0.1","ingress-address":"10.0.0.1"}\n',
    ],
    [['unit-get', 'private-address'], '10.0.0.1\n'],
    [['opened-ports', '--format=json'], '["80/tcp","8080-8088/udp","icmp"]\n'],
    [['opened-ports', '--endpoints'], '80/tcp (*)\n8080-8088/udp (db, web)\nicmp (*)\n'],
    [['secret-get', `secret:${id}`], 'token: hush\nuser: me\n'],
    [['secret-get', id, 'token', '--format=json'], '"hush"\n'],
    [['secret-get', id, 'token#base64', '--format=json'], '"aHVzaA=="\n'],
    [['secret-ids', '--format=json'], 'null\n'],
    [['secret-add', 'token=a', 'file#file=/x', 'b64#base64=aGk='], 'secret:new00000000000000001\n'],
    [['state-get', '--format=json'], '{"a":"1"}\n'],
    [['state-get', 'nothing', '--format=json'], '""\n'],
    [['resource-get', 'image'], '/tmp/image'],
    [['credential-get', '--help-me-not'], ''],
  ];
  for (const [command, stdout] of table.slice(0, -1)) {
    test(command.join(' '), async () =>
      assert.deepEqual(await call(command), { code: 0, stdout, stderr: '' }),
    );
  }

  test('no state at all is null', async () => {
    assert.equal((await call(['state-get', '--format=json'], { stored: {} })).stdout, 'null\n');
  });

  test('parameters of an action', async () => {
    const action = { actionParameters: { a: { b: { c: 5 } }, list: [1] } };
    assert.equal(
      (await call(['action-get', '--format=json'], action)).stdout,
      '{"a":{"b":{"c":5}},"list":[1]}\n',
    );
    assert.equal((await call(['action-get', 'a.b.c', '--format=json'], action)).stdout, '5\n');
    assert.equal((await call(['action-get', 'a.x.c', '--format=json'], action)).stdout, 'null\n');
  });
});

suite('hook tools refuse what Juju refuses', () => {
  const plain: HookEvent = { kind: 'update-status' };
  const table: [command: string[], code: number, message: string, event?: HookEvent][] = [
    [['relation-ids'], 2, 'no endpoint name specified', plain],
    [['relation-list'], 2, 'no relation id specified', plain],
    [['relation-get', '-r', '3'], 2, 'no unit or application specified', plain],
    [['relation-list', '-r', 'db:x'], 2, 'invalid value "db:x" for option -r: invalid relation id'],
    [['relation-list', '-r', '99'], 2, 'invalid value "99" for option -r: relation not found'],
    [['relation-get', '-', 'mysql'], 2, 'expected unit name, got application name "mysql"'],
    [['relation-get', '-', '/0/'], 2, 'invalid unit name "/0/"'],
    [['relation-set', 'k'], 2, 'expected "key=value", got "k"'],
    [['relation-set', 'k=1', 'k=2'], 2, 'key "k" specified more than once'],
    [['relation-get', '--x'], 2, 'option provided but not defined: --x'],
    [['relation-get', '--format', 'xml'], 2, 'invalid value "xml" for option --format: unknown format "xml"'],
    [['is-leader', 'x'], 2, 'unrecognized args: ["x"]'],
    [['config-get', '--all', 'k'], 2, 'cannot use argument --all together with key name'],
    [['status-set', 'x'], 2, 'invalid status "x", expected one of [maintenance blocked waiting active]'],
    [['application-version-set'], 2, 'no version specified'],
    [['juju-log'], 2, 'no message specified'],
    [['network-get'], 2, 'no arguments specified'],
    [['unit-get', 'x'], 2, 'unknown setting "x"'],
    [['unit-get', 'public-address'], 1, 'public address not found'],
    [
      ['open-port', '79-90'],
      1,
      'cannot open 79-90/tcp (unit "web/0"): port range conflicts with 80/tcp (unit "web/0")',
    ],
    [['secret-get'], 2, 'require either a secret URI or label'],
    [['secret-get', id, '--peek', '--refresh'], 2, 'specify one of --peek or --refresh but not both'],
    [['secret-get', 'x'], 2, 'secret URI "x" not valid'],
    [['secret-get', id, 'nothing'], 1, 'secret key value "nothing" not found'],
    [['secret-add'], 2, 'missing secret value or filename'],
    [['secret-add', 'x'], 2, 'key value "x" not valid'],
    [['secret-add', 'ab=x'], 2, 'key "ab" not valid'],
    [['secret-grant', id], 2, 'no relation id specified', plain],
    [['state-get', '--strict', 'x'], 1, '"x" not found'],
    [['action-get'], 1, 'not running an action'],
    [['credential-get'], 1, 'cannot access cloud credentials: permission denied'],
    [['secret-add', 'key#base64=AAH/'], 1, 'value of "key" is no UTF-8, which the local model does not keep'],
    [['no-such-tool'], 1, 'bad request: unknown command: no-such-tool'],
    [['relation-set', '--file', '-'], 1, 'hook tool requires stdin, none supplied'],
  ];
  for (const [command, code, message, event = changed] of table) {
    test(command.join(' '), async () => {
      assert.deepEqual(await call(command, { event }), { code, stdout: '', stderr: `ERROR ${message}\n` });
    });
  }
});

suite('relation-set --file reads YAML', () => {
  const bag = async (stdin: string, ...args: string[]) => {
    const tools = new MemoryHookTools(state, { event: changed });
    const context = {
      event: changed,
      configOptions: [],
      leaderSettings: { get: () => ({}), set: () => undefined },
      readFile: async () => '',
      writeFile: async () => undefined,
    } as const;
    const reply = await runHookTool(tools, context, {
      name: 'relation-set',
      args: ['--file', '-', ...args],
      stdin,
    });
    return reply.code === 0 ? tools.changes().relationSettings[0]?.set : reply;
  };
  const table: [title: string, text: string, set: Record<string, string>][] = [
    ['JSON', '{"a":"x: {}","b":"{\\"k\\": 1}"}', { a: 'x: {}', b: '{"k": 1}' }],
    [
      'numbers and booleans keep their text',
      'a: 1.50\nb: true\nc: 0x1f',
      { a: '1.50', b: 'true', c: '0x1f' },
    ],
    ['null deletes', 'ours: null', { ours: '' }],
    ['a quoted null stays', 'a: "null"', { a: 'null' }],
    ['values are not trimmed', 'a: " x "', { a: ' x ' }],
    ['a raw emoji', '{"a":"😀"}', { a: '😀' }],
    // What PyYAML makes of JSON in a value, as older ops charms send it.
    ['escapes between single quotes are text', `a: '"\\ud83d\\ude00"'`, { a: '"\\ud83d\\ude00"' }],
    ['and so are they without quotes', 'a: http:\\/\\/x', { a: 'http:\\/\\/x' }],
  ];
  for (const [title, text, set] of table) {
    test(title, async () => assert.deepEqual({ ...(await bag(text)) }, set));
  }
  test('arguments override the file, and are trimmed', async () => {
    assert.deepEqual({ ...(await bag('a: 1\nb: 2', ' a = z ')) }, { a: 'z', b: '2' });
  });
  const refused: [title: string, text: string, message: RegExp][] = [
    ['a list', 'a: [1]', /cannot unmarshal !!seq into string/],
    ['a map', 'a: {b: 1}', /cannot unmarshal !!map into string/],
    ['an escaped surrogate pair', '{"a":"\\ud83d\\ude00"}', /invalid Unicode character escape code/],
    ['an escaped slash', '{"a":"\\/"}', /unknown escape character/],
    ['a raw control character', '{"a":"\u0090"}', /control characters are not allowed/],
    ['a very long key', `{"${'k'.repeat(1100)}":"v"}`, /could not find expected ':'/],
  ];
  for (const [title, text, message] of refused) {
    test(`but not ${title}`, async () => {
      const reply = (await bag(text)) as ToolReply;
      assert.equal(reply.code, 1);
      assert.match(reply.stderr, message);
    });
  }
});

test('stdin is asked for only when a file argument names it', () => {
  assert.ok(needsStdin({ name: 'relation-set', args: ['-r', '3', '--file', '-'] }));
  assert.ok(needsStdin({ name: 'state-set', args: ['--file=-'] }));
  assert.ok(!needsStdin({ name: 'relation-get', args: ['-', 'mysql/0'] }));
  assert.ok(!needsStdin({ name: 'relation-set', args: ['--file', 'x', 'a=-'] }));
});
