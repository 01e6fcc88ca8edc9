import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RpcError } from '#lib/go-plugin';
import { as } from '../lib/jaeger-storage/contract/fixtures.ts';
import { unary } from '../lib/jaeger-storage/grpc/raw-calls.ts';
import { EXPORT } from '../lib/jaeger-storage/grpc/remote-store.ts';
import { otlpOf, spanCount, traceOf, withStore } from '../lib/jaeger-storage/sqlite/stores.ts';
import { spansOf, startLoad, startServer, type TraceServer } from './trace-server.ts';

let folder: string;
/** To be ended, whatever a test comes to. */
const servers: TraceServer[] = [];

setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-cli-faults-'));
});
teardown(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
  await rm(folder, { recursive: true, force: true });
});

async function serve(...options: Parameters<typeof startServer>): Promise<TraceServer> {
  const { server, ended } = await startServer(...options);
  if (server === undefined) assert.fail(`it ended: ${JSON.stringify(await ended)}`);
  servers.push(server);
  return server;
}

const run = promisify(execFile);

async function fails(program: string, ...args: string[]): Promise<boolean> {
  return run(program, args).then(
    () => false,
    () => true,
  );
}

function integrityOf(kept: string): unknown {
  const database = new DatabaseSync(join(kept, 'spans.db'), { readOnly: true });
  try {
    return database.prepare('PRAGMA integrity_check').get()?.integrity_check;
  } finally {
    database.close();
  }
}

suite('crosslink traces serve', () => {
  test('that is killed while spans come has all that it acknowledged when it is started again', async () => {
    const first = await serve(folder);
    const load = startLoad(first);
    await load.more(20);
    assert.equal((await first.end('SIGKILL')).signal, 'SIGKILL');
    await load.stop();
    assert.ok(load.acknowledged.size > 800, `${load.acknowledged.size} traces`);
    const again = await serve(folder);
    const found = await spansOf(again, [...load.acknowledged.keys()]);
    assert.deepEqual(
      [...found].filter(([trace, spans]) => load.acknowledged.get(trace) !== spans),
      [],
    );
    const { code, stderr } = await again.end('SIGTERM');
    assert.equal(code, 0, stderr);
    assert.equal(integrityOf(folder), 'ok');
  });

  test('that is asked to end while spans come answers what is under way, and loses nothing', async () => {
    const server = await serve(folder);
    const load = startLoad(server);
    await load.more(10);
    // Nobody else gets the folder meanwhile.
    const { server: second, ended } = await startServer(folder);
    assert.equal(second, undefined);
    const refused = await ended;
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^crosslink: \S+ is in use by another process or store: [^\n]+\n$/);
    await load.more(10);
    assert.equal(load.failures.length, 0, `the first one goes on: ${load.failures[0]}`);
    const { code, stderr } = await server.end('SIGTERM');
    assert.equal(code, 0, stderr);
    // All of it is answered: with what senders take as a reason to try again, where it came too late.
    await load.stop();
    for (const failure of load.failures) {
      if (failure instanceof RpcError) assert.equal(failure.code, 'UNAVAILABLE', failure.message);
      else assert.match(String(failure), /fetch failed|HTTP 503/);
    }
    await withStore({ folder }, async (store) => {
      for (const [trace, spans] of load.acknowledged) {
        assert.equal(await spanCount(store, trace), spans, `trace ${trace}`);
      }
    });
    assert.deepEqual((await readdir(folder)).toSorted(), ['archive', 'lock', 'spans.db']);
    assert.equal(integrityOf(folder), 'ok');
  });
});

/** A row for each way that a disk can be full: how to make it so, and how there is room again. */
interface FullDisk {
  readonly fill: (server: TraceServer) => Promise<unknown>;
  readonly free: (server: TraceServer) => Promise<unknown>;
}

suite('a disk that fills up while crosslink traces serve writes', () => {
  const big = (trace: number) =>
    otlpOf(traceOf(trace, 1, { attributes: { text: 'x'.repeat(200_000) } })).bytes;

  async function staysUp(server: TraceServer, { fill, free }: FullDisk): Promise<void> {
    const write = (trace: number) => unary(server.connection, EXPORT, big(trace));
    await write(1);
    await fill(server);
    let refusal: RpcError | undefined;
    let last = 1;
    while (refusal === undefined && last < 100) {
      last += 1;
      refusal = await write(last).then(
        () => undefined,
        (error: RpcError) => error,
      );
    }
    assert.equal(refusal?.code, 'RESOURCE_EXHAUSTED', refusal?.message ?? 'it never filled up');
    assert.match(refusal.message, /no room to write|MiB are free on the disk/);
    // HTTP says the same in its way, and readers are not concerned.
    const http = await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: big(last),
    });
    await http.bytes();
    assert.ok([429, 503, 507].includes(http.status), `HTTP ${http.status}`);
    assert.deepEqual([...(await spansOf(server, [1, last])).values()], [1, 0]);
    await free(server);
    const until = Date.now() + 20_000;
    let isWritten = false;
    while (!isWritten && Date.now() < until) {
      await sleep(20);
      isWritten = await write(last).then(
        () => true,
        () => false,
      );
    }
    assert.deepEqual([...(await spansOf(server, [1, last])).values()], [1, 1]);
    const { code, stderr } = await server.end('SIGTERM');
    assert.equal(code, 0, stderr);
    assert.equal(integrityOf(folder), 'ok');
  }

  test('refuses what does not fit, answers, and goes on: a limit to the size of files', async function () {
    if (await fails('prlimit', '--version')) this.skip();
    const server = await serve(folder, { prelude: 'ulimit -S -f 4096' });
    await staysUp(server, {
      fill: async () => {},
      free: ({ child }) => run('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:']),
    });
  });

  test('refuses what does not fit, answers, and goes on: less room than is kept free', async function () {
    if (await fails('mount', '-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', folder)) this.skip();
    try {
      const filler = join(folder, 'filler');
      await staysUp(await serve(folder), {
        fill: () => writeFile(filler, new Uint8Array(60 * 2 ** 20)),
        free: () => rm(filler),
      });
    } finally {
      await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
      await run('umount', [folder]);
    }
  });
});

suite('a folder whose database can not be used', () => {
  const file = () => join(folder, 'spans.db');
  const troubles: readonly [what: string, spoil: () => Promise<void>, message: RegExp][] = [
    [
      'is garbage',
      () => writeFile(file(), 'This is no database, and nobody made it one.\n'.repeat(1000)),
      /is no SQLite database: move it away, or give the store another folder/,
    ],
    [
      'is cut off',
      async () => truncate(file(), Math.floor((await stat(file())).size / 2 / 4096) * 4096 + 100),
      /is damaged \([^)]+\): move it away to start anew, or put a backup in its place/,
    ],
    [
      'is of a later version',
      async () => {
        const database = new DatabaseSync(file());
        database.exec('PRAGMA user_version = 99');
        database.close();
      },
      /was written by a newer version \(schema 99, this one knows \d+\): run that one/,
    ],
  ];
  for (const [what, spoil, message] of troubles) {
    test(`since it ${what} is refused in one line, and left as it is`, async () => {
      await withStore({ folder, tuning: { segmentSpans: 64 } }, async (store) => {
        await store.write(otlpOf(...Array.from({ length: 200 }, (_, n) => traceOf(n + 1))), as(''));
      });
      await spoil();
      const before = await readFile(file());
      const { code, stderr } = await (await startServer(folder)).ended;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^crosslink: [^\n]+\n$/);
      assert.match(stderr, message);
      assert.deepEqual(await readFile(file()), before);
    });
  }
});
