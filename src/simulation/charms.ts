import type { HookContext, HookTools } from '#lib/juju';
import type { Charm, CharmFunction } from '#lib/juju-local';
import { pluginId } from '#src/exchange';
import { type GrafanaClient, type GrafanaClientOptions, grafanaClient } from '#src/grafana';
import type { App } from './applications.ts';
import { HookWatch, type Surroundings } from './hook-watch.ts';
import { legacyDatasource, legacyGrafana } from './legacy-charms.ts';

/** What crosslink gets of a hook. */
export interface HookInput {
  readonly tools: HookTools;
  readonly context: HookContext;
  readonly grafanaClient: (options: GrafanaClientOptions) => GrafanaClient;
  readonly randomBytes: (size: number) => Buffer;
}

/** The charm that is simulated: what it declares, and what it does in a hook. */
export interface SimulatedCharm {
  readonly charm: Charm;
  readonly run: (input: HookInput) => Promise<void>;
}

/** @returns what runs for each hook of an application; before and after, it waits for its turn */
export function charmOf(app: App, { run }: SimulatedCharm, around: Surroundings): CharmFunction {
  return async (tools, context, signal) => {
    const { gates } = around;
    const watch = new HookWatch(around, app.name, context, signal);
    await gates.pass(context.unit, 'begin', signal);
    if (app.plan.charm === 'crosslink') await crosslink(run, tools, context, watch, around);
    else await legacy(app, watch.watched(tools), context, around);
    await gates.pass(context.unit, 'end', signal);
  };
}

function crosslink(
  run: SimulatedCharm['run'],
  tools: HookTools,
  context: HookContext,
  watch: HookWatch,
  { random }: Surroundings,
): Promise<void> {
  return run({
    context,
    tools: watch.watched(tools),
    grafanaClient: (options) => grafanaClient({ ...options, ...watch.grafana() }),
    randomBytes: (size) => Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256))),
  });
}

function legacy(app: App, tools: HookTools, context: HookContext, { truth }: Surroundings): Promise<void> {
  const garbage = truth.garbage.get(app.name);
  if (app.role === 'gateway') {
    return legacyGrafana(tools, context, { nameless: app.plan.charm === 'nameless', garbage });
  }
  return legacyDatasource(tools, context, { type: pluginId(app.plan.type) ?? '', garbage });
}
