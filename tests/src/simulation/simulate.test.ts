import assert from 'node:assert/strict';
import { projectFolder } from '#src/local';
import { type HookInput, judge, loadCharm, planOf, planText, shrink } from '#src/simulation';
import { charmThat } from './charms.ts';
import { calm } from './plans.ts';

suite('a simulated world', () => {
  test('is the same for the same seed, step by step', async () => {
    const charm = await loadCharm(projectFolder);
    const traceOf = async (seed: number) => {
      const lines: string[] = [];
      await judge(planOf(seed), charm, (line) => lines.push(line));
      return lines;
    };
    for (let seed = 1; seed <= 15; seed += 1) {
      const lines = await traceOf(seed);
      assert.ok(lines.length > 50, `seed ${seed} has ${lines.length} lines`);
      assert.deepEqual(await traceOf(seed), lines, `seed ${seed}`);
    }
    assert.notDeepEqual(await traceOf(1), await traceOf(2));
  });

  test('comes to rest and links where nothing goes wrong', async () => {
    const lines: string[] = [];
    const { problems, hooks } = await judge(calm, await loadCharm(projectFolder), (line) => lines.push(line));
    assert.deepEqual(problems, []);
    assert.ok(hooks > 20);
    assert.ok(
      lines.some((line) => /is active: \d of 4 links in 1 Grafana/.test(line)),
      lines.join('\n'),
    );
  });

  test('is told to people by names and not by numbers', () => {
    assert.deepEqual(planText({ ...calm, troubles: [{ after: 3, kind: 'lead', unit: 1 }] }), [
      "Grafana 0: 12.1.0, with 1 datasources of somebody else's",
      'ggate0: gateway of Grafana 0, 2 units',
      'ttempo0: tempo, 2 units, each a datasource, shares a secret',
      'lloki1: loki, 1 unit',
      'ttempo0 registers with ggate0',
      'lloki1 registers with ggate0',
      'lloki1 exchanges with ttempo0',
      '2 hooks at a time, in the order of schedule 1',
      'after 3 steps: lead, unit 1',
    ]);
  });
});

suite('a simulation finds a charm that', () => {
  /** On relations with a Grafana, as whoever. */
  const says = (data: Record<string, string>, app = true) => ({
    after: async ({ tools }: HookInput) => {
      for (const relationId of await tools.relationIds('grafana-source')) {
        await tools.relationSet({ relationId, app, data });
      }
    },
  });
  const link = (uid: string) => ({
    grafana_source_data: JSON.stringify({ extra_fields: { serviceMap: { datasourceUid: uid } } }),
  });

  for (const [what, patch, problem] of [
    ['links to what Grafana never had', says(link('from-another-grafana')), /never handed out/],
    ['writes for its application without leading', says({ mine: 'x' }), /it does not lead/],
    [
      'tells a secret',
      {
        after: async ({ tools }: HookInput) => {
          const { 'grafana-token': uri } = await tools.configGet();
          if (typeof uri !== 'string') return;
          const { token = '' } = await tools.secretGet({ uri });
          await tools.statusSet('active', `logged in with ${token}`);
        },
      },
      /the status of \S+: a secret/,
    ],
    [
      'fails',
      {
        before: async ({ context: { event } }: HookInput) => {
          if (event.kind === 'config-changed') throw new Error('no');
        },
      },
      /config-changed exits with 1: only a bug does that/,
    ],
    [
      'never comes to rest',
      {
        after: async ({ tools, context: { unit } }: HookInput) => {
          if (!(await tools.isLeader())) return;
          for (const relationId of await tools.relationIds('crosslink')) {
            const { count = '0' } = await tools.relationGet({ relationId, of: unit });
            await tools.relationSet({ relationId, data: { count: String(Number(count) + 1) } });
          }
        },
      },
      /at rest, and yet a databag changes|not at rest after/,
    ],
  ] as const) {
    test(what, async () => {
      const { problems } = await judge(calm, await charmThat(patch));
      assert.match(problems.join('\n'), problem);
    });
  }

  test('says what follows from what was before', async () => {
    const charm = await charmThat({
      after: async ({ tools, context: { event } }) => {
        if (event.kind !== 'relation-created') return;
        await tools.relationSet({ relationId: event.relationId, data: { 'created-by': event.remoteApp } });
      },
    });
    const { problems } = await judge(calm, charm);
    assert.match(problems.join('\n'), /created-by: "\w+", and without its history nothing/);
  });

  test('fails only for a Loki: in a world of little else', async () => {
    const charm = await charmThat({
      before: async ({ tools }) => {
        const { 'datasource-type': type } = await tools.configGet();
        if (type === 'loki') throw new Error('no lokis here');
      },
    });
    let seed = 1;
    while (!planOf(seed).datasources.some(({ type, charm }) => type === 'loki' && charm === 'crosslink'))
      seed += 1;
    const smallest = await shrink(planOf(seed), charm);
    assert.match(smallest?.outcome.problems.join('\n') ?? '', /exits with 1/);
    assert.equal(smallest?.plan.datasources.length, 1);
    assert.deepEqual(smallest.plan.troubles, []);
    assert.deepEqual(smallest.plan.registrations, []);
  });
});
