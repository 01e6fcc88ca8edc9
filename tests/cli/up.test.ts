import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { crosslink, startCrosslink } from './command.ts';

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-cli-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

/** What programs that read `--json` rely on. */
const End = z.strictObject({ app: z.string(), uid: z.string().nullable(), type: z.string() });
const Output = z.strictObject({
  scenario: z.string(),
  settled: z.boolean(),
  hooks: z.number(),
  failedHooks: z.number(),
  applications: z.array(
    z.strictObject({
      name: z.string(),
      units: z.array(
        z.strictObject({ name: z.string(), leader: z.boolean(), status: z.string(), message: z.string() }),
      ),
    }),
  ),
  grafanas: z.array(
    z.strictObject({
      name: z.string(),
      grafanaUid: z.string().nullable(),
      url: z.string(),
      datasources: z.array(
        z.looseObject({ uid: z.string(), name: z.string(), jsonData: z.object({}), version: z.number() }),
      ),
    }),
  ),
  links: z.array(
    z.strictObject({
      grafanaUid: z.string().nullable(),
      from: End,
      kind: z.string(),
      to: End.nullable(),
      reasons: z.array(z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() })),
    }),
  ),
  restless: z.array(z.string()),
  differences: z.array(z.string()),
});

// A Tempo and a Loki, real processes, few hooks.
const small = `
name: small
grafanas: { main: {} }
applications:
  grafana: { gateway-of: main }
  tempo: { config: { datasource-type: tempo, datasource-url: 'http://tempo.example:3200' } }
  loki: { config: { datasource-type: loki, datasource-url: 'http://loki.example:3100' } }
relations:
  - [tempo:grafana-source, grafana:datasources]
  - [loki:grafana-source, grafana:datasources]
  - [tempo:receive-datasource, loki:send-datasource]
expect:
  datasources: { main: 2 }
  links:
    - { in: main, from: tempo, kind: traces-to-logs, to: loki }
`;

async function scenarioFile(yaml: string): Promise<string> {
  const file = join(folder, 'scenario.yaml');
  await writeFile(file, yaml);
  return file;
}

suite('crosslink up --once', () => {
  test('ends with 0 when what the scenario expects holds, and shows who is linked to whom', async () => {
    const { code, stdout, stderr } = await crosslink('up', await scenarioFile(small), '--once');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Scenario small: settled after \d+ hooks/);
    assert.match(stdout, /tempo-[0-9a-f]{8} +traces-to-logs +loki-[0-9a-f]{8}/);
    assert.match(stdout, /tempo not linked: service-map, traces-to-metrics/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, `wider than a terminal: ${line}`);
  });

  test('ends with 1 and the differences when it does not hold', async () => {
    const wrong = small.replace('main: 2', 'main: 3').replace('to: loki }', 'to: null }');
    const { code, stderr } = await crosslink('up', await scenarioFile(wrong), '--once');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /not as expected: Grafana main: expected 3 datasources, found 2/);
    assert.match(stderr, /not as expected: traces-to-logs of tempo in main: expected no link, found loki/);
  });

  test('with --json prints one object of the documented shape, and nothing else', async () => {
    const { code, stdout, stderr } = await crosslink('up', await scenarioFile(small), '--once', '--json');
    assert.equal(code, 0, stderr);
    const output = Output.parse(JSON.parse(stdout));
    assert.equal(output.scenario, 'small');
    assert.equal(output.settled, true);
    assert.equal(output.failedHooks, 0);
    const [grafana] = output.grafanas;
    assert.equal(grafana?.datasources.length, 2);
    const link = output.links.find(({ to }) => to !== null);
    assert.equal(link?.kind, 'traces-to-logs');
    assert.equal(link?.grafanaUid, grafana?.grafanaUid);
  });

  const forms = { file: /^\//, abstract: /^@\//, none: /^\// };
  for (const [form, address] of Object.entries(forms)) {
    test(`with --agent-socket ${form} hooks are told of that socket`, async () => {
      await writeFile(join(folder, 'metadata.yaml'), 'name: x\nsummary: s\ndescription: d\n');
      const there = '$([ -S "$JUJU_AGENT_SOCKET_ADDRESS" ] && echo there)';
      const dispatch = `#!/bin/sh\nstatus-set active "$JUJU_AGENT_SOCKET_ADDRESS ${there}"\n`;
      await writeFile(join(folder, 'dispatch'), dispatch, { mode: 0o755 });
      const scenario = await scenarioFile('name: x\napplications: {x: {charm: .}}');
      const args = ['up', scenario, '--once', '--json', '--agent-socket', form];
      const { stdout, stderr } = await crosslink(...args);
      const [application] = Output.parse(JSON.parse(stdout)).applications;
      const [where = '', is] = application?.units[0]?.message.split(' ') ?? [];
      assert.match(where, address, stderr);
      assert.equal(is, form === 'file' ? 'there' : '');
    });
  }

  test('leaves nothing behind in the temporary folder', async () => {
    const scenario = await scenarioFile('name: x\napplications: {tempo: {}}');
    const temporary = join(folder, 'temporary');
    await mkdir(temporary);
    const { code, stderr } = await startCrosslink(['up', scenario, '--once'], { TMPDIR: temporary }).finished;
    assert.equal(code, 0, stderr);
    assert.deepEqual(await readdir(temporary), []);
  });

  for (const stream of ['stdout', 'stderr'] as const) {
    test(`goes on to its end when nobody reads ${stream} any more, and cleans up`, async () => {
      const scenario = await scenarioFile('name: x\napplications: {tempo: {}}');
      const temporary = join(folder, 'temporary');
      await mkdir(temporary);
      const { child, finished } = startCrosslink(['up', scenario, '--once'], { TMPDIR: temporary });
      child[stream]?.destroy();
      const { code, stderr } = await finished;
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /EPIPE|node:internal/);
      assert.deepEqual(await readdir(temporary), []);
    });
  }

  test('tells a hook that fails, with what it wrote, and ends with 1', async () => {
    await writeFile(join(folder, 'metadata.yaml'), 'name: broken\nsummary: s\ndescription: d\n');
    await writeFile(join(folder, 'dispatch'), '#!/bin/sh\necho oh no >&2\nexit 3\n', { mode: 0o755 });
    const scenario = await scenarioFile('name: x\napplications: {broken: {charm: .}}');
    const { code, stdout, stderr } = await crosslink('up', scenario, '--once');
    assert.equal(code, 1);
    assert.match(stderr, /hook failed: install of broken\/0, exit code 3\n {2}oh no/);
    assert.match(stderr, /not as expected: the model did not settle/);
    assert.match(stdout, /broken\/0\* +error +hook failed: "install"/);
  });

  test('against a Grafana that is already there uses it, and touches nothing else in it', async () => {
    const grafana = await EmbeddedGrafana.start({
      seed: [{ name: 'mine', type: 'loki', uid: 'mine', url: 'http://mine.example' }],
    });
    try {
      const tokenFile = join(folder, 'token');
      await writeFile(tokenFile, `${grafana.token}\n`);
      const args = ['up', await scenarioFile(small.replace('main: 2', 'main: 3')), '--once'];
      const real = ['--grafana', grafana.url, '--token-file', tokenFile];
      const first = await crosslink(...args, ...real);
      assert.equal(first.code, 0, first.stderr);
      const after = grafana.datasources();
      assert.deepEqual(after.find(({ uid }) => uid === 'mine')?.version, 1);
      // Run again, everything has the same name and UID, and nothing is there twice.
      const second = await crosslink(...args, ...real);
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual(
        grafana.datasources().map(({ uid, name, jsonData }) => ({ uid, name, jsonData })),
        after.map(({ uid, name, jsonData }) => ({ uid, name, jsonData })),
      );
    } finally {
      await grafana.stop();
    }
  });
});

suite('crosslink up', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    test(`keeps running, with Grafana reachable, until ${signal}`, async () => {
      const { child, finished } = startCrosslink(['up', await scenarioFile(small), '--json']);
      let stderr = '';
      await new Promise<void>((resolve) => {
        child.stderr?.on('data', (text: string) => {
          stderr += text;
          if (stderr.includes('Ctrl-C ends it')) resolve();
        });
        void finished.then(() => resolve());
      });
      const url = /Grafana main is at (\S+)/.exec(stderr)?.[1];
      const health = await fetch(`${url}/api/health`);
      assert.equal(health.status, 200);
      await health.arrayBuffer();
      child.kill(signal);
      const { code, stdout } = await finished;
      assert.equal(code, 0, stderr);
      assert.equal(Output.parse(JSON.parse(stdout)).scenario, 'small');
    });
  }

  test('stops at once when it is interrupted while a hook is running, and cleans up', async () => {
    await writeFile(join(folder, 'metadata.yaml'), 'name: slow\nsummary: s\ndescription: d\n');
    const script = `#!/bin/sh\ntouch '${folder}/running'\nexec sleep 300\n`;
    await writeFile(join(folder, 'dispatch'), script, { mode: 0o755 });
    const temporary = join(folder, 'temporary');
    await mkdir(temporary);
    const scenario = await scenarioFile('name: x\napplications: {slow: {charm: .}}');
    const { child, finished } = startCrosslink(['up', scenario], {
      TMPDIR: temporary,
      XDG_DATA_HOME: join(folder, 'data'),
    });
    const running = async () => (await readdir(folder)).includes('running');
    while (!(await running())) await setTimeout(20);
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    assert.equal(code, 130, stderr);
    assert.doesNotMatch(stderr, /Error|node:internal|hook failed/);
    assert.deepEqual(await readdir(temporary), []);
  });
});
