import assert from 'node:assert/strict';
import type { Activity } from '#src/local';
import { loadScenario, type RunningScenario, scenarioNames } from '#src/local';
import { converse, ending } from './conversation.ts';

const names = await scenarioNames();
const orders = Array.from({ length: 12 }, (_, i) => i + 1);

/** UIDs that are in one of the scenario's Grafanas and not in `grafana`. */
function foreignUids({ result }: RunningScenario, grafana: string): string[] {
  const own = result.grafanas.find(({ name }) => name === grafana)?.datasources.map(({ uid }) => uid) ?? [];
  const all = result.grafanas.flatMap(({ datasources }) => datasources.map(({ uid }) => uid));
  return all.filter((uid) => !own.includes(uid));
}

for (const name of names) {
  suite(`scenario ${name}`, () => {
    test('ends as it expects', async () => {
      const running = await converse(await loadScenario(name));
      try {
        assert.deepEqual(running.result.differences, []);
        assert.equal(running.result.failedHooks, 0);
      } finally {
        await running.close();
      }
    });

    test(`ends the same in ${orders.length} shuffled orders`, async () => {
      const loaded = await loadScenario(name);
      const inOrder = await converse(loaded);
      await inOrder.close();
      for (const shuffle of orders) {
        const running = await converse(loaded, { shuffle });
        await running.close();
        assert.deepEqual(ending(running), ending(inOrder), `crosslink up ${name} --shuffle ${shuffle}`);
      }
    });

    test('writes nothing when update-status fires on every unit afterwards', async () => {
      const activities: Activity[] = [];
      const running = await converse(await loadScenario(name), {
        onActivity: (activity) => activities.push(activity),
      });
      try {
        const before = await Promise.all(running.grafanas.map((grafana) => grafana.datasources()));
        activities.length = 0;
        running.model.fireUpdateStatus();
        await running.model.settle();
        const ended = activities.filter(({ kind }) => kind === 'hook-ended');
        const units = running.result.applications.flatMap((application) => application.units);
        // Our own hooks are quiet; the shell charms of a scenario set their status each time.
        const ours = (activity: Activity) => {
          return !('unit' in activity) || !/^(old-grafana|broken-peer)\//.test(activity.unit);
        };
        const written = activities.filter((activity) => {
          return (
            ['databag-changed', 'unit-status', 'application-status'].includes(activity.kind) && ours(activity)
          );
        });
        assert.deepEqual(written, []);
        assert.equal(ended.length, units.length, 'one hook for each unit, and none after it');
        // Identity, version and all.
        assert.deepEqual(await Promise.all(running.grafanas.map((grafana) => grafana.datasources())), before);
      } finally {
        await running.close();
      }
    });

    test('no datasource names a UID of another Grafana', async () => {
      const running = await converse(await loadScenario(name));
      await running.close();
      for (const { name: grafana, datasources } of running.result.grafanas) {
        const text = JSON.stringify(datasources.map(({ jsonData }) => jsonData));
        for (const uid of foreignUids(running, grafana)) {
          assert.ok(!text.includes(`"${uid}"`), `${uid} stands in Grafana ${grafana}, where it is not`);
        }
      }
    });

    test('every UID is at most 40 of the characters that Grafana takes', async () => {
      const running = await converse(await loadScenario(name));
      await running.close();
      for (const { uid } of running.result.grafanas.flatMap(({ datasources }) => datasources)) {
        assert.match(uid, /^[A-Za-z0-9_-]{1,40}$/);
      }
    });
  });
}

suite('scenario cos, in detail', () => {
  test('six datasources, and both Tempos link to the first Mimir and to Loki', async () => {
    const running = await converse(await loadScenario('cos'));
    await running.close();
    const [grafana] = running.result.grafanas;
    const datasources = grafana?.datasources ?? [];
    const uids = datasources.map(({ uid }) => uid);
    assert.equal(datasources.length, 6);
    const tempos = datasources.filter(({ type }) => type === 'tempo');
    assert.equal(tempos.length, 2);
    for (const { jsonData } of tempos) {
      const { serviceMap, tracesToLogsV2, tracesToMetrics } = jsonData as Record<
        string,
        { datasourceUid?: string; query?: string }
      >;
      assert.match(serviceMap?.datasourceUid ?? '', /^mimir-0-/);
      assert.match(tracesToMetrics?.datasourceUid ?? '', /^mimir-0-/);
      assert.match(tracesToLogsV2?.datasourceUid ?? '', /^loki-/);
      assert.equal(tracesToLogsV2?.query, '{ $__tags } |= "${__span.traceId}"', 'single dollars in Grafana');
      for (const link of [serviceMap, tracesToLogsV2, tracesToMetrics]) {
        assert.ok(uids.includes(link?.datasourceUid ?? ''));
      }
    }
    // And back to the first Tempo, from every Mimir and from Loki.
    const backLinks = datasources
      .filter(({ type }) => type !== 'tempo')
      .map(({ type, jsonData: { crosslink, ...links } }) => {
        assert.ok(crosslink, 'the marker');
        const [[key, values] = ['', []], ...others] = Object.entries(links);
        assert.deepEqual(others, [], 'nothing but the marker and the link');
        const targets = (values as { datasourceUid: string; url?: string }[]).map(
          ({ datasourceUid, url }) => {
            assert.ok(uids.includes(datasourceUid));
            assert.match(datasourceUid, /^tempo-0-/);
            return url;
          },
        );
        return [type, key, ...targets];
      });
    const toTrace = '${__value.raw}'; // Single dollars here, too.
    assert.deepEqual(backLinks, [
      ['loki', 'derivedFields', toTrace, toTrace, toTrace],
      ...Array.from({ length: 3 }, () => ['prometheus', 'exemplarTraceIdDestinations', undefined]),
    ]);
  });
});

suite('scenario two-grafanas, in detail', () => {
  test('explain names the Grafana that Mimir is on, and the one that Tempo is on', async () => {
    const running = await converse(await loadScenario('two-grafanas'));
    await running.close();
    const missing = running.result.links.filter(({ to }) => to === null);
    const mimir = 'mimir is registered with grafana-b, tempo with grafana-a';
    assert.deepEqual(
      missing.map(({ from, kind, reasons }) => [
        from.app,
        kind,
        ...reasons.map(({ code, message }) => (code === 'other-grafana' ? message : code)),
      ]),
      [
        ['tempo', 'service-map', mimir],
        ['tempo', 'traces-to-metrics', mimir],
        ['tempo', 'traces-to-profiles', 'no-suitable-peer'],
        ['mimir', 'metrics-to-traces', 'tempo is registered with grafana-a, mimir with grafana-b'],
        ['loki', 'logs-to-traces', 'tempo is registered with grafana-a, loki with grafana-b'],
      ],
    );
  });

  test('what somebody made by hand is left as it was', async () => {
    const running = await converse(await loadScenario('two-grafanas'));
    await running.close();
    const byHand = running.result.grafanas.flatMap(({ datasources }) =>
      datasources.filter(({ uid }) => uid === 'by-hand'),
    );
    assert.equal(byHand.length, 1);
    assert.deepEqual(byHand[0]?.jsonData, {});
    assert.equal(byHand[0]?.version, 1);
  });
});
