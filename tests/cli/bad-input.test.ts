import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { crosslink, type Finished, startCrosslink } from './command.ts';

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-cli-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

function refused({ code, stdout, stderr }: Finished, message: RegExp): void {
  assert.equal(code, 2, stderr);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /^ +at |node:internal|Error:/m, 'no stack trace reaches a user');
  assert.equal(stdout, '');
}

const scenarios: Record<string, [yaml: string, message: RegExp]> = {
  'that is no YAML': ['name: [', /scenario\.yaml: /],
  'that is empty': ['', /the file: expected a map, found nothing/],
  'that is a list': ['[cos]', /the file: expected a map, found a list/],
  'without applications': ['name: x', /applications: is missing/],
  'with a number that is too small': [
    'name: x\napplications: {tempo: {units: 0}}',
    /applications\.tempo\.units: expected at least 1/,
  ],
  'with a kind of link that there is not': [
    'name: x\napplications: {t: {}}\nexpect: {links: [{in: null, from: t, kind: nope, to: null}]}',
    /expect\.links\.0\.kind: expected one of service-map, .*found 'nope'/,
  ],
  'with an alias that leads nowhere': ['name: x\napplications: *nope', /Unresolved alias.*nope/],
  'with aliases that blow up': [
    `a: &a [x, x]\nb: &b [${'*a, '.repeat(50)}]\nname: [${'*b, '.repeat(50)}]`,
    /alias count/,
  ],
  'with a key that JavaScript has a use for': [
    'name: x\napplications: {__proto__: {units: 2}}',
    /unknown key '__proto__'/,
  ],
  'with an unknown key': [
    'name: x\napplications: {tempo: {unitz: 2}}',
    /applications\.tempo: unknown key 'unitz'/,
  ],
  'with an unknown step': [
    'name: x\napplications: {tempo: {}}\nsteps: [{frobnicate: tempo}]',
    /steps\.0: unknown key 'frobnicate'\n.*exactly one of .*remove-unit/,
  ],
  'with a Grafana that is not there': [
    'name: x\napplications: {g: {gateway-of: main}}',
    /applications\.g\.gateway-of: there is no Grafana 'main'/,
  ],
  'that relates an unknown application': [
    'name: x\napplications: {tempo: {}}\nrelations: [[tempo:grafana-source, loki:datasources]]',
    /no application 'loki'; there are: 'tempo'/,
  ],
  'that relates an unknown endpoint': [
    'name: x\napplications: {tempo: {}, loki: {}}\nrelations: [[tempo:nope, loki:send-datasource]]',
    /no endpoint 'nope'.*grafana-source/,
  ],
  'that relates endpoints that do not fit': [
    'name: x\napplications: {tempo: {}, loki: {}}\nrelations: [[tempo:grafana-source, loki:send-datasource]]',
    /'tempo:grafana-source' and 'loki:send-datasource' don't fit/,
  ],
  'that sets an unknown option': [
    'name: x\napplications: {tempo: {config: {nope: 1}}}',
    /no option 'nope'.*datasource-type/,
  ],
  'that sets an option to a value of another type': [
    'name: x\napplications: {tempo: {config: {datasource-type: 5}}}',
    /datasource-type/,
  ],
  'with a charm folder that is not there': [
    'name: x\napplications: {tempo: {charm: no/such/charm}}',
    /no charm folder 'no\/such\/charm'; looked at /,
  ],
  'with a charm folder that holds no charm': [
    'name: x\napplications: {tempo: {charm: .}}',
    /no 'dispatch' executable/,
  ],
  'with a version that Grafana never had': [
    'name: x\ngrafanas: {main: {version: banana}}\napplications: {g: {gateway-of: main}}',
    /grafanas\.main: .*banana/,
  ],
};

suite('crosslink up refuses a scenario', () => {
  for (const [what, [yaml, message]] of Object.entries(scenarios)) {
    test(what, async () => {
      const file = join(folder, 'scenario.yaml');
      await writeFile(file, yaml);
      refused(await crosslink('up', file, '--once'), message);
    });
  }

  test('that does not exist, and names those that do', async () => {
    refused(await crosslink('up', 'nope', '--once'), /no scenario 'nope'.*cos.*two-grafanas/);
  });
});

suite('crosslink refuses', () => {
  const calls: [args: string[], message: RegExp][] = [
    [['frobnicate'], /no command 'frobnicate'/],
    [['up', '--frob'], /Unknown option '--frob'/],
    [['up', 'cos', 'legacy'], /one scenario at a time: what is 'legacy'/],
    [['help', 'frobnicate'], /no command 'frobnicate'/],
    [['up', '--timeout', '0'], /--timeout takes at least 1 second/],
    [['up', '--shuffle', '-1'], /^crosslink: Option '--shuffle' argument is ambiguous; .*\n$/],
    [['up', '--shuffle', 'x'], /--shuffle takes a whole number, not 'x'/],
    [['up', '--agent-socket', 'x'], /--agent-socket takes file, abstract, none, not 'x'/],
    [['up', '--grafana', 'http://127.0.0.1:1'], /--grafana needs --token-file FILE/],
    [['up', '--token-file', 'x'], /--token-file goes with --grafana/],
    [
      ['up', '--grafana', 'http://127.0.0.1:1', '--token-file', '/nonexistent'],
      /\/nonexistent: can't be read/,
    ],
  ];
  for (const [args, message] of calls) {
    test(`crosslink ${args.join(' ')}`, async () => refused(await crosslink(...args), message));
  }

  test('a temporary folder that is not there', async () => {
    const file = join(folder, 'scenario.yaml');
    await writeFile(file, 'name: x\napplications: {tempo: {}}');
    const gone = { TMPDIR: join(folder, 'gone') };
    refused(
      await startCrosslink(['up', file, '--once'], gone).finished,
      /no place for .*set TMPDIR to a folder/,
    );
  });

  test('an output that can not be written', async () => {
    const file = join(folder, 'scenario.yaml');
    await writeFile(file, 'name: x\napplications: {}');
    const full = await open('/dev/full', 'w');
    try {
      const command = join(projectFolder, 'crosslink');
      const child = spawn(command, ['up', file, '--once'], { stdio: ['ignore', full.fd, 'pipe'] });
      child.stderr?.setEncoding('utf8');
      const [code, stderr] = await Promise.all([
        once(child, 'close').then(([code]) => Number(code)),
        child.stderr ? text(child.stderr) : '',
      ]);
      refused({ code, stdout: '', stderr }, /can't write to standard output: ENOSPC/);
    } finally {
      await full.close();
    }
  });

  test('a Grafana that can not be reached', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'a-token');
    const gone = await EmbeddedGrafana.start();
    await gone.stop();
    const result = await crosslink('up', '--once', '--grafana', gone.url, '--token-file', tokenFile);
    refused(result, /--grafana http:\/\/127\.0\.0\.1:\d+: .*start Grafana or correct/);
  });

  test('a token that Grafana refuses, without showing it', async () => {
    const grafana = await EmbeddedGrafana.start();
    try {
      const tokenFile = join(folder, 'token');
      await writeFile(tokenFile, 'glsa_not-the-right-token');
      const result = await crosslink('up', '--once', '--grafana', grafana.url, '--token-file', tokenFile);
      refused(result, /401.*put a valid token into the file of --token-file/);
      assert.doesNotMatch(result.stderr, /not-the-right-token/);
    } finally {
      await grafana.stop();
    }
  });

  test('one real Grafana for a scenario with two', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'a-token');
    const args = [
      'up',
      'two-grafanas',
      '--once',
      '--grafana',
      'http://127.0.0.1:1',
      '--token-file',
      tokenFile,
    ];
    refused(await crosslink(...args), /stands in for one Grafana, and scenario two-grafanas has 2/);
  });
});
