import assert from 'node:assert/strict';
import fc from 'fast-check';
import { correlationTable, decide, explain } from '#src/exchange';
import { datasourceUid, type HeldDatasource, readMarker } from '#src/grafana/provisioner';
import { anyShuffle, anyView } from './arbitraries.ts';
import { applied, extraFields, gatewayWith, source, U, uidsWithin, view } from './builders.ts';

suite('whatever one unit sees', () => {
  test('equal views give equal intents, and the view stays as it was', () => {
    fc.assert(
      fc.property(anyView, (seen) => {
        const copy = structuredClone(seen);
        assert.deepEqual(decide(copy), decide(seen));
        assert.deepEqual(copy, structuredClone(seen));
        assert.deepEqual(explain(copy), explain(seen));
      }),
    );
  });

  test('a second run finds nothing left to do', () => {
    fc.assert(
      fc.property(anyView, (seen) => {
        const again = decide(applied(seen, decide(seen)));
        assert.deepEqual(again, {
          provision: [],
          correlations: [],
          secret: null,
          databags: [],
          status: null,
        });
      }),
      { numRuns: 500 },
    );
  });

  test('nor is there when an application that asks for a correlation has a second relation which is bad', () => {
    const asks =
      '[{"kind": "metrics-to-logs", "target": "mimir-71a7c09a", "label": "Logs", "description": "", "field": "l", ' +
      '"query": {}, "transformations": []}]';
    const bad = source('loki', { relationId: 32, data: '{' });
    const target = source('mimir', { relationId: 31, app: 'http://mimir' });
    const targetUid = datasourceUid({
      model: 'cos',
      modelUuid: U,
      application: 'mimir',
      unitNumber: undefined,
    });
    const seen = view({
      gateway: {
        ...gatewayWith([]),
        correlations: true,
        work: { grafana: { state: 'ok', datasources: [] }, correlations: { state: 'ok', held: [] } },
      },
      sources: [
        source('loki', { app: 'http://loki', asks: asks.replace('mimir-71a7c09a', targetUid) }),
        target,
        bad,
      ],
    });
    const first = decide(seen);
    assert.equal(first.correlations.length, 1);
    const again = decide(applied(seen, first));
    assert.deepEqual([again.provision, again.correlations, again.status], [[], [], null]);
  });

  test('the order in which relations, entries and datasources are listed makes no difference', () => {
    const anyPair = anyView.chain((seen) => fc.tuple(fc.constant(seen), anyShuffle(seen)));
    fc.assert(
      fc.property(anyPair, ([seen, shuffled]) => {
        assert.deepEqual(decide(shuffled), decide(seen));
        assert.deepEqual(explain(shuffled), explain(seen));
      }),
      { numRuns: 300 },
    );
  });

  test("a Grafana is only ever told UIDs of its own, of the type that the link needs, or the operator's", () => {
    const types = new Map(
      [...correlationTable.values()].flatMap(({ links }) => links.map(({ key, to }) => [key, to] as const)),
    );
    fc.assert(
      fc.property(anyView, (seen) => {
        const intent = decide(seen);
        const byHand = uidsWithin(seen.datasource?.preferences.jsonData ?? {});
        const known = seen.exchange.flatMap(({ datasources }) => datasources ?? []);
        for (const { relationId, answer } of seen.grafanas) {
          for (const [key, value] of Object.entries(extraFields(intent, relationId) ?? {})) {
            for (const uid of uidsWithin(value)) {
              const there = known.some(
                (entry) =>
                  entry.uid === uid &&
                  types.get(key)?.includes(entry.type) &&
                  entry.grafana_uid === answer.grafanaUid,
              );
              assert.ok(there || byHand.includes(uid), `${key} of ${answer.grafanaUid} is ${uid}`);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what is explained as linked is what is written, and the rest has a reason', () => {
    fc.assert(
      fc.property(anyView, (seen) => {
        const bare = {
          ...seen,
          configProblems: [],
          grafanas: seen.grafanas.map((relation) => ({ ...relation, localAppData: {} })),
        };
        const intent = decide(bare);
        const links = explain(bare);
        const keyOf = new Map(
          correlationTable.get(bare.datasource?.type ?? '')?.links.map(({ kind, key }) => [kind, key]),
        );
        for (const { to, reasons } of links) assert.ok(to !== null || reasons.length > 0);
        for (const { relationId, answer } of bare.grafanas) {
          // A Grafana that has not said who we are is told of links, which nobody can explain yet.
          const told = links.filter(
            ({ from, grafanaUid }) => from.uid !== null && grafanaUid === answer.grafanaUid,
          );
          if (answer.grafanaUid === undefined || told.length === 0) continue;
          const fields = extraFields(intent, relationId) ?? {};
          for (const [kind, key] of keyOf) {
            const explained = told.flatMap((link) =>
              link.kind === kind && link.to !== null ? [link.to.uid] : [],
            );
            assert.deepEqual(new Set(explained), new Set(uidsWithin(fields[key])), kind);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a follower writes its own unit databag and nothing else', () => {
    fc.assert(
      fc.property(
        anyView.filter(({ self }) => !self.leader),
        (seen) => {
          const { provision, databags } = decide(seen);
          assert.deepEqual(provision, []);
          for (const { bag } of databags) assert.equal(bag, 'unit');
        },
      ),
    );
  });

  test('only entries of its own are published, and only complete ones', () => {
    fc.assert(
      fc.property(
        anyView.filter(({ self }) => self.leader),
        (seen) => {
          for (const { relationId } of seen.exchange) {
            const text = decide(seen).databags.find((one) => one.relationId === relationId)?.changes
              .datasources;
            for (const { type, uid, grafana_uid } of JSON.parse(text ?? '[]') as Record<string, string>[]) {
              assert.equal(type, seen.datasource?.type);
              const from = seen.grafanas.filter(({ answer }) => answer.grafanaUid === grafana_uid);
              const uids = from.flatMap(({ answer }) => [
                answer.appDatasourceUid,
                ...Object.values(answer.datasourceUids ?? {}),
              ]);
              assert.ok(uids.includes(uid));
            }
          }
        },
      ),
    );
  });

  test('no datasource without our marker is changed or deleted', () => {
    fc.assert(
      fc.property(anyView, (seen) => {
        const grafana = seen.gateway?.work?.grafana;
        if (grafana?.state !== 'ok') return;
        for (const step of decide(seen).provision) {
          const uid = step.kind === 'delete' ? step.uid : step.desired.uid;
          const held: HeldDatasource | undefined = grafana.datasources.find((one) => one.uid === uid);
          if (step.kind === 'create') assert.equal(held, undefined);
          else assert.equal(readMarker({ uid: '', jsonData: {}, ...held })?.gateway, seen.gateway?.marker);
        }
      }),
    );
  });
});
