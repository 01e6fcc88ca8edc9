import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, explain } from '#src/exchange';
import { type HeldDatasource, readMarker } from '#src/grafana/provisioner';
import { anyShuffle, anyView } from './arbitraries.ts';
import { applied, extraFields } from './builders.ts';

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
        assert.deepEqual(again, { provision: [], secret: null, databags: [], status: null });
      }),
      { numRuns: 500 },
    );
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

  test('a Grafana is only ever told UIDs that its own datasources have, of the type that the link needs', () => {
    const types = { serviceMap: 'prometheus', tracesToLogsV2: 'loki', tracesToMetrics: 'prometheus' };
    fc.assert(
      fc.property(anyView, (seen) => {
        const intent = decide(seen);
        for (const { relationId, answer } of seen.grafanas) {
          const fields = extraFields(intent, relationId) ?? {};
          for (const [key, { datasourceUid }] of Object.entries(fields)) {
            if (datasourceUid === undefined) continue;
            const known = seen.exchange.flatMap(({ datasources }) => datasources ?? []);
            const there = known.some(
              ({ uid, type, grafana_uid }) =>
                uid === datasourceUid &&
                type === types[key as keyof typeof types] &&
                grafana_uid === answer.grafanaUid,
            );
            assert.ok(there, `${key} of ${answer.grafanaUid} is ${datasourceUid}`);
          }
        }
      }),
      { numRuns: 300 },
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
        for (const { to, reasons } of links) assert.ok(to !== null || reasons.length > 0);
        for (const { relationId, answer } of bare.grafanas) {
          const uids = Object.values(extraFields(intent, relationId) ?? {}).flatMap(
            ({ datasourceUid }) => datasourceUid ?? [],
          );
          const told = links.filter(({ grafanaUid, to }) => to !== null && grafanaUid === answer.grafanaUid);
          for (const { to } of told) assert.ok(to !== null && uids.includes(to.uid));
        }
      }),
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
