import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startTestPlugin, type TestFrom, type TestPlugin } from 'crosslink/grafana-plugin/testing';
import * as z from 'zod';
import { projectFolder } from '#src/local';
import { datasource } from '../../examples/streaming-datasource/src/datasource.ts';
import { type Frontend, loadFrontend, unlabelled } from './grafana-frontend.ts';

/** A frame as it is sent to subscribers, fields and rows. */
const Packet = z.object({
  schema: z.object({ fields: z.array(z.object({ name: z.string(), type: z.string() })) }),
  data: z.object({ values: z.tuple([z.array(z.number()), z.array(z.number())]) }),
});
type Packet = z.infer<typeof Packet>;

/** Each test has a datasource of its own. */
const every = (intervalMs: number): TestFrom => ({ uid: `every-${intervalMs}`, jsonData: { intervalMs } });

suite('examples/streaming-datasource: the backend', () => {
  let plugin: TestPlugin;
  suiteSetup(async () => {
    plugin = await startTestPlugin(datasource);
  });
  suiteTeardown(() => plugin.stop());

  async function packets(count: number, from: TestFrom): Promise<Packet[]> {
    const found: Packet[] = [];
    for await (const packet of plugin.run('stream', undefined, from)) {
      found.push(Packet.parse(packet));
      if (found.length === count) break;
    }
    return found;
  }

  test('a query is answered with where the values will come', async () => {
    const { frames = [], status } =
      (await plugin.query([{ refId: 'A' }], { uid: 'my-uid_1' })).get('A') ?? {};
    assert.equal(status, 200);
    assert.equal(frames.length, 1);
    assert.equal(frames[0]?.meta?.channel, 'ds/my-uid_1/stream');
    assert.deepEqual(
      frames[0]?.fields.map(({ name, type, length }) => [name, type, length]),
      [
        ['time', 'time', 0],
        ['value', 'float64', 0],
      ],
    );
  });

  test('a subscriber gets the fields and a first value at once', async () => {
    const { status, initialData } = await plugin.subscribe('stream');
    assert.equal(status, 'ok');
    const { schema, data } = Packet.parse(initialData);
    assert.deepEqual(
      schema.fields.map(({ name, type }) => [name, type]),
      [
        ['time', 'time'],
        ['value', 'number'],
      ],
    );
    assert.equal(data.values[0].length, 1);
    assert.equal(data.values[1].length, 1);
  });

  for (const path of ['', 'other', 'stream/', 'STREAM']) {
    test(`there is nothing to subscribe to at '${path}'`, async () => {
      assert.deepEqual(await plugin.subscribe(path), { status: 'not-found', initialData: undefined });
    });
  }

  test('nobody may publish', async () => {
    const answer = await plugin.publish('stream', { value: 1 });
    assert.deepEqual(answer, { status: 'permission-denied', data: undefined });
  });

  test('a run sends a walk, a whole frame for each step', async () => {
    const walk = await packets(5, every(1));
    const times = walk.map(({ data }) => data.values[0][0] ?? Number.NaN);
    const values = walk.map(({ data }) => data.values[1][0] ?? Number.NaN);
    assert.equal(walk[4]?.schema.fields.length, 2);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    for (const [i, value] of values.entries()) {
      const step = value - (i === 0 ? 0 : (values[i - 1] ?? 0));
      assert.ok(Math.abs(step) <= 0.5 && step !== 0, `step ${i}: ${step}`);
    }
  });

  test('who comes late begins where the walk is', async () => {
    const from = every(30_000);
    const [packet] = await packets(1, from);
    const { initialData } = await plugin.subscribe('stream', undefined, from);
    assert.deepEqual(Packet.parse(initialData).data.values[1], packet?.data.values[1]);
  });

  test('the interval is kept', async () => {
    const walk = await packets(4, every(40));
    const times = walk.map(({ data }) => data.values[0][0] ?? Number.NaN);
    // A timer may be a millisecond early by the clock.
    for (let i = 1; i < times.length; i++)
      assert.ok((times[i] ?? 0) - (times[i - 1] ?? 0) >= 39, String(times));
  });

  test('without an interval it goes as fast as it is read', async () => {
    assert.equal((await packets(2_000, every(0))).length, 2_000);
  });

  test('a run ends when the last subscriber has left, long before its next value', async () => {
    const from = every(60_000);
    const before = plugin.log.length;
    await packets(1, from);
    const ended = () =>
      plugin.log
        .slice(before)
        .find((line) => line.endpoint === 'runStream' && line['@message'] === 'Plugin Request Completed');
    while (ended() === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(ended()?.status, 'cancelled');
  });

  test('"Save & test" says what the interval is, or what is wrong with the settings', async () => {
    assert.deepEqual(await plugin.checkHealth({ uid: 'none' }), {
      status: 'ok',
      message: 'a value every 1000 ms',
    });
    for (const intervalMs of [-1, 60_001, 1.5, 'often']) {
      const { status, message } = await plugin.checkHealth({ uid: 'bad', jsonData: { intervalMs } });
      assert.equal(status, 'error', String(intervalMs));
      assert.match(message, /intervalMs/);
    }
  });
});

suite('examples/streaming-datasource: the frontend', () => {
  let frontend: Frontend;
  suiteSetup(async () => {
    frontend = await loadFrontend(join(projectFolder, 'examples/streaming-datasource'));
  });

  test('takes from Grafana what Grafana has', () => {
    assert.deepEqual(frontend.names, ['@grafana/data', '@grafana/runtime', '@grafana/ui', 'react']);
  });

  test('the query editor subscribes again', () => {
    let runs = 0;
    const onRunQuery = () => {
      runs += 1;
    };
    const open = frontend.open(frontend.queryEditor, { query: { refId: 'A' }, onRunQuery });
    assert.deepEqual(unlabelled(open.html()), []);
    open.control('Stream').onClick?.();
    assert.equal(runs, 1);
  });

  test('the config editor changes the interval and nothing else', () => {
    const changes: unknown[] = [];
    const open = frontend.open(frontend.configEditor, {
      options: { name: 'mine', jsonData: { intervalMs: 100, other: 1 } },
      onOptionsChange: (options: unknown) => changes.push(JSON.parse(JSON.stringify(options))),
    });
    assert.deepEqual(unlabelled(open.html()), []);
    open.control('Interval').onChange?.({ currentTarget: { valueAsNumber: 250 } });
    open.control('Interval').onChange?.({ currentTarget: { valueAsNumber: Number.NaN } });
    assert.deepEqual(changes, [
      { name: 'mine', jsonData: { intervalMs: 250, other: 1 } },
      { name: 'mine', jsonData: { other: 1 } },
    ]);
  });
});
