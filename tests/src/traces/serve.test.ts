import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '#lib/go-plugin';
import {
  backupTraces,
  defaultTracesFolder,
  findTraces,
  keepTraces,
  openTraces,
  type ServeOptions,
  serveTraces,
  splitAddress,
} from '#src/traces';
import { openSqliteStore } from '../../../lib/jaeger-storage/sqlite/open-store.ts';
import { all, context, encoded } from './traces.ts';

const id = '5b8efff798038103d269b633813fc60c';
const { signal } = context;

let parent: string;
let folder: string;
setup(async () => {
  parent = await mkdtemp(join(tmpdir(), 'crosslink-traces-'));
  folder = join(parent, 'kept');
});
teardown(() => rm(parent, { recursive: true, force: true }));

const options = (more: Partial<ServeOptions> = {}): ServeOptions => ({
  folder,
  http: '127.0.0.1:0',
  grpc: ['127.0.0.1:0'],
  archive: [],
  retention: {},
  durability: 'process',
  tls: undefined,
  tenancy: undefined,
  log: createLogger({ level: 'off' }),
  ...more,
});

async function post(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { bytes } = encoded({ traceId: id, startNs: BigInt(Date.now()) * 1_000_000n });
  const answer = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: bytes,
  });
  await answer.bytes();
  return answer.status;
}

async function listed(more: { server?: string; tenant?: string } = {}): Promise<string[]> {
  await using reader = await openTraces({ folder, tenant: '', signal, ...more });
  const found = await all(findTraces(reader, { tags: [], errors: false, limit: 10 }));
  return found.map(({ traceId }) => traceId);
}

suite('a server of traces', () => {
  test('takes traces, counts them, and lets others read while it has the folder and after', async () => {
    const serving = await serveTraces(options());
    try {
      assert.equal(await post(serving.httpUrl), 200);
      const { spans, traces, services, bytes, taken } = await serving.counts();
      assert.deepEqual([spans, traces, services, taken], [1, 1, 1, 1]);
      assert.ok(bytes !== undefined && bytes > 0);
      assert.deepEqual(await listed(), [id]);
      assert.deepEqual(await listed({ server: serving.grpc[0] ?? '' }), [id]);
    } finally {
      await serving.stop();
    }
    assert.deepEqual(await listed(), [id]);
    assert.ok(!(await readdir(folder)).includes('server.json'));
  });

  test('makes a folder for its owner alone', async () => {
    const serving = await serveTraces(options());
    await serving.stop();
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
  });

  test('in memory it leaves nothing behind', async () => {
    const serving = await serveTraces(options({ folder: undefined }));
    try {
      assert.equal(await post(serving.httpUrl), 200);
      assert.deepEqual(await serving.counts(), {
        spans: 1,
        traces: undefined,
        services: undefined,
        bytes: undefined,
        taken: 1,
      });
      assert.deepEqual(await listed({ server: serving.grpc[0] ?? '' }), [id]);
    } finally {
      await serving.stop();
    }
    assert.deepEqual(await readdir(parent), []);
  });

  test('tenants see their own', async () => {
    const serving = await serveTraces(options({ tenancy: { tenants: ['acme', 'umbrella'] } }));
    try {
      assert.equal(await post(serving.httpUrl, { 'x-tenant': 'acme' }), 200);
      assert.equal(await post(serving.httpUrl), 401);
      assert.equal((await serving.counts()).spans, 1);
      assert.deepEqual(await listed({ tenant: 'acme' }), [id]);
      assert.deepEqual(await listed({ tenant: 'umbrella' }), []);
    } finally {
      await serving.stop();
    }
  });

  test('over TLS, with keys that belong together', async () => {
    const pem = async (name: string) =>
      readFile(new URL(`../../certificates/${name}.pem`, import.meta.url), 'utf8');
    const [key, cert, ca, other] = await Promise.all(
      ['loopback.key', 'loopback', 'ca', 'elsewhere.key'].map(pem),
    );
    if (!key || !cert || !ca || !other) assert.fail();
    const wrong = { message: /certificate and private key that belong together/, name: 'UsageError' };
    await assert.rejects(serveTraces(options({ tls: { key: other, cert } })), wrong);
    const serving = await serveTraces(options({ tls: { key, cert } }));
    try {
      assert.match(serving.httpUrl, /^https:/);
      await using reader = await openTraces({ folder, tls: { ca }, tenant: '', signal });
      assert.deepEqual(await reader.services(context), []);
      const ask = { folder, tls: { ca }, tenant: '', signal };
      const byName = (serving.grpc[0] ?? '').replace('127.0.0.1', 'localhost');
      await using named = await openTraces({ ...ask, server: byName });
      assert.deepEqual(await named.services(context), []);
      await using stranger = await openTraces({ folder, tenant: '', signal });
      await assert.rejects(stranger.services(context), { message: /UNAVAILABLE/ });
    } finally {
      await serving.stop();
    }
  });

  test('a certificate of somebody else is not trusted', async () => {
    const pem = async (name: string) =>
      readFile(new URL(`../../certificates/${name}.pem`, import.meta.url), 'utf8');
    const [key, cert, ca] = await Promise.all(['elsewhere.key', 'elsewhere', 'ca'].map(pem));
    if (!key || !cert || !ca) assert.fail();
    const serving = await serveTraces(options({ tls: { key, cert } }));
    try {
      for (const server of [
        serving.grpc[0] ?? '',
        serving.grpc[0]?.replace('127.0.0.1', 'localhost') ?? '',
      ]) {
        await using reader = await openTraces({ folder, server, tls: { ca }, tenant: '', signal });
        await assert.rejects(reader.services(context), { message: /does not match certificate's altnames/ });
      }
    } finally {
      await serving.stop();
    }
  });

  test('a folder that another has, a port that is taken, a file that is damaged: what is wrong, and nothing held', async () => {
    const first = await serveTraces(options());
    try {
      await assert.rejects(serveTraces(options()), {
        name: 'UsageError',
        message: /is in use by another process/,
      });
      const elsewhere = join(parent, 'elsewhere');
      const http = new URL(first.httpUrl).host;
      await assert.rejects(serveTraces(options({ folder: elsewhere, http })), {
        name: 'UsageError',
        message: /--http: something else listens there/,
      });
      await assert.rejects(serveTraces(options({ folder: elsewhere, grpc: [...first.grpc] })), {
        name: 'UsageError',
        message: /cannot listen on 127\.0\.0\.1/,
      });
      // The folder was let go of each time.
      await (await serveTraces(options({ folder: elsewhere }))).stop();
      await writeFile(join(elsewhere, 'spans.db'), 'no database '.repeat(1_000));
      await assert.rejects(serveTraces(options({ folder: elsewhere })), {
        name: 'UsageError',
        message: /spans\.db.*move it away/,
      });
    } finally {
      await first.stop();
    }
  });
});

suite('reading traces', () => {
  test('where none are kept says how to get some', async () => {
    await assert.rejects(listed(), {
      name: 'UsageError',
      message: /no traces are kept in .*crosslink traces serve/,
    });
  });

  test('of a process that lets nobody read says whose they are', async () => {
    await using store = await openSqliteStore({ folder }).then((opened) => ({
      [Symbol.asyncDispose]: () => opened.close(),
    }));
    assert.ok(store);
    await assert.rejects(listed(), {
      name: 'UsageError',
      message: /in use by another process, which lets nobody read/,
    });
  });

  test('a file about a server that was killed is no hindrance', async () => {
    const serving = await serveTraces(options());
    await post(serving.httpUrl);
    const left = await readFile(join(folder, 'server.json'), 'utf8');
    await serving.stop();
    await writeFile(join(folder, 'server.json'), left);
    assert.deepEqual(await listed(), [id]);
  });

  test('of a server that is not there says so', async () => {
    await assert.rejects(listed({ server: '127.0.0.1:1' }), { message: /trace server at 127\.0\.0\.1:1/ });
  });
});

suite('traces of a program that lives a while', () => {
  test('are kept, counted from its start on, and read by others when it says so', async () => {
    {
      await using kept = await keepTraces(folder);
      await post(kept.otlpHttpUrl);
      assert.equal(await kept.count(), 1);
      await assert.rejects(listed(), { message: /in use by process \d+, which lets nobody read/ });
      await kept.serve();
      assert.deepEqual(await listed(), [id]);
    }
    assert.deepEqual(await listed(), [id]);
    await using later = await keepTraces(folder);
    assert.equal(await later.count(), 0);
  });

  test('go to the server that has the folder', async () => {
    const serving = await serveTraces(options());
    try {
      await using kept = await keepTraces(folder);
      assert.equal(kept.otlpHttpUrl, serving.httpUrl);
      await post(kept.otlpHttpUrl);
      assert.equal(await kept.count(), 1);
    } finally {
      await serving.stop();
    }
  });

  test('go to another program that keeps them there, which can be asked for them or not yet', async () => {
    await using first = await keepTraces(folder);
    {
      await using second = await keepTraces(folder);
      assert.equal(second.otlpHttpUrl, first.otlpHttpUrl);
      assert.equal(await second.count(), undefined);
    }
    await first.serve();
    await using third = await keepTraces(folder);
    await post(third.otlpHttpUrl);
    assert.equal(await third.count(), 1);
  });

  test('have no place where a program has the folder that takes none', async () => {
    const store = await openSqliteStore({ folder });
    try {
      const refused = { name: 'UsageError', message: /takes no traces of others/ };
      await assert.rejects(keepTraces(folder), refused);
    } finally {
      await store.close();
    }
  });
});

suite('a copy of traces', () => {
  test('is made while they are served, and is a store itself', async () => {
    const copy = join(parent, 'copy', 'spans.db');
    const serving = await serveTraces(options());
    try {
      await post(serving.httpUrl);
      await (await openSqliteStore({ folder: join(parent, 'copy') })).close();
      await rm(copy, { force: true });
      await backupTraces({ folder, file: copy });
      await assert.rejects(backupTraces({ folder, file: copy }), {
        name: 'UsageError',
        message: /is there already/,
      });
    } finally {
      await serving.stop();
    }
    folder = join(parent, 'copy');
    assert.deepEqual(await listed(), [id]);
  });

  test('of none is refused', async () => {
    await assert.rejects(backupTraces({ folder, file: join(parent, 'x') }), {
      message: /no traces are kept/,
    });
  });
});

suite('where and on what', () => {
  test('the folder is in the data of the user, and only an absolute XDG_DATA_HOME counts', () => {
    assert.equal(defaultTracesFolder({ XDG_DATA_HOME: '/data' }), '/data/crosslink/traces');
    assert.match(defaultTracesFolder({ XDG_DATA_HOME: 'data' }), /\/\.local\/share\/crosslink\/traces$/);
    assert.match(defaultTracesFolder({}), /\/\.local\/share\/crosslink\/traces$/);
  });

  test('addresses', () => {
    assert.deepEqual(splitAddress('--http', '127.0.0.1:4318'), { host: '127.0.0.1', port: 4318 });
    assert.deepEqual(splitAddress('--http', '[::1]:0'), { host: '::1', port: 0 });
    assert.deepEqual(splitAddress('--http', ':80'), { host: '::', port: 80 });
    for (const bad of ['4318', 'localhost', 'a:b:1', 'x:99999', '']) {
      assert.throws(() => splitAddress('--http', bad), {
        name: 'UsageError',
        message: /--http takes an address/,
      });
    }
  });
});
