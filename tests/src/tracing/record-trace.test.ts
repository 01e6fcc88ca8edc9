import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sinon from 'sinon';
import { recordTrace, type TraceOptions, type TraceReport, traced } from '#src/tracing';
import { serverTls } from '../../certificates/index.ts';
import { Collector } from './collector.ts';

suite('tracing: recordTrace', () => {
  let base: string;
  setup(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosslink-trace-'));
  });
  teardown(async () => {
    sinon.restore();
    await rm(base, { recursive: true, force: true });
  });

  const folder = () => join(base, 'traces');
  const kept = () => readdir(folder()).catch(() => []);

  async function record(
    name: string,
    baseUrl: string | null,
    { work = async () => {}, ...rest }: Partial<TraceOptions> & { work?: () => Promise<void> } = {},
  ): Promise<TraceReport> {
    let told: TraceReport | undefined;
    await recordTrace(
      { name, attributes: {}, resource: { 'service.name': 'test' }, baseUrl, folder: folder(), ...rest },
      work,
      async (report) => {
        told = report;
      },
    );
    assert.ok(told);
    return told;
  }

  test('one request with all spans, root last, and nothing to tell', async () => {
    await using collector = await Collector.start();
    const report = await record('root', collector.url, {
      attributes: { 'juju.event': 'install', 'juju.relation.id': 7 },
      work: () => traced('child', async () => {}),
    });
    assert.deepEqual(report, { warnings: [], waiting: null, stuck: false });
    const [spans = assert.fail('no trace'), ...more] = collector.traces;
    assert.deepEqual(more, []);
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['child', 'root'],
    );
    const [child, root] = spans;
    assert.equal(child?.parentSpanId, root?.spanId);
    assert.deepEqual(root?.attributes, { 'juju.event': 'install', 'juju.relation.id': 7 });
    assert.equal(root?.resource['service.name'], 'test');
    assert.ok(root !== undefined && root.endTimeUnixNano > root.startTimeUnixNano);
    assert.deepEqual(await kept(), []);
  });

  test('what could not be sent is kept, and goes first once the endpoint is back', async () => {
    await using collector = await Collector.start();
    await collector.away();
    for (const name of ['a', 'b']) {
      const { warnings, waiting } = await record(name, collector.url);
      assert.deepEqual(warnings, []);
      assert.equal(waiting, 'traces are kept until later: ECONNREFUSED');
    }
    assert.equal((await kept()).length, 2);
    await collector.back();
    assert.equal((await record('c', collector.url)).waiting, null);
    assert.deepEqual(
      collector.traces.map(([root]) => root?.name),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(await kept(), []);
  });

  test('what happens before the endpoint is known is kept', async () => {
    await using collector = await Collector.start();
    await record('a', null);
    await record('b', collector.url);
    assert.deepEqual(
      collector.traces.map(([root]) => root?.name),
      ['a', 'b'],
    );
  });

  test('a corrupt file is refused, told of and gone, and holds nothing up', async () => {
    await using collector = await Collector.start();
    collector.status = 503;
    await record('a', collector.url);
    const [name = assert.fail('nothing kept')] = await kept();
    await writeFile(join(folder(), name), 'no protobuf at all');
    collector.status = 400;
    const { warnings } = await record('b', collector.url);
    assert.equal(warnings.length, 2);
    collector.status = 200;
    await record('c', collector.url);
    assert.deepEqual(
      collector.traces.map(([root]) => root?.name),
      ['c'],
    );
    assert.deepEqual(await kept(), []);
  });

  test('work that fails is sent too, and fails as it did', async () => {
    await using collector = await Collector.start();
    const error = new TypeError('a bug');
    await assert.rejects(record('a', collector.url, { work: () => Promise.reject(error) }), error);
    assert.deepEqual(collector.traces[0]?.[0]?.status, { code: 2, message: 'TypeError' });
  });

  test('a log that fails is nobody’s trouble', async () => {
    const options = { name: 'a', attributes: {}, resource: {}, baseUrl: null, folder: folder() };
    const work = async () => 'done';
    assert.equal(await recordTrace(options, work, () => Promise.reject(new Error('no log'))), 'done');
  });

  test('an untrusted certificate is a warning, and the trace is kept', async () => {
    await using collector = await Collector.start(serverTls('loopback'));
    const { warnings, waiting } = await record('a', collector.url);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^traces are kept until later: this machine does not trust/);
    assert.equal(waiting, null);
    assert.equal((await kept()).length, 1);
  });

  test('a folder that can not be made costs the trace and a warning, nothing else', async () => {
    await writeFile(folder(), 'a file');
    const { warnings } = await record('a', null);
    assert.match(warnings.join(), /the trace of this hook can't be kept: EEXIST/);
  });

  test('an endpoint that never answers is given up after 1.5 s, not before and not later', async () => {
    // Given an endpoint that takes the request and says nothing
    await using collector = await Collector.start();
    collector.status = null;
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const told: TraceReport[] = [];
    const arrived = collector.nextRequest();
    const recorded = record('a', collector.url).then((report) => told.push(report));
    await arrived;
    // When a moment less has passed, then it is still waited for
    clock.tick(1_499);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(told.length, 0);
    // When the time is up, then the hook goes on and the trace is kept
    clock.tick(1);
    await recorded;
    assert.equal(told[0]?.waiting, 'traces are kept until later: no answer in time');
    assert.equal((await kept()).length, 1);
  });
});
