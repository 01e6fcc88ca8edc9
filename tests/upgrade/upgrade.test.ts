import assert from 'node:assert/strict';
import type { UnitName } from '#lib/juju';
import { type Activity, type CharmFunction, LocalModel } from '#lib/juju-local';
import { grafanaClient } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { run } from '../../charm/main.ts';
import { gained } from './gained.ts';
import { type LeftBehind, leftBehind, replay, withoutAddresses } from './left-behind.ts';

const present: CharmFunction = (tools, context) => run({ tools, context, grafanaClient });

/** The present charm on what earlier revisions left behind: see `record.ts`. */
for (const revision of ['19905b4']) {
  suite(`upgrade from revision ${revision}`, () => {
    let grafana: EmbeddedGrafana;
    let model: LocalModel;
    let before: LeftBehind;
    /** The same with the kinds of link that have come since. */
    let expected: LeftBehind;
    let hooks: string[];
    /** Which revision runs, by application; the other charm's stays what it is. */
    let revisions: Map<string, CharmFunction>;

    // Given a model in which the earlier revision has settled, and its Grafana
    setup(async () => {
      grafana = await EmbeddedGrafana.start();
      before = await leftBehind(revision, grafana.url);
      expected = gained(before);
      for (const datasource of before.datasources) grafana.seed(datasource);
      hooks = [];
      model = await LocalModel.open({ ...before.model, onActivity: (activity) => note(activity) });
      const replayed = replay(before);
      revisions = new Map(before.applications.map(({ name }) => [name, replayed]));
      const uri = model.addSecret({ name: 'credentials', content: before.credentials });
      for (const { name, config, units } of before.applications) {
        const gateway = name === 'grafana' && { 'grafana-url': grafana.url, 'grafana-token': uri };
        await model.deploy({
          app: name,
          charm: projectFolder,
          units: units.length,
          config: { ...gateway, ...config },
          run: (...hook) => (revisions.get(name) ?? replayed)(...hook),
        });
      }
      model.grantSecret('credentials', 'grafana');
      for (const [a, b] of before.relations) {
        if (a !== undefined && b !== undefined) {
          model.relate(`${a.app}:${a.endpoint}`, `${b.app}:${b.endpoint}`);
        }
      }
      await settle();
      assert.deepEqual(databags(), databagsIn(before), 'the start is as it was recorded');
    });
    teardown(async () => {
      await model.close();
      await grafana.stop();
    });

    function note(activity: Activity): void {
      if (activity.kind === 'hook-ended') hooks.push(`${activity.unit} ${activity.hook}`);
    }

    async function settle(): Promise<void> {
      const { settled, failedHooks } = await model.settle();
      assert.deepEqual([settled, failedHooks], [true, []]);
    }

    async function upgrade(): Promise<void> {
      hooks = [];
      grafana.clearRequests();
      for (const { name } of before.applications) {
        if (name === 'foreign') continue;
        revisions.set(name, present);
        await model.refresh(name);
      }
      await settle();
    }

    const inOrder = (all: readonly unknown[]) => all.map((one) => JSON.stringify(one)).toSorted();
    type End = LeftBehind['relations'][number][number];
    const plainEnd = ({ app, endpoint, appData, unitsData }: End) => ({
      end: `${app}:${endpoint}`,
      appData: Object.entries(appData).toSorted(),
      unitsData: Object.entries(unitsData)
        .map(([unit, data]) => [unit, Object.entries(withoutAddresses(data)).toSorted()])
        .toSorted(),
    });
    const databags = () => inOrder(model.snapshot().relations.map(({ ends }) => inOrder(ends.map(plainEnd))));
    const databagsIn = ({ relations }: LeftBehind) =>
      inOrder(relations.map((ends) => inOrder(ends.map(plainEnd))));
    const held = (of: EmbeddedGrafana) =>
      of.datasources().map(({ uid, name, type, access, url, isDefault, jsonData, version }) => {
        const secureJsonData = of.secureJsonData(uid);
        return { uid, name, type, access, url, isDefault, jsonData, secureJsonData, version };
      });

    /** But for what a revision writes for itself: its markers. */
    const plain = (datasources: ReturnType<typeof held>) =>
      datasources.map(({ version: _, jsonData, ...rest }) => {
        const { crosslink, ...fields } = jsonData as { crosslink: { gateway: string } };
        return { ...rest, jsonData: fields, gateway: crosslink.gateway };
      });

    test('upgrade-charm on every unit adds the links that are new, and changes nothing else but markers', async () => {
      await upgrade();
      for (const { name, units } of expected.applications) {
        for (const { unit, status, message } of units) {
          assert.equal(hooks.includes(`${unit} upgrade-charm`), name !== 'foreign', unit);
          const shown = model.snapshot().applications[name]?.units[unit as UnitName]?.status;
          assert.deepEqual([shown?.status, shown?.message], [status, message]);
        }
      }
      // UIDs, grafana_uid and links are all in the databags; versions count what was written to Grafana.
      const now = databags();
      const gone = databagsIn(expected).filter((ends) => !now.includes(ends));
      assert.deepEqual(
        gone,
        gone.filter((ends) => ends.includes('secure-fingerprints')),
      );
      assert.equal(now.length, databagsIn(expected).length);
      assert.deepEqual(plain(held(grafana)), plain(expected.datasources));
      for (const { uid, jsonData, version } of held(grafana)) {
        assert.equal((jsonData as { crosslink: { uid?: string } }).crosslink.uid, uid);
        const was = before.datasources.find((one) => one.uid === uid);
        // One write for its new marker, and one for its new links where they came later.
        assert.ok([1, 2].includes(version - (was?.version ?? 0)), `${uid} was written too often`);
      }
    });

    test('the hooks after it write nothing', async () => {
      await upgrade();
      const after = databags();
      grafana.clearRequests();
      model.fireUpdateStatus();
      await settle();
      assert.deepEqual(databags(), after);
      assert.deepEqual(grafana.writes, []);
      assert.ok(grafana.requests.length > 0, 'it has looked');
    });

    test('what is new afterwards gets the names and UIDs that the earlier revision gave', async () => {
      await upgrade();
      // When Grafana has lost its database
      const empty = await EmbeddedGrafana.start();
      try {
        model.setConfig('grafana', { 'grafana-url': empty.url });
        await settle();
        // Then it is made again as it was; only the marker may say more than it did
        const made = (datasources: ReturnType<typeof held>) =>
          plain(datasources).map(({ isDefault: _, ...rest }) => rest);
        assert.deepEqual(made(held(empty)), made(expected.datasources));
      } finally {
        await empty.stop();
      }
    });

    test('what the earlier revision made is known as our own: it goes with its relation', async () => {
      await upgrade();
      model.removeRelation('tempo:grafana-source', 'grafana:datasources');
      await settle();
      assert.deepEqual(
        held(grafana).map(({ uid }) => uid),
        before.datasources.map(({ uid }) => uid).filter((uid) => !uid.startsWith('tempo-')),
      );
    });

    test('what changes afterwards is written to what the earlier revision made', async () => {
      await upgrade();
      const upgraded = held(grafana);
      model.setConfig('loki', { 'datasource-url': 'http://new.example' });
      await settle();
      const changed = (one: { uid: string }) => one.uid.startsWith('loki-');
      const [was] = upgraded.filter(changed);
      const [now] = held(grafana).filter(changed);
      assert.ok(was !== undefined);
      assert.deepEqual(now, { ...was, url: 'http://new.example', version: was.version + 1 });
      assert.deepEqual(
        held(grafana).filter((one) => !changed(one)),
        upgraded.filter((one) => !changed(one)),
      );
    });
  });
}
