import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnitName } from '#lib/juju';
import type { CharmFunction } from '#lib/juju-local';
import { type Activity, loadScenario, runScenario } from '#src/local';
import { restlessness } from '../../../src/local/restless.ts';

const status = { status: 'active', message: 'well' } as const;
const databag = (of: string): Activity => ({ kind: 'databag-changed', relationId: 1, of, keys: ['a', 'b'] });
const unitStatus = (unit: UnitName): Activity => ({ kind: 'unit-status', unit, status });
const hookEnded = (unit: UnitName, result: 'ok' | 'failed'): Activity => ({
  kind: 'hook-ended',
  unit,
  hook: 'update-status',
  action: false,
  attempt: 1,
  result,
  exitCode: result === 'ok' ? 0 : 1,
  durationMs: 1,
  toolCalls: { socket: 0, processes: 0 },
});
const held = (uid: string, version: number) => ({ uid, name: uid, type: 'tempo', jsonData: {}, version });
const isOurs = (name: string) => name.startsWith('tempo');

suite('what crosslink writes although all has been said', () => {
  const cases: [what: string, activities: Activity[], lines: string[]][] = [
    ['nothing', [], []],
    ['a hook', [{ kind: 'busy', units: 1 }], []],
    [
      'databags of an application and of a unit',
      [databag('tempo/0'), databag('tempo'), databag('tempo')],
      ['tempo wrote a, b into a databag', 'tempo/0 wrote a, b into a databag'],
    ],
    [
      'a status',
      [unitStatus('tempo/1'), { kind: 'application-status', app: 'tempo', status }],
      ['tempo set its status: active: well', 'tempo/1 set its status: active: well'],
    ],
    [
      "another charm's status",
      [unitStatus('other/0'), { kind: 'application-status', app: 'other', status }],
      [],
    ],
    [
      'a hook that fails',
      [hookEnded('tempo/0', 'failed'), hookEnded('tempo/1', 'ok')],
      ['tempo/0 failed in update-status'],
    ],
    ["another charm's hook that fails", [hookEnded('other/0', 'failed')], []],
    ['an answer to what another charm wrote', [databag('other/0'), databag('tempo/0')], []],
  ];
  for (const [what, activities, lines] of cases) {
    test(what, () => assert.deepEqual(restlessness(activities, [], isOurs), lines));
  }

  test('datasources, new, written or deleted', () => {
    const before = [held('same', 1), held('written', 1), held('gone', 1)];
    const after = [held('same', 1), held('written', 2), held('new', 1)];
    assert.deepEqual(restlessness([], [{ name: 'main', before, after }], isOurs), [
      'datasource gone of Grafana main was deleted',
      'datasource new of Grafana main was written',
      'datasource written of Grafana main was written',
    ]);
  });
});

suite('a scenario wakes everybody in the end', () => {
  let folder: string;
  setup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'restless-'));
  });
  teardown(() => rm(folder, { recursive: true, force: true }));

  async function outcome(charm: CharmFunction) {
    const file = join(folder, 's.yaml');
    await writeFile(file, 'name: s\napplications: {tempo: {units: 2}}\n');
    const running = await runScenario(await loadScenario(file), { charm });
    await running.close();
    return running.result;
  }

  test('and says nothing of units that write only what is new', async () => {
    const woken: string[] = [];
    let hooks = 0;
    const result = await outcome(async (tools, { event, unit }) => {
      if (event.kind !== 'action') hooks += 1;
      if (event.kind === 'update-status') woken.push(unit);
      if ((await tools.statusGet()).status !== 'active') await tools.statusSet('active', 'well');
    });
    assert.deepEqual(woken.toSorted(), ['tempo/0', 'tempo/1']);
    assert.deepEqual([result.restless, result.differences], [[], []]);
    assert.equal(result.hooks, hooks - woken.length, 'what wakes them is not counted');
  });

  test('and is not as expected where a unit writes once more', async () => {
    let told = 0;
    const result = await outcome(async (tools, { event }) => {
      if (event.kind !== 'update-status') return;
      told += 1;
      for (const relationId of await tools.relationIds('crosslink')) {
        await tools.relationSet({ relationId, data: { told: `${told}` } });
      }
    });
    assert.ok(result.settled);
    assert.deepEqual(result.differences, [
      'update-status: tempo/0 wrote told into a databag',
      'update-status: tempo/1 wrote told into a databag',
    ]);
  });
});
