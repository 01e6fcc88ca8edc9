import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Frame } from 'crosslink/grafana-plugin';
import { startTestPlugin, type TestFrom, type TestPlugin } from 'crosslink/grafana-plugin/testing';
import * as fc from 'fast-check';
import { projectFolder } from '#src/local';
import { datasource } from '../../examples/basic-datasource/src/datasource.ts';
import { type Frontend, loadFrontend, unlabelled } from './grafana-frontend.ts';

const timeRange = { from: new Date(1_700_000_000_000), to: new Date(1_700_000_099_000) };

suite('examples/basic-datasource: the backend', () => {
  let plugin: TestPlugin;
  suiteSetup(async () => {
    plugin = await startTestPlugin(datasource);
  });
  suiteTeardown(() => plugin.stop());

  async function frameOf(model: object, from?: TestFrom): Promise<Frame> {
    const answer = (await plugin.query([{ refId: 'A', timeRange, ...model }], from)).get('A');
    assert.deepEqual([answer?.error, answer?.status], ['', 200]);
    const [frame, ...others] = answer?.frames ?? [];
    assert.deepEqual(others, []);
    return frame as Frame;
  }

  test('a query that says nothing gets 100 points of a sine, as wide as the panel', async () => {
    const { name, fields } = await frameOf({});
    assert.equal(name, 'sine');
    assert.deepEqual(
      fields.map((field) => [field.name, field.type]),
      [
        ['time', 'time'],
        ['value', 'float64'],
      ],
    );
    const [times = [], values = []] = fields.map((field) => [...field]);
    assert.equal(times.length, 100);
    // 99 s for 99 steps.
    assert.deepEqual(
      times,
      Array.from({ length: 100 }, (_, i) => BigInt(1_700_000_000_000 + i * 1000) * 1_000_000n),
    );
    assert.deepEqual(
      values.map(Number),
      Array.from({ length: 100 }, (_, i) => Math.sin((2 * Math.PI * i) / 100)),
    );
  });

  test('there are as many points as were asked for, in the time range and in order', async () => {
    const points = fc.integer({ min: 1, max: 5_000 });
    const spanMs = fc.integer({ min: 0, max: 10 ** 9 });
    await fc.assert(
      fc.asyncProperty(points, spanMs, async (count, span) => {
        const to = new Date(timeRange.from.getTime() + span);
        const { fields } = await frameOf({ points: count, timeRange: { ...timeRange, to } });
        const times = [...(fields[0] ?? [])].map((time) => Number((time as bigint) / 1_000_000n));
        assert.equal(times.length, count);
        assert.equal(times[0], timeRange.from.getTime());
        if (count > 1) assert.equal(times.at(-1), to.getTime());
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('the sine is as high as the settings say', async () => {
    const { fields } = await frameOf({ points: 4 }, { uid: 'five', jsonData: { scale: 5 } });
    const values = [...(fields[1] ?? [])].map((value) => Math.round(Number(value)));
    assert.deepEqual(values, [0, 5, 0, -5]);
  });

  test('a table has a name, a value and a flag in each row', async () => {
    const { fields } = await frameOf({ kind: 'table', points: 4 }, { uid: 'two', jsonData: { scale: 2 } });
    assert.deepEqual(
      fields.map((field) => [field.name, field.type]),
      [
        ['name', 'string'],
        ['value', 'float64'],
        ['ok', 'bool'],
      ],
    );
    assert.deepEqual([...(fields[0] ?? [])], ['point 0', 'point 1', 'point 2', 'point 3']);
    assert.deepEqual(
      [...(fields[1] ?? [])].map((value) => Math.round(Number(value))),
      [0, 2, 0, -2],
    );
    assert.deepEqual([...(fields[2] ?? [])], [true, true, true, false]);
  });

  test('a table ends after 1000 rows, and says so', async () => {
    const whole = await frameOf({ kind: 'table', points: 1000 });
    assert.equal(whole.fields[0]?.length, 1000);
    assert.equal(whole.meta, undefined);
    const cut = await frameOf({ kind: 'table', points: 1001 });
    assert.equal(cut.fields[0]?.length, 1000);
    assert.deepEqual(cut.meta?.notices, [
      { severity: 'info', text: 'Only the first 1000 of 1001 rows are shown' },
    ]);
  });

  for (const wrong of [
    { points: 0 },
    { points: 1_000_001 },
    { points: 1.5 },
    { points: 'many' },
    { kind: 'pie' },
  ]) {
    test(`a query with ${JSON.stringify(wrong)} is refused, and the one beside it answered`, async () => {
      const answers = await plugin.query([{ refId: 'A', ...wrong }, { refId: 'B' }]);
      assert.equal(answers.get('A')?.status, 400);
      assert.equal(answers.get('A')?.errorSource, 'downstream');
      assert.match(answers.get('A')?.error ?? '', new RegExp(Object.keys(wrong)[0] ?? ''));
      assert.equal(answers.get('B')?.status, 200);
      assert.equal(answers.get('B')?.frames.length, 1);
    });
  }

  test('a million points are no trouble, in both formats', async () => {
    for (const format of ['arrow', 'json'] as const) {
      const { fields } = await frameOf({ points: 1_000_000 }, { format });
      assert.equal(fields[1]?.length, 1_000_000, format);
    }
  });

  test('"Save & test" says what the scale is, or what is wrong with the settings', async () => {
    assert.deepEqual(await plugin.checkHealth(), { status: 'ok', message: 'scale is 1' });
    const three = await plugin.checkHealth({ uid: 'three', jsonData: { scale: 3 } });
    assert.deepEqual(three, { status: 'ok', message: 'scale is 3' });
    const { status, message } = await plugin.checkHealth({ uid: 'bad', jsonData: { scale: 'big' } });
    assert.equal(status, 'error');
    assert.match(message, /scale/);
  });

  test('the kinds of query are a resource', async () => {
    const { status, text } = await plugin.callResource('GET', 'kinds');
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), ['time-series', 'table']);
    assert.equal((await plugin.callResource('POST', 'kinds')).status, 405);
    assert.equal((await plugin.callResource('GET', 'others')).status, 404);
  });
});

suite('examples/basic-datasource: the frontend', () => {
  let frontend: Frontend;
  suiteSetup(async () => {
    frontend = await loadFrontend(join(projectFolder, 'examples/basic-datasource'));
  });

  test('takes from Grafana what Grafana has', () => {
    assert.deepEqual(frontend.names, ['@grafana/data', '@grafana/runtime', '@grafana/ui', 'react']);
  });

  test('a new query is the one that the backend would take it for', () => {
    const fresh = new frontend.datasource({}).getDefaultQuery?.();
    assert.deepEqual({ ...(fresh as object) }, { kind: 'time-series', points: 100 });
  });

  test('the query editor changes kind and points, and runs the query when it is complete', () => {
    const changes: object[] = [];
    let runs = 0;
    const open = frontend.open(frontend.queryEditor, {
      datasource: { getResource: () => new Promise(() => {}) },
      query: { refId: 'A', kind: 'table', points: 7 },
      onChange: (query: object) => changes.push({ ...query }),
      onRunQuery: () => {
        runs += 1;
      },
    });
    assert.deepEqual(unlabelled(open.html()), []);
    assert.match(open.html(), /<input [^>]*type="number" [^>]*value="7"/);
    open.control('Kind').onChange?.('time-series');
    assert.equal(runs, 1);
    open.control('Points').onChange?.({ currentTarget: { valueAsNumber: 70 } });
    open.control('Points').onChange?.({ currentTarget: { valueAsNumber: Number.NaN } });
    assert.equal(runs, 1, 'not while somebody types');
    open.control('Points').onBlur?.();
    assert.equal(runs, 2);
    assert.deepEqual(changes, [
      { refId: 'A', kind: 'time-series', points: 7 },
      { refId: 'A', kind: 'table', points: 70 },
      { refId: 'A', kind: 'table', points: undefined },
    ]);
  });

  test('the query editor offers the kinds that the backend names', async () => {
    const asked: string[] = [];
    const getResource = async (path: string) => {
      asked.push(path);
      return ['time-series', 'table'];
    };
    const open = frontend.open(frontend.queryEditor, { datasource: { getResource }, query: { refId: 'A' } });
    assert.doesNotMatch(open.html(), /table/);
    await open.mount();
    assert.deepEqual(asked, ['kinds']);
    assert.match(open.html(), /aria-checked="true">time-series<.*aria-checked="false">table</);
  });

  test('the query editor says when the backend does not answer', async () => {
    const getResource = () => Promise.reject({ status: 502 });
    const open = frontend.open(frontend.queryEditor, { datasource: { getResource }, query: { refId: 'A' } });
    await open.mount();
    assert.match(open.html(), /role="alert">The backend does not answer</);
  });

  test('a query editor that was closed meanwhile stays as it was', async () => {
    const kinds = Promise.withResolvers<string[]>();
    const getResource = () => kinds.promise;
    const open = frontend.open(frontend.queryEditor, { datasource: { getResource }, query: { refId: 'A' } });
    await open.mount();
    open.close();
    const before = open.html();
    kinds.resolve(['time-series', 'table']);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(open.html(), before);
  });

  test('the config editor changes the scale and nothing else', () => {
    const changes: unknown[] = [];
    const open = frontend.open(frontend.configEditor, {
      options: { name: 'mine', url: '', jsonData: { scale: 2, other: 1 }, secureJsonFields: {} },
      onOptionsChange: (options: unknown) => changes.push(JSON.parse(JSON.stringify(options))),
    });
    assert.deepEqual(unlabelled(open.html()), []);
    open.control('Scale').onChange?.({ currentTarget: { valueAsNumber: 2.5 } });
    open.control('Scale').onChange?.({ currentTarget: { valueAsNumber: Number.NaN } });
    const rest = { name: 'mine', url: '', secureJsonFields: {} };
    assert.deepEqual(changes, [
      { ...rest, jsonData: { scale: 2.5, other: 1 } },
      { ...rest, jsonData: { other: 1 } },
    ]);
  });
});
