import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { encoded } from '../src/traces/traces.ts';
import { crosslink, type Finished, startCrosslink } from './command.ts';

const id = '5b8efff798038103d269b633813fc60c';
const Listed = z.array(
  z.strictObject({
    traceId: z.string(),
    service: z.string(),
    operation: z.string(),
    startTimeUnixNano: z.string(),
    durationNano: z.string(),
    spans: z.number(),
    errors: z.number(),
    services: z.array(z.string()),
  }),
);

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-cli-traces-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

/** `crosslink traces serve`, on free ports, that has said where it is. */
async function serving(
  args: readonly string[],
  work: (server: { url: string; grpc: string; pid: number }) => Promise<void>,
): Promise<Finished> {
  const ports = ['--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0'];
  const { child, finished } = startCrosslink(['traces', 'serve', ...ports, ...args]);
  let stderr = '';
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (text: string) => {
      stderr += text;
      if (stderr.includes('Ctrl-C ends it')) resolve();
    });
    void finished.then(() => resolve());
  });
  try {
    const url = /OTLP over HTTP +(\S+)/.exec(stderr)?.[1] ?? assert.fail(stderr);
    const grpc = /Jaeger storage, OTLP +(\S+)/.exec(stderr)?.[1] ?? assert.fail(stderr);
    await work({ url, grpc, pid: child.pid ?? 0 });
  } finally {
    child.kill('SIGINT');
  }
  return finished;
}

async function post(url: string, ...sent: Parameters<typeof encoded>): Promise<void> {
  const answer = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encoded(...sent).bytes,
  });
  assert.equal(answer.status, 200);
  await answer.bytes();
}

suite('crosslink traces', () => {
  test('takes traces, and shows them while it serves and afterwards', async () => {
    const kept = ['--folder', join(folder, 'kept')];
    const startNs = BigInt(Date.now()) * 1_000_000n;
    const { code, stderr } = await serving(kept, async ({ url, grpc }) => {
      await post(
        url,
        { traceId: id, spanId: 'aaaaaaaaaaaaaaaa', startNs, durationNs: 5_000_000n },
        {
          traceId: id,
          spanId: 'bbbbbbbbbbbbbbbb',
          parentSpanId: 'aaaaaaaaaaaaaaaa',
          service: 'bank',
          name: 'pay',
          startNs,
        },
      );
      const list = await crosslink('traces', 'list', ...kept);
      assert.equal(list.code, 0, list.stderr);
      assert.match(list.stdout, /^TRACE .*\n5b8efff7 .* 5 ms +2 {2}shop: buy\n$/);
      const json = await crosslink('traces', 'list', '--json', '--server', grpc);
      const [listed] = Listed.parse(JSON.parse(json.stdout));
      assert.deepEqual(listed, {
        traceId: id,
        service: 'shop',
        operation: 'buy',
        startTimeUnixNano: String(startNs),
        durationNano: '5000000',
        spans: 2,
        errors: 0,
        services: ['bank', 'shop'],
      });
      const second = await crosslink(
        'traces',
        'serve',
        ...kept,
        '--http',
        '127.0.0.1:0',
        '--grpc',
        '127.0.0.1:0',
      );
      assert.equal(second.code, 2);
      assert.match(second.stderr, /^crosslink: .* is in use by another process/);
      const other = ['--memory', '--grpc', '127.0.0.1:0', '--http', new URL(url).host];
      const taken = await crosslink('traces', 'serve', ...other);
      assert.equal(taken.code, 2);
      assert.equal(taken.stderr, 'crosslink: --http: something else listens there; choose another address\n');
      const grpcTaken = await crosslink(
        'traces',
        'serve',
        '--memory',
        '--http',
        '127.0.0.1:0',
        '--grpc',
        grpc,
      );
      assert.equal(grpcTaken.code, 2);
      assert.match(grpcTaken.stderr, /^crosslink: cannot listen on 127\.0\.0\.1:\d+: .*\n$/);
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /\n2 spans, [\d.]+\/s, 1 trace, 2 services, [\d.]+ kB\n$/);

    const show = await crosslink('traces', 'show', '5b8e', ...kept);
    assert.equal(show.code, 0, show.stderr);
    assert.match(
      show.stdout,
      /^Trace 5b8efff7.*\n.*, 5 ms, 2 spans, 2 services\n\n {2}shop: buy .*\|={20}\|\n {4}bank: pay .*\|= {19}\|\n$/,
    );
    for (const line of show.stdout.split('\n')) assert.ok(line.length <= 80, line);
    const asJson = await crosslink('traces', 'show', id, '--json', ...kept);
    const shown = z
      .object({ spans: z.array(z.looseObject({ operation: z.string() })) })
      .parse(JSON.parse(asJson.stdout));
    assert.deepEqual(
      shown.spans.map(({ operation }) => operation),
      ['buy', 'pay'],
    );

    const none = await crosslink('traces', 'list', ...kept, '--tag', 'k=v', '--since', '1h', '--errors');
    assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', 'no traces are like that\n']);
    const unknown = await crosslink('traces', 'show', 'ffff', ...kept);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /there is no trace ffff among the newest 1000/);

    const file = join(folder, 'copy.db');
    const backup = await crosslink('traces', 'backup', file, ...kept);
    assert.deepEqual([backup.code, backup.stdout], [0, `${file}\n`], backup.stderr);
    const again = await crosslink('traces', 'backup', file, ...kept);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /copy\.db is there already/);
  });

  test('when it ends, what has come is stored and who is connected does not hold it up', async () => {
    const kept = ['--folder', join(folder, 'kept')];
    const began = performance.now();
    const { code } = await serving(kept, async ({ url }) => {
      const { hostname, port } = new URL(url);
      const idle = connect(Number(port), hostname).on('error', () => {});
      await once(idle, 'connect');
      await post(url, { traceId: id });
    });
    assert.equal(code, 0);
    assert.ok(performance.now() - began < 60_000);
    assert.match((await crosslink('traces', 'list', ...kept)).stdout, /5b8efff7/);
  });

  test('in memory it keeps nothing on disk', async () => {
    const { code, stderr } = await serving(['--memory'], async ({ url, grpc }) => {
      await post(url, { traceId: id });
      assert.match((await crosslink('traces', 'list', '--server', grpc)).stdout, /shop: buy/);
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Traces are kept in memory, until this ends\n/);
    assert.match(stderr, /\n1 span, [\d.]+\/s\n$/);
  });

  const refused: readonly [args: string[], message: RegExp][] = [
    [[], /takes what to do: serve, list, show or backup/],
    [['frob'], /crosslink traces has no 'frob'/],
    [['list', '--frob'], /Unknown option '--frob'; crosslink help traces shows the options/],
    [['list', 'x'], /takes no 'x'/],
    [['list', '--tag', 'x'], /--tag takes KEY=VALUE, not 'x'/],
    [['list', '--since', 'yesterday'], /--since takes a time such as 5ms/],
    [['list', '--limit', '0'], /--limit takes a number from 1 to 10000/],
    [['list', '--server', 'a:1', '--folder', 'b'], /--server and --folder: one of them/],
    [['list', '--folder', '/nowhere/at/all'], /no traces are kept in \/nowhere\/at\/all/],
    [['list', '--server', '127.0.0.1:1'], /the trace server at 127\.0\.0\.1:1 answers UNAVAILABLE/],
    [['show'], /takes the id of a trace/],
    [['show', 'tempo'], /'tempo' is no id of a trace/],
    [['show', 'ab', 'cd'], /takes one, not 'cd' too/],
    [['backup'], /takes a file that is not there yet/],
    [['serve', 'x'], /takes no 'x'/],
    [['serve', '--http', '4318'], /--http takes an address such as 127\.0\.0\.1:4318/],
    [['serve', '--durability', 'much'], /--durability takes process or power/],
    [['serve', '--retention', '3 days'], /--retention takes a time/],
    [['serve', '--max-size', '10'], /--max-size takes a size such as 500MB/],
    [['serve', '--max-size', '1MB'], /at least 64MB/],
    [['serve', '--memory', '--retention', '1h'], /--memory goes without --retention/],
    [['serve', '--tls-cert', 'x'], /--tls-cert and --tls-key go together/],
    [['serve', '--tls-cert', '/no.pem', '--tls-key', '/no.pem'], /--tls-cert \/no\.pem: can't be read/],
  ];
  for (const [args, message] of refused) {
    test(`refuses traces ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await crosslink('traces', ...args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /node:internal|\.ts:\d/);
    });
  }

  test('a folder that can not be made is told, without a stack', async () => {
    await writeFile(join(folder, 'file'), '');
    const { code, stderr } = await crosslink('traces', 'serve', '--folder', join(folder, 'file/below'));
    assert.equal(code, 2, stderr);
    assert.doesNotMatch(stderr, /node:internal|\.ts:\d/);
  });

  test('its help fits a terminal', async () => {
    const { stdout } = await crosslink('help', 'traces');
    assert.match(stdout, /^Usage: crosslink traces serve/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.equal((await crosslink('traces', 'list', '--help')).stdout, stdout);
    assert.match((await crosslink('help')).stdout, /\n {2}traces {9}keep traces/);
  });
});

suite('crosslink up --traces', () => {
  test('keeps the traces of hooks, says how many, and lets them be looked at', async () => {
    const scenario = join(folder, 'scenario.yaml');
    await writeFile(scenario, 'name: x\napplications: {tempo: {}}');
    const data = { XDG_DATA_HOME: join(folder, 'data') };
    const { code, stdout, stderr } = await startCrosslink(['up', scenario, '--once', '--traces'], data)
      .finished;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /hook-traces\/0\* +active +takes traces at http:\/\/127\.0\.0\.1:\d+/);
    const kept = Number(/Kept (\d+) traces of hooks: .\/crosslink traces list shows them/.exec(stderr)?.[1]);
    const listed = await startCrosslink(['traces', 'list', '--json', '--limit', '1000'], data).finished;
    const traces = Listed.parse(JSON.parse(listed.stdout));
    assert.equal(traces.length, kept);
    assert.ok(traces.some(({ operation }) => operation === 'tempo/0: charm-tracing-relation-created event'));
    assert.ok(traces.every(({ service }) => service === 'tempo'));
  });

  test('while it runs others may read, and at its end nothing but traces is left', async () => {
    const scenario = join(folder, 'scenario.yaml');
    await writeFile(scenario, 'name: x\napplications: {tempo: {}}');
    const data = { XDG_DATA_HOME: join(folder, 'data'), TMPDIR: join(folder, 'temporary') };
    await mkdir(data.TMPDIR);
    const { child, finished } = startCrosslink(['up', scenario], data);
    let stderr = '';
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (text: string) => {
        stderr += text;
        if (stderr.includes('Ctrl-C ends it')) resolve();
      });
      void finished.then(() => resolve());
    });
    const { stdout } = await startCrosslink(['traces', 'list'], data).finished;
    child.kill('SIGINT');
    assert.equal((await finished).code, 0, stderr);
    assert.match(stdout, /tempo\/0: explain event/);
    assert.deepEqual(await readdir(data.TMPDIR), []);
    assert.deepEqual((await readdir(join(folder, 'data/crosslink/traces'))).toSorted(), ['lock', 'spans.db']);
  });

  test('a folder that can not be used is told before anything is run', async () => {
    const scenario = join(folder, 'scenario.yaml');
    await writeFile(scenario, 'name: x\napplications: {tempo: {}}');
    await writeFile(join(folder, 'file'), '');
    const data = { XDG_DATA_HOME: join(folder, 'file') };
    const { code, stdout, stderr } = await startCrosslink(['up', scenario, '--once', '--traces'], data)
      .finished;
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.doesNotMatch(stderr, /node:internal|\.ts:\d/);
  });
});
