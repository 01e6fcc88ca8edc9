import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import { freePorts, Jaeger, program, type Storage, startStorage } from './jaeger.ts';
import { answersQueries, call } from './queries.ts';

/** Jaeger 1.57, the last that starts plugins, with our storage as sidecar and as remote storage: both storage_v1. */

async function start(...flags: readonly string[]): Promise<Jaeger> {
  const [queryHttp = 0, queryGrpc, otlpHttp = 0, ...others] = await freePorts(6);
  const jaeger = new Jaeger(
    program('jaeger1'),
    [
      `--query.http-server.host-port=127.0.0.1:${queryHttp}`,
      `--query.grpc-server.host-port=127.0.0.1:${queryGrpc}`,
      `--collector.otlp.http.host-port=127.0.0.1:${otlpHttp}`,
      `--collector.otlp.grpc.host-port=127.0.0.1:${others[0]}`,
      `--collector.grpc-server.host-port=127.0.0.1:${others[1]}`,
      `--collector.http-server.host-port=127.0.0.1:${others[2]}`,
      // It drops what it can't queue, and its clients are told that all is well.
      '--collector.queue-size=100000',
      ...flags,
    ],
    { queryHttp, otlpHttp },
  );
  await jaeger.ready();
  return jaeger;
}

suite('Jaeger 1 with a sidecar', () => {
  let folder: string;
  let jaeger: Jaeger;
  const startWithSidecar = () =>
    start(
      `--grpc-storage-plugin.binary=${join(projectFolder, 'crosslink')}`,
      `--grpc-storage-plugin.configuration-file=${join(folder, 'sidecar.yaml')}`,
    );

  suiteSetup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-jaeger-1-'));
    await writeFile(join(folder, 'sidecar.yaml'), `folder: ${join(folder, 'data')}\n`);
    jaeger = await startWithSidecar();
  });
  suiteTeardown(async () => {
    await jaeger.stop();
    await rm(folder, { recursive: true });
  });

  answersQueries(
    () => jaeger,
    async () => {
      await jaeger.stop();
      await rm(join(folder, 'data'), { recursive: true });
      jaeger = await startWithSidecar();
    },
  );

  test('what was written is there when Jaeger starts again', async () => {
    const [client, server] = call();
    await jaeger.export([client, server]);
    const ids = [client.spanId, server.spanId].sort();
    await jaeger.until(async () => assert.deepEqual(await jaeger.spanIds(client.traceId), ids));
    await jaeger.stop();
    jaeger = await startWithSidecar();
    assert.deepEqual(await jaeger.spanIds(client.traceId), ids);
  });

  test('an archived trace outlives the others', async () => {
    const [client, server] = call();
    await jaeger.export([client, server]);
    const ids = [client.spanId, server.spanId].sort();
    await jaeger.until(async () => assert.deepEqual(await jaeger.spanIds(client.traceId), ids));
    const archived = await jaeger.fetch(`/api/archive/${client.traceId}`, { method: 'POST' });
    assert.equal(archived.status, 200, await archived.text());
    await jaeger.stop();
    await rm(join(folder, 'data/spans.db'));
    for (const log of ['-wal', '-shm']) await rm(join(folder, `data/spans.db${log}`), { force: true });
    jaeger = await startWithSidecar();
    assert.deepEqual((await jaeger.ui('/services')) ?? [], []);
    assert.deepEqual(await jaeger.spanIds(client.traceId), ids);
  });
});

suite('Jaeger 1 with a remote storage', () => {
  let storage: Storage;
  let jaeger: Jaeger;

  suiteSetup(async () => {
    storage = await startStorage();
    jaeger = await start(`--grpc-storage.server=${storage.address}`);
  });
  suiteTeardown(async () => {
    await jaeger.stop();
    await storage.stop();
  });

  test('it writes by streams and reads what it has written', async () => {
    await jaeger.tracegen(
      '-traces',
      '500',
      '-spans',
      '9',
      '-services',
      '1',
      '-service',
      'gen',
      '-workers',
      '4',
    );
    await jaeger.until(async () => {
      const traces = await jaeger.traces({ service: 'gen', limit: '3000' });
      assert.equal(traces.length, 2000);
      assert.ok(traces.every(({ spans }) => spans.length === 10));
    });
  });
});
