import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario, type RunningScenario, runScenario } from '#src/local';
import { Collector } from '../tracing/collector.ts';

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-hook-traces-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

/** A charm that does nothing. */
async function charm(name: string, endpoints: string): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'metadata.yaml'), `name: ${name}\n${endpoints}`);
  await writeFile(join(folder, name, 'dispatch'), '#!/bin/sh\n', { mode: 0o755 });
}

async function run<T>(
  yaml: string,
  otlpHttpUrl: string | undefined,
  look: (running: RunningScenario) => Promise<T>,
): Promise<T> {
  const file = join(folder, 'scenario.yaml');
  await writeFile(file, yaml);
  const running = await runScenario(await loadScenario(file), {
    ...(otlpHttpUrl !== undefined && { otlpHttpUrl }),
  });
  try {
    assert.deepEqual(running.result.differences, []);
    return await look(running);
  } finally {
    await running.close();
  }
}

/** Of the interface `tracing`, as `app:endpoint` both. */
function tracing({ model }: RunningScenario): string[] {
  return model
    .snapshot()
    .relations.filter((relation) => relation.interface === 'tracing')
    .map(({ ends }) => ends.map(({ app, endpoint }) => `${app}:${endpoint}`).join(' '));
}

const url = 'http://127.0.0.1:1';
const requires = 'requires: {charm-tracing: {interface: tracing, limit: 1}}\n';

suite('traces of hooks in a scenario', () => {
  test('are sent from the relation on, and the scenario ends as it does without', async () => {
    await using collector = await Collector.start();
    const yaml = 'name: x\napplications: {tempo: {}}\nexpect: {status: {tempo: blocked}}';
    const without = await run(yaml, undefined, async ({ result }) => result);
    const result = await run(yaml, collector.url, async (running) => {
      assert.deepEqual(tracing(running), ['tempo:charm-tracing hook-traces:tracing']);
      return running.result;
    });
    const [tempo] = result.applications.filter(({ name }) => name === 'tempo');
    assert.deepEqual(tempo, without.applications[0]);
    const beside = result.applications.find(({ name }) => name === 'hook-traces')?.units[0];
    assert.deepEqual(beside?.message, `takes traces at ${collector.url}`);
    const roots = collector.traces.flat().filter(({ parentSpanId }) => parentSpanId === '');
    // What runs before the application is related has nowhere to go, as in Juju.
    const names = roots.map(({ name }) => name).filter((name) => name !== 'tempo/0: install event');
    assert.equal(names[0], 'tempo/0: charm-tracing-relation-created event');
    // Those that the scenario counts without install, then update-status and explain, which are the runner's.
    assert.equal(names.length, result.hooks - 1 + 2);
  });

  test('go from each application that can send some, also one that is deployed later, and nothing else is asked', async () => {
    await charm('sender', requires);
    await charm('other', 'requires: {charm-tracing: {interface: something_else, optional: true}}\n');
    const yaml = `
name: x
applications: { a: {charm: sender}, b: {charm: other} }
steps: [{ deploy: { c: {charm: sender} } }]`;
    await run(yaml, url, async (running) => {
      assert.deepEqual(tracing(running), [
        'a:charm-tracing hook-traces:tracing',
        'c:charm-tracing hook-traces:tracing',
      ]);
      // Neither asked for anything.
      assert.ok(
        running.model.snapshot().relations.every(({ ends }) => ends.every((end) => !end.appData.receivers)),
      );
    });
  });

  test('go where the scenario sends them, at any time', async () => {
    await charm('sender', requires);
    await charm('backend', 'provides: {tracing: {interface: tracing}}\n');
    const yaml = `
name: x
applications: { a: {charm: sender}, b: {charm: sender}, backend: {charm: backend} }
relations: [[a:charm-tracing, backend:tracing]]
steps: [{ relate: [backend:tracing, b:charm-tracing] }]`;
    await run(yaml, url, async (running) => {
      assert.deepEqual(tracing(running).toSorted(), [
        'a:charm-tracing backend:tracing',
        'backend:tracing b:charm-tracing',
      ]);
    });
  });

  test('leave the scenario the names that it has', async () => {
    await charm('sender', requires);
    const yaml = 'name: x\napplications: { hook-traces: {charm: sender} }';
    await run(yaml, url, async (running) => {
      assert.deepEqual(tracing(running), ['hook-traces:charm-tracing hook-traces-too:tracing']);
    });
  });

  test('without a place for them there is no application more', async () => {
    await charm('sender', requires);
    await run('name: x\napplications: { a: {charm: sender} }', undefined, async (running) => {
      assert.deepEqual(tracing(running), []);
      assert.deepEqual(Object.keys(running.model.snapshot().applications), ['a']);
    });
  });
});
