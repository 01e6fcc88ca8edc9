import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HookTools } from '#lib/juju';
import { type CharmFunction, LocalModel, ModelError, randomFrom, type SettleResult } from '#lib/juju-local';

type Random = (below: number) => number;

/** Only for a hang: nothing here takes a second. */
const timeoutMs = 60_000;
/** After this many hooks nobody says anything new: units that keep answering each other would never settle. */
const talkative = 300;
const apps = ['a', 'b', 'c'] as const;

/**
 * Lets a small model that follows from `seed` live through random operations, among charms that write, fail, reboot
 * and take their time at random, and looks for what it lost: an event that nobody woke up for, a hook that still runs
 * when all is said to be settled, an action without an answer, a thing that stays dying.
 * @returns what is wrong, a line each
 */
export async function liveThrough(seed: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'any-model-'));
  try {
    await writeCharm(folder);
    return await new AnyModel(seed, folder).live();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeCharm(folder: string): Promise<void> {
  const endpoints =
    'provides: {db: {interface: sql}}\nrequires: {sql: {interface: sql}}\npeers: {ring: {interface: r}}';
  await writeFile(join(folder, 'metadata.yaml'), `name: x\n${endpoints}\n`);
  await writeFile(join(folder, 'config.yaml'), 'options: {n: {type: int, default: 0}, s: {type: secret}}\n');
  await writeFile(join(folder, 'actions.yaml'), 'go: {}\n');
  await writeFile(join(folder, 'dispatch'), '#!/bin/sh\n');
  await chmod(join(folder, 'dispatch'), 0o755);
}

class AnyModel {
  readonly #seed: number;
  readonly #folder: string;
  readonly #random: Random;
  readonly #problems: string[] = [];
  readonly #secrets: string[] = [];
  #running = 0;
  #started = 0;
  #unanswered = 0;
  #failing = true;

  constructor(seed: number, folder: string) {
    this.#seed = seed;
    this.#folder = folder;
    const random = randomFrom(seed);
    this.#random = (below) => Math.floor(random() * below);
  }

  async live(): Promise<string[]> {
    const random = this.#random;
    const model = await LocalModel.open({
      name: 'any',
      concurrency: 1 + random(4),
      retry: { baseMs: 1 + random(3), limit: 3 },
      ...(random(2) === 0 && { seed: this.#seed }),
      onActivity: ({ kind }) => {
        if (kind === 'hook-started') {
          this.#running += 1;
          this.#started += 1;
        }
        if (kind === 'hook-ended') this.#running -= 1;
      },
    });
    try {
      for (const app of apps) await this.#deploy(model, app);
      for (let left = 10 + random(30); left > 0; left -= 1) {
        await tolerant(() => this.#operate(model));
        await this.#pause();
        if (random(10) === 0) this.#look(await model.settle({ timeoutMs }));
      }
      await this.#wind(model);
    } finally {
      await model.close();
    }
    return this.#problems;
  }

  #deploy(model: LocalModel, app: string): Promise<void> {
    return model.deploy({ app, charm: this.#folder, units: this.#random(4), run: this.#charm });
  }

  async #operate(model: LocalModel): Promise<void> {
    const random = this.#random;
    const app = apps[random(3)] ?? 'a';
    const { applications, relations } = model.snapshot();
    const units = Object.values(applications).flatMap((one) => Object.keys(one.units));
    const unit = units[random(units.length)] ?? 'a/0';
    const operations = [
      () => this.#deploy(model, app),
      () => model.relate(`${app}:db`, `${apps[random(3)]}:sql`),
      () => model.relate(`${app}:db`, `${apps[random(3)]}:sql`),
      () => model.removeRelation(relations[random(relations.length)]?.id ?? 0),
      () => model.addUnit(app, 1 + random(2)),
      () => model.removeUnit(unit),
      () => random(3) === 0 && model.removeApplication(app),
      () => model.setConfig(app, { n: random(3) }),
      () => model.refresh(app),
      () => model.setLeader(unit),
      () => this.#secret(model, app),
      () => model.fireUpdateStatus(),
      () => model.restart(unit, { pod: random(2) === 0 }),
      () => this.#act(model, unit),
      () => model.resolve(unit, { retry: random(2) === 0 }),
    ];
    await operations[random(operations.length)]?.();
  }

  #secret(model: LocalModel, app: string): void {
    const known = this.#secrets[this.#random(this.#secrets.length + 1)];
    if (known !== undefined) {
      model.updateSecret(known, { 'a-key': String(this.#random(9)) });
      return;
    }
    const uri = model.addSecret({ name: `s${this.#secrets.length}`, content: { 'a-key': 'x' } });
    this.#secrets.push(uri);
    model.grantSecret(uri, app);
    model.setConfig(app, { s: uri });
  }

  /** Not awaited: its answer may take until the unit's error is resolved. */
  #act(model: LocalModel, unit: string): void {
    this.#unanswered += 1;
    void tolerant(() => model.runAction(unit, 'go')).then(() => {
      this.#unanswered -= 1;
    });
  }

  readonly #charm: CharmFunction = async (tools, { event }) => {
    const random = this.#random;
    await this.#pause();
    const talks = this.#started < talkative;
    if ('relationId' in event && random(3) === 0 && talks) {
      const app = random(2) === 0 && (await tools.isLeader());
      await refused(tools.relationSet({ relationId: event.relationId, app, data: { k: String(random(3)) } }));
    }
    if (event.kind === 'secret-changed')
      await refused(tools.secretGet({ uri: event.secretId }, { refresh: random(2) === 0 }));
    if (this.#failing && talks) await this.#misbehave(tools, event.kind === 'action');
    await this.#pause();
    if (this.#failing && random(8) === 0) throw new Error('no');
  };

  async #misbehave(tools: HookTools, inAction: boolean): Promise<void> {
    const random = this.#random;
    const { s } = await tools.configGet();
    if (typeof s === 'string' && random(6) === 0) await refused(tools.secretGet({ uri: s }));
    if (random(8) === 0)
      await refused(tools.secretAdd({ 'a-key': 'x' }, { owner: random(2) === 0 ? 'unit' : 'application' }));
    if (random(5) === 0) {
      for (const id of await tools.secretIds()) {
        await refused(tools.secretSet(`secret:${id}`, { content: { 'a-key': String(random(9)) } }));
      }
    }
    if (!inAction && random(15) === 0) await tools.jujuReboot({ now: random(4) === 0 });
  }

  /** Ends all errors: what remains then is lost. */
  async #wind(model: LocalModel): Promise<void> {
    this.#failing = this.#random(2) === 0;
    let result = await model.settle({ timeoutMs });
    this.#look(result);
    this.#failing = false;
    while (!result.settled && this.#problems.length === 0) {
      for (const { unit, recovered } of result.failedHooks) {
        if (!recovered) await tolerant(() => model.resolve(unit, { retry: false }));
      }
      result = await model.settle({ timeoutMs });
      this.#look(result);
    }
    await new Promise(setImmediate);
    if (this.#unanswered > 0) this.#problems.push(`${this.#unanswered} actions have no answer`);
    const { applications, relations } = model.snapshot();
    const units = Object.values(applications).flatMap((app) => Object.values(app.units));
    for (const { life } of [...Object.values(applications), ...relations, ...units]) {
      if (life === 'dying') this.#problems.push('something stays dying');
    }
  }

  #look({ settled, failedHooks }: SettleResult): void {
    if (!settled && failedHooks.every(({ recovered }) => recovered))
      this.#problems.push('it does not settle');
    if (this.#running > 0) this.#problems.push('it has settled, and hooks run');
  }

  /** No time, some turns of the microtask queue or of the event loop, or a few milliseconds. */
  async #pause(): Promise<void> {
    const random = this.#random;
    const kind = random(4);
    if (kind === 1) for (let turns = random(5); turns > 0; turns -= 1) await null;
    if (kind === 2) for (let turns = random(4); turns > 0; turns -= 1) await new Promise(setImmediate);
    if (kind === 3) await new Promise((resolve) => setTimeout(resolve, random(3)));
  }
}

/** Operators ask for what can't be, too. */
async function tolerant(operation: () => unknown): Promise<void> {
  try {
    await operation();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
  }
}

async function refused(call: Promise<unknown>): Promise<void> {
  await call.catch(() => undefined);
}
