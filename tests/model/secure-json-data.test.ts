import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grafanaClient } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { type Activity, loadScenario, type RunningScenario, runScenario } from '#src/local';
import { run } from '../../charm/main.ts';

type Hook = Parameters<typeof run>[0];

const first = 'hunter2-h\u00fcnter2';
const second = 'correct horse battery';
const yaml = (password: string) => ({ 'secure-json-data': `basicAuthPassword: "${password}"\n` });

/** All that anybody but Grafana gets to see of a model, as it went along. */
class Witness {
  readonly #seen: string[] = [];
  model: RunningScenario['model'] | undefined;

  saw(activity: Activity): void {
    this.#seen.push(JSON.stringify(activity));
    const telling = ['databag-changed', 'unit-status', 'application-status', 'hook-ended'];
    if (telling.includes(activity.kind)) this.look();
  }

  look(): void {
    if (this.model !== undefined) this.#seen.push(JSON.stringify(this.model.snapshot()));
  }

  heard(text: string): void {
    this.#seen.push(text);
  }

  /** @returns where a secret stands, plain or in a form that hides nothing */
  sightings(secret: string): string[] {
    const forms = [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('hex'),
      // As Python's JSON has it
      secret.replace(/[\u0080-\uffff]/g, (c) => `\\\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ];
    return this.#seen.filter((text) => forms.some((form) => text.includes(form)));
  }
}

/** Scenario `legacy`: a gateway of ours, and a Grafana charm that knows no secrets, for one Tempo of two units. */
class World {
  readonly witness = new Witness();
  readonly #activities: Activity[] = [];
  grafana!: EmbeddedGrafana;
  running!: RunningScenario;
  #folder = '';

  static async start(after: (hook: Hook) => Promise<void> = async () => {}): Promise<World> {
    const world = new World();
    world.grafana = await EmbeddedGrafana.start();
    world.#folder = await mkdtemp(join(tmpdir(), 'crosslink-test-'));
    const tokenFile = join(world.#folder, 'token');
    await writeFile(tokenFile, world.grafana.token);
    world.running = await runScenario(await loadScenario('legacy'), {
      grafana: { url: world.grafana.url, tokenFile },
      charm: async (tools, context) => {
        const hook = { tools, context, grafanaClient };
        await run(hook);
        await after(hook);
      },
      onActivity: (activity) => {
        world.#activities.push(activity);
        world.witness.saw(activity);
      },
    });
    world.witness.model = world.running.model;
    return world;
  }

  get model() {
    return this.running.model;
  }

  /** Does something to the model, and waits for the end of it. @returns what our own hooks wrote */
  async after(change: () => void): Promise<Activity[]> {
    const from = this.#activities.length;
    change();
    assert.ok((await this.model.settle()).settled);
    this.witness.look();
    const now = this.#activities.slice(from);
    for (const activity of now) {
      if (activity.kind === 'hook-ended') assert.equal(activity.result, 'ok', JSON.stringify(activity));
    }
    const theirs = /^(old-grafana|broken-peer)\b/;
    return now.filter((activity) => {
      const who = 'unit' in activity ? activity.unit : 'of' in activity ? activity.of : '';
      return ['databag-changed', 'unit-status'].includes(activity.kind) && !theirs.test(who);
    });
  }

  quiet(): Promise<Activity[]> {
    this.grafana.clearRequests();
    return this.after(() => this.model.fireUpdateStatus());
  }

  status(unit: string): { status: string; message: string } {
    const app = unit.replace(/\/.*$/, '');
    const found = Object.entries(this.model.snapshot().applications[app]?.units ?? {}).find(
      ([name]) => name === unit,
    );
    return found?.[1].status ?? assert.fail(`there is no unit ${unit}`);
  }

  /** What Tempo's datasources have in Grafana. */
  stored(): Record<string, string>[] {
    const tempos = this.grafana.datasources().filter(({ type }) => type === 'tempo');
    assert.equal(tempos.length, 2);
    return tempos.map(({ uid }) => this.grafana.secureJsonData(uid));
  }

  told(app: string): string | undefined {
    const relation = this.model
      .snapshot()
      .relations.find(
        ({ interface: name, ends }) =>
          name === 'grafana_datasource' &&
          ends.some((end) => end.app === app) &&
          ends.some((end) => end.app === 'tempo'),
      );
    return relation?.ends.find((end) => end.app === 'tempo')?.appData.grafana_source_secret;
  }

  async stop(): Promise<void> {
    await this.running.close();
    await this.grafana.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

suite('secure-json-data in a model', () => {
  let world: World;
  setup(async function () {
    this.timeout(20_000);
    world = await World.start();
  });
  teardown(() => world.stop());

  const both = (basicAuthPassword: string) => [{ basicAuthPassword }, { basicAuthPassword }];

  /** The operator makes the secret and names it; `grant` before or after. */
  async function configured({ grant = true } = {}): Promise<string> {
    const uri = world.model.addSecret({
      name: 'pass',
      content: yaml(first),
      grantTo: grant ? ['tempo'] : [],
    });
    await world.after(() => world.model.setConfig('tempo', { 'secure-json-data': uri }));
    return uri;
  }

  test('goes from the operator to Grafana, changes there when it changes, and is gone when it is', async () => {
    // Given an option that is set before the grant, as happens
    await configured({ grant: false });
    assert.deepEqual(world.status('tempo/0'), {
      status: 'blocked',
      message: 'secure-json-data: let tempo read it: juju grant-secret <name> tempo',
    });
    assert.equal(world.status('tempo/1').status, 'active');
    assert.deepEqual(world.stored(), [{}, {}]);

    // When it is granted, which no hook tells
    world.model.grantSecret('pass', 'tempo');
    await world.quiet();
    // Then Grafana has it, for each unit, and the other Grafana is named as one that does not read it
    assert.deepEqual(world.stored(), both(first));
    assert.match(world.status('tempo/0').message, /; secure-json-data not taken by old-grafana: see explain/);
    assert.equal(world.status('tempo/0').status, 'active');
    assert.ok(world.told('old-grafana'), 'which may learn to read it');
    const explained = await world.model.runAction('tempo/leader', 'explain');
    world.witness.heard(JSON.stringify(explained));
    const notes = String(explained.results['secure-json-data']).replace(/\s+/g, ' ');
    assert.match(notes, /old-grafana: has not taken secure-json-data\./);
    assert.match(notes, /grafana: has taken secure-json-data/);
    assert.deepEqual(await world.quiet(), []);
    assert.deepEqual(world.grafana.writes, []);

    // When it changes
    const uri = world.told('grafana');
    await world.after(() => world.model.updateSecret('pass', yaml(second)));
    assert.deepEqual(world.stored(), both(second));
    assert.equal(world.told('grafana'), uri);
    assert.deepEqual(await world.quiet(), []);
    assert.deepEqual(world.grafana.writes, []);

    // When what it has becomes unreadable, then nothing is taken away
    for (const text of [first, `{"basicAuthPassword": "${first}`, 'basicAuthPassword: 12345678']) {
      await world.after(() => world.model.updateSecret('pass', { 'secure-json-data': text }));
      assert.match(world.status('tempo/0').message, /^secure-json-data/);
      assert.equal(world.status('tempo/0').status, 'blocked');
      assert.deepEqual(world.stored(), both(second));
    }
    await world.after(() => world.model.updateSecret('pass', yaml(first)));
    assert.deepEqual(world.stored(), both(first));
    world.model.revokeSecret('pass', 'tempo');
    await world.quiet();
    assert.match(world.status('tempo/0').message, /juju grant-secret/);
    assert.deepEqual(world.stored(), both(first));
    world.model.grantSecret('pass', 'tempo');
    await world.quiet();

    // When the option is emptied
    await world.after(() => world.model.setConfig('tempo', { 'secure-json-data': null }));
    assert.deepEqual(world.stored(), [{}, {}]);
    for (const app of ['grafana', 'old-grafana']) assert.equal(world.told(app), undefined);
    assert.deepEqual(await world.quiet(), []);
    assert.deepEqual(world.grafana.writes, []);

    // And nobody saw it but Grafana
    for (const secret of [first, second]) assert.deepEqual(world.witness.sightings(secret), []);
  }).timeout(30_000);

  test('goes on under the next leader, and after a refresh, in the same secret', async () => {
    await configured();
    const uri = world.told('grafana');
    await world.after(() => world.model.setLeader('tempo/1'));
    await world.after(() => world.model.updateSecret('pass', yaml(second)));
    assert.deepEqual(world.stored(), both(second));
    await world.after(() => void world.model.refresh('tempo'));
    await world.after(() => world.model.setLeader('tempo/0'));
    await world.after(() => world.model.updateSecret('pass', yaml(first)));
    assert.deepEqual(world.stored(), both(first));
    await world.after(() => world.model.removeUnit('tempo/1'));
    assert.equal(world.told('grafana'), uri);
    assert.deepEqual(await world.quiet(), []);
    assert.deepEqual(world.grafana.writes, []);
  }).timeout(30_000);

  test('leaves no old revision behind: each has its secret-remove', async () => {
    await configured();
    const pruned: Activity[] = [];
    world.witness.saw = (activity) => {
      if (activity.kind === 'hook-ended' && activity.hook === 'secret-remove') pruned.push(activity);
    };
    await world.after(() => world.model.updateSecret('pass', yaml(second)));
    assert.equal(pruned.length, 1, 'of the first revision');
    await world.after(() => world.model.setLeader('tempo/1'));
    await world.after(() => world.model.updateSecret('pass', yaml(first)));
    assert.equal(pruned.length, 2, 'of the second, by the next leader');
  }).timeout(30_000);

  test('is with a Grafana that comes later, and with one that is gone and comes again', async () => {
    await configured();
    await world.after(() => world.model.removeRelation('tempo:grafana-source', 'grafana:datasources'));
    assert.equal(world.told('grafana'), undefined);
    await world.after(() => world.model.relate('tempo:grafana-source', 'grafana:datasources'));
    assert.deepEqual(world.stored(), both(first));
    assert.deepEqual(await world.quiet(), []);
  }).timeout(30_000);

  test('is written once more when the token of Grafana changes, and then no more', async () => {
    await configured();
    world.grafana.clearRequests();
    const token = world.grafana.addToken({ role: 'Admin' });
    const { 'grafana-token': secret } = world.model.snapshot().applications.grafana?.config ?? {};
    await world.after(() => world.model.updateSecret(String(secret), { token }));
    assert.equal(world.grafana.writes.length, 2, 'one for each datasource that has secrets');
    assert.deepEqual(world.stored(), both(first));
    assert.deepEqual(await world.quiet(), []);
    assert.deepEqual(world.grafana.writes, []);
    assert.deepEqual(world.witness.sightings(token), []);
  }).timeout(30_000);
});

suite('a secret that is shown', () => {
  const plants: readonly [string, (hook: Hook) => Promise<void>][] = [
    ['in the log', ({ tools }) => tools.jujuLog('DEBUG', `password is ${first}`)],
    ['in a status', ({ tools }) => tools.statusSet('active', `with ${encodeURIComponent(first)}`)],
    [
      'in a databag',
      async ({ tools, context }) => {
        const [relationId] = await tools.relationIds('grafana-source');
        if (relationId === undefined) return;
        const password = Buffer.from(first).toString('base64');
        await tools.relationSet({ relationId, data: { [`planted-${context.unitNumber}`]: password } });
      },
    ],
  ];
  for (const [where, plant] of plants) {
    test(`${where} is found by these tests`, async () => {
      const world = await World.start(plant);
      try {
        await world.after(() => world.model.fireUpdateStatus());
        assert.notDeepEqual(world.witness.sightings(first), []);
      } finally {
        await world.stop();
      }
    }).timeout(30_000);
  }
});
