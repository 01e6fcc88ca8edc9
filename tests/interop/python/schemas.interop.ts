import assert from 'node:assert/strict';
import { loadScenario, type RunningScenario, scenarioNames } from '#src/local';
import { converse } from '../../model/conversation.ts';
import { againstSchema, coslDump, type Interface, pythonDumps, type Role } from './judge.ts';
import type { Bags } from './world.ts';

/** What one unit and its application say on one relation. */
interface Judged {
  readonly interface: Interface;
  readonly role: Role;
  readonly bags: Bags;
  readonly scenario: string;
  readonly app: string;
  readonly peer: string;
}

/** The places where a databag may differ from the published schema, and why. Nothing else is let through. */
const deviations: readonly {
  readonly reason: string;
  readonly problem: RegExp;
  applies(judged: Judged): boolean;
}[] = [
  {
    reason:
      'the schema wants extra_fields as JSON in a string; every charm sends an object, and a string crashes grafana-k8s',
    problem: /^app\.grafana_source_data\.extra_fields: json_type$/,
    applies: ({ bags }) => typeof JSON.parse(bags.app.grafana_source_data ?? '{}').extra_fields === 'object',
  },
  {
    reason: 'the application registers as a whole (v1); the schema is of v0 and knows only unit hosts',
    problem: /^unit\.grafana_source_host: missing$/,
    applies: ({ bags }) => bags.app.grafana_source_app_host !== undefined,
  },
  {
    reason:
      'charm broken-peer of scenario legacy writes JSON that ends in the middle; that is what it is there for',
    problem: /^app\.(grafana_source_data|datasources): json_invalid$/,
    applies: ({ scenario, app }) => scenario === 'legacy' && app === 'broken-peer',
  },
  {
    reason:
      'what nobody can read is not answered (the interface test nothing_happens_on_invalid_remote_data)',
    problem: /^app\.(datasource_uids|grafana_uid): missing$/,
    applies: ({ scenario, peer, bags }) =>
      scenario === 'legacy' && peer === 'broken-peer' && Object.keys(bags.app).length === 0,
  },
  {
    reason: 'charm old-grafana of scenario legacy is older than grafana_uid; that is what it is there for',
    problem: /^app\.grafana_uid: missing$/,
    applies: ({ scenario, app }) => scenario === 'legacy' && app === 'old-grafana',
  },
];

const used = new Set<string>();

/** Every end of every relation of the two interfaces, once for each of its units. */
function ends({ result, model }: RunningScenario): Judged[] {
  return model.snapshot().relations.flatMap(({ interface: name, ends }) => {
    if (name !== 'grafana_datasource' && name !== 'grafana_datasource_exchange') return [];
    return ends.flatMap(({ app, endpoint, appData, unitsData }) => {
      const peer = ends.find((end) => end.app !== app)?.app ?? '';
      const requires =
        endpoint === 'datasources' || endpoint === 'receive-datasource' || app === 'old-grafana';
      return Object.values(unitsData).map((unit) => ({
        interface: name,
        role: requires ? ('requirer' as const) : ('provider' as const),
        bags: { app: appData, unit },
        scenario: result.scenario,
        app,
        peer,
      }));
    });
  });
}

const scenarios = await scenarioNames();

suite('published schemas', () => {
  for (const name of scenarios) {
    test(`hold for every databag that scenario ${name} ends with`, async () => {
      const running = await converse(await loadScenario(name));
      await running.close();
      const all = ends(running);
      assert.ok(all.length > 0, 'nothing was judged');
      const verdicts = await againstSchema(
        all.map(({ interface: of, role, bags }) => ({ interface: of, role, bags })),
      );
      const rejected = all.flatMap((judged, i) =>
        (verdicts[i] ?? ['not judged']).flatMap((problem) => {
          const excuse = deviations.find((one) => one.problem.test(problem) && one.applies(judged));
          if (excuse === undefined) return [`${judged.app} to ${judged.peer}: ${problem}`];
          used.add(excuse.reason);
          return [];
        }),
      );
      assert.deepEqual(rejected, []);
    });

    test(`every value of scenario ${name} is written as Python writes it`, async () => {
      const running = await converse(await loadScenario(name));
      await running.close();
      const ours = ends(running).filter(({ app }) => app !== 'broken-peer' && app !== 'old-grafana');
      const plain = ours.flatMap(({ bags: { app } }) => {
        return [app.grafana_source_data, app.datasource_uids].filter((value) => value !== undefined);
      });
      assert.deepEqual(plain, await pythonDumps(plain));
      const exchanged = ours.flatMap(({ bags: { app } }) => app.datasources ?? []);
      const expected = await coslDump(exchanged.map((list) => JSON.parse(list)));
      assert.deepEqual(
        exchanged.map((datasources) => ({ datasources })),
        expected,
      );
    });
  }

  test('each deviation that is let through is still needed', () => {
    const unused = deviations.filter(({ reason }) => !used.has(reason));
    assert.deepEqual(
      unused.map(({ reason }) => reason),
      [],
    );
  });
});

suite('schemas.py rejects what the published schemas reject', () => {
  const data = { model: 'm', model_uuid: 'u', application: 'a', type: 'tempo' };
  const full = { ...data, extra_fields: null, secure_extra_fields: null };
  const provider = (fields: object, unit: Bags['unit'] = { grafana_source_host: 'h' }) =>
    ({
      interface: 'grafana_datasource',
      role: 'provider',
      bags: { app: { grafana_source_data: JSON.stringify(fields) }, unit },
    }) as const;
  const requirer = (app: Bags['app']) =>
    ({ interface: 'grafana_datasource', role: 'requirer', bags: { app, unit: {} } }) as const;
  const exchange = (app: Bags['app']) =>
    ({ interface: 'grafana_datasource_exchange', role: 'provider', bags: { app, unit: {} } }) as const;

  for (const [what, judged, accepted] of [
    ['both fields null', provider(full), true],
    ['a field missing', provider(data), false],
    ['a field that is an object', provider({ ...full, extra_fields: {} }), false],
    ['a field that is JSON in a string', provider({ ...full, extra_fields: '{"a": 1}' }), true],
    ['no unit host', provider(full, {}), false],
    ['an empty unit host', provider(full, { grafana_source_host: '' }), true],
    ['keys that nobody knows', provider({ ...full, more: 1 }), true],
    ['an answer', requirer({ grafana_uid: 'g', datasource_uids: '{"a/0": "u"}' }), true],
    ['an answer without grafana_uid', requirer({ datasource_uids: '{}' }), false],
    ['a UID that is no string', requirer({ grafana_uid: 'g', datasource_uids: '{"a/0": 5}' }), false],
    ['an empty exchange', exchange({ datasources: '[]' }), true],
    ['an exchange without its key', exchange({}), false],
    ['an entry that is not complete', exchange({ datasources: '[{"type": "loki", "uid": "u"}]' }), false],
  ] as const) {
    test(`${accepted ? 'accepts' : 'refuses'} ${what}`, async () => {
      const [problems = []] = await againstSchema([judged]);
      assert.equal(problems.length === 0, accepted, problems.join('; '));
    });
  }
});
