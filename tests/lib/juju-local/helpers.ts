import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { UnitName } from '#lib/juju';
import { type Activity, LocalModel, type ModelOptions } from '#lib/juju-local';

/** A charm of one shell script. */
export interface ShellCharm {
  readonly name: string;
  readonly provides?: Record<string, unknown>;
  readonly requires?: Record<string, unknown>;
  readonly peers?: Record<string, unknown>;
  readonly options?: Record<string, unknown>;
  readonly actions?: Record<string, unknown>;
  /** The body of `dispatch`; `$hook` is the hook's name. Empty: does nothing. */
  readonly dispatch?: string;
}

const folders: string[] = [];
const models: LocalModel[] = [];

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'juju-local-test-'));
  folders.push(folder);
  return folder;
}

/** @returns the charm's folder */
export async function shellCharm({
  name,
  options,
  actions,
  dispatch = '',
  ...rest
}: ShellCharm): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, 'metadata.yaml'),
    stringify({ name, summary: name, description: name, ...rest }),
  );
  if (options) await writeFile(join(folder, 'config.yaml'), stringify({ options }));
  if (actions) await writeFile(join(folder, 'actions.yaml'), stringify(actions));
  await mkdir(folder, { recursive: true });
  const script = `#!/bin/sh\nset -eu\nhook=\${JUJU_DISPATCH_PATH##*/}\n${dispatch}\n`;
  await writeFile(join(folder, 'dispatch'), script);
  await chmod(join(folder, 'dispatch'), 0o755);
  return folder;
}

export interface Watched {
  readonly model: LocalModel;
  readonly activities: Activity[];
  /** Hooks that ended so far, in that order, of one unit, and forgets them. `!` in front: it failed. */
  hooks(unit: string): string[];
  logs(unit: string): string[];
}

/** A model that is closed after the test, with quick retries and a record of what happened. */
export async function openModel(options: Partial<ModelOptions> = {}): Promise<Watched> {
  const activities: Activity[] = [];
  const model = await LocalModel.open({
    name: 'test',
    retry: { baseMs: 1, limit: 2 },
    ...options,
    onActivity: (activity) => {
      activities.push(activity);
      options.onActivity?.(activity);
    },
  });
  models.push(model);
  const seen = new Map<string, number>();
  return {
    model,
    activities,
    hooks(unit) {
      const ended = activities.flatMap((one) =>
        one.kind === 'hook-ended' && one.unit === unit
          ? [`${one.result === 'failed' ? '!' : ''}${one.hook}`]
          : [],
      );
      const fresh = ended.slice(seen.get(unit) ?? 0);
      seen.set(unit, ended.length);
      return fresh;
    },
    logs: (unit) =>
      activities.flatMap((one) => (one.kind === 'log' && one.unit === unit ? [one.message] : [])),
  };
}

/** For `teardown`. */
export async function cleanUp(): Promise<void> {
  for (const model of models.splice(0)) await model.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

export async function lines(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1);
}

const provides = { db: { interface: 'sql' } };

export function database(dispatch = '', actions: ShellCharm['actions'] = {}): Promise<string> {
  return shellCharm({ name: 'db', provides, dispatch, actions });
}
export function website(dispatch = ''): Promise<string> {
  return shellCharm({ name: 'web', requires: provides, dispatch });
}

/** Lets the model go on until it tells of something of this kind. */
export async function nextActivity({ activities }: Watched, kind: Activity['kind']): Promise<void> {
  const count = () => activities.filter((one) => one.kind === kind).length;
  const before = count();
  while (count() === before) await new Promise(setImmediate);
}

/** Waits until all is done, and fails when any hook has failed. */
export async function settled({ model }: Watched): Promise<void> {
  const result = await model.settle({ timeoutMs: 20_000 });
  assert.deepEqual(result.failedHooks, []);
  assert.ok(result.settled);
}

/** @param of - a unit or an application @returns what it says; undefined when it is not in the relation */
export function data(watched: Watched, relationId: number, of: string): Record<string, string> | undefined {
  const relation = watched.model.snapshot().relations.find(({ id }) => id === relationId);
  for (const { app, appData, unitsData } of relation?.ends ?? []) {
    if (app === of) return { ...appData };
    const bag = unitsData[of as UnitName];
    if (bag) return { ...bag };
  }
  return undefined;
}

/** Starts a pair of related applications that have settled. */
export async function pair(db: string, web: string, units = 1): Promise<Watched> {
  const watched = await openModel();
  await watched.model.deploy({ app: 'db', charm: await database(db) });
  await watched.model.deploy({ app: 'web', charm: await website(web), units });
  watched.model.relate('db', 'web');
  await settled(watched);
  return watched;
}
