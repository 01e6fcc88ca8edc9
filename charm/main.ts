import * as z from 'zod';
import { HookEnvironmentError, hookTools, parseHookContext } from '#lib/juju';
import { decide } from '#src/exchange';
import { traced } from '#src/tracing';
import { apply } from './apply.ts';
import { endLookups } from './end-lookups.ts';
import { isLeaving } from './leaving.ts';
import { observe } from './observe.ts';
import { ownPartOf } from './taking-away.ts';
import { HookTracer, tracingRelation } from './tracing.ts';
import type { World } from './world.ts';

/**
 * One hook or action. The event says when to look, never what to do: every hook reads the world, decides, and
 * carries out what differs.
 */
export async function run(world: World): Promise<void> {
  if (await isLeaving(world.context, world.tools)) return;
  const tracing = await tracingRelation(world.tools);
  const work = () => carryOut({ ...world, tracing });
  if (tracing === null || world.inTrace === undefined) await work();
  else await world.inTrace(tracing, work);
}

async function carryOut(world: World): Promise<void> {
  const { event } = world.context;
  if (event.kind === 'action') {
    const { runAction } = await import('./actions/run-action.ts');
    await runAction(event.action, world);
    return;
  }
  const observed = await observe(world);
  const intent = await traced('decide', () => decide(observed.view));
  const own = await ownPartOf(world, observed.view, intent);
  if (own !== null) await apply(own, observed, world);
}

/** The process of one hook: it exits with 1 when Juju is to run the hook again. */
async function main(): Promise<void> {
  // A hook reads few things often enough to win back what compiling a parser for each of them costs: 2 to 5 ms.
  z.config({ jitless: true });
  let tracer: HookTracer | undefined;
  try {
    const context = parseHookContext(process.env);
    const tools = hookTools();
    tracer = new HookTracer(context, tools);
    await run({ context, tools, grafanaClient, inTrace: tracer.inTrace });
  } catch (error) {
    console.error(error instanceof HookEnvironmentError ? error.message : error);
    process.exitCode = 1;
  }
  tracer?.end();
  endLookups();
}

/** Loaded by the leader of a gateway alone: what it is made of takes as long to load as the rest of a hook. */
const grafanaClient: World['grafanaClient'] = async (options) => {
  const grafana = await import('#src/grafana');
  return grafana.grafanaClient(options);
};

if (import.meta.main) await main();
