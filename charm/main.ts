import { HookEnvironmentError, type HookEvent, hookTools, parseHookContext } from '#lib/juju';
import { decide, explain } from '#src/exchange';
import { grafanaClient } from '#src/grafana';
import { explainAction } from './actions.ts';
import { apply } from './apply.ts';
import { observe } from './observe.ts';
import type { World } from './world.ts';

/**
 * One hook or action. The event says when to look, never what to do: every hook reads the world, decides, and
 * carries out what differs.
 */
export async function run(world: World): Promise<void> {
  const { event } = world.context;
  if (isLast(event)) return;
  const observed = await observe(world);
  if (event.kind === 'action') {
    await explainAction(world.tools, explain(observed.view));
  } else {
    await apply(decide(observed.view), observed, world);
  }
}

/** When the unit goes there is nothing left to decide: its relations are broken by then. */
function isLast({ kind }: HookEvent): boolean {
  return kind === 'stop' || kind === 'remove';
}

if (import.meta.main) {
  try {
    const context = parseHookContext(process.env);
    await run({ context, tools: hookTools(), grafanaClient });
  } catch (error) {
    console.error(error instanceof HookEnvironmentError ? error.message : error);
    process.exitCode = 1;
  }
}
