import assert from 'node:assert/strict';
import type { UnitName } from '#lib/juju';
import { type Activity, type CharmFunction, LocalModel } from '#lib/juju-local';
import { grafanaClient } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { run } from '../../charm/main.ts';
import { type LeftBehind, leftBehind, replay, withoutAddresses } from './left-behind.ts';

const present: CharmFunction = (tools, context) => run({ tools, context, grafanaClient });

/** The present charm on what earlier revisions left behind: see `record.ts`. */
for (const revision of ['19905b4']) {
  suite(`upgrade from revision ${revision}`, () => {
    let grafana: EmbeddedGrafana;
    let model: LocalModel;
    let before: LeftBehind;
    let hooks: string[];
    /** Which revision runs, by application; the other charm's stays what it is. */
    let revisions: Map<string, CharmFunction>;

    // Given a model in which the earlier revision has settled, and its Grafana
    setup(async () => {
      grafana = await EmbeddedGrafana.start();
      before = await leftBehind(revision, grafana.url);
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
      assert.deepEqual(databags(), recordedDatabags(), 'the start is as it was recorded');
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
    const recordedDatabags = () => inOrder(before.relations.map((ends) => inOrder(ends.map(plainEnd))));
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

    test('upgrade-charm on every unit changes no datasource but its marker, no answer, no status', async () => {
      await upgrade();
      for (const { name, units } of before.applications) {
        for (const { unit, status, message } of units) {
          assert.equal(hooks.includes(`${unit} upgrade-charm`), name !== 'foreign', unit);
          const now = model.snapshot().applications[name]?.units[unit as UnitName]?.status;
          assert.deepEqual([now?.status, now?.message], [status, message]);
        }
      }
      // UIDs, grafana_uid and links are all in the databags; versions count what was written to Grafana.
      const peers = recordedDatabags().filter((ends) => ends.includes('secure-fingerprints'));
      assert.deepEqual(
        recordedDatabags().filter((ends) => !databags().includes(ends)),
        peers,
      );
      assert.equal(databags().length, recordedDatabags().length);
      assert.deepEqual(plain(held(grafana)), plain(before.datasources));
      // Each has its new marker by one write
      assert.deepEqual(
        held(grafana).map(({ jsonData, version }) => [
          (jsonData as { crosslink: { uid?: string } }).crosslink.uid,
          version,
        ]),
        before.datasources.map(({ uid, version }) => [uid, version + 1]),
      );
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
        assert.deepEqual(made(held(empty)), made(before.datasources));
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
      model.setConfig('loki', { 'datasource-url': 'http://new.example' });
      await settle();
      const changed = (one: { uid: string }) => one.uid.startsWith('loki-');
      const [was] = before.datasources.filter(changed);
      const [now] = held(grafana).filter(changed);
      assert.deepEqual([now?.uid, now?.url, now?.version], [was?.uid, 'http://new.example', 3]);
      assert.deepEqual(
        plain(held(grafana)).filter((one) => !changed(one)),
        plain(before.datasources).filter((one) => !changed(one)),
      );
    });
  });
}
