import * as z from 'zod';
import type { World } from '../world.ts';
import { explainAction } from './explain.ts';
import type { Format } from './format.ts';
import { reconcileAction } from './reconcile.ts';
import { showDatasourcesAction } from './show-datasources.ts';

const Parameters = z.strictObject({ format: z.enum(['text', 'json']).default('text') });

const actions: ReadonlyMap<string, (world: World, format: Format) => Promise<void>> = new Map([
  ['explain', explainAction],
  ['reconcile', reconcileAction],
  ['show-datasources', showDatasourcesAction],
]);

/** Runs the action that the operator asked for; parameters that can't be used fail it, and nothing is done then. */
export async function runAction(name: string, world: World): Promise<void> {
  const action = actions.get(name);
  if (action === undefined) {
    const known = [...actions.keys()].join(', ');
    await world.tools.actionFail(`there is no action ${name}; there are: ${known}`);
    return;
  }
  const parameters = Parameters.safeParse(await world.tools.actionGet());
  if (parameters.success) await action(world, parameters.data.format);
  else await world.tools.actionFail(parameters.error.issues.map(problem).join('; '));
}

function problem(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `unknown parameter ${issue.keys.join(', ')}: the only one is format`;
  }
  return 'format: expected text or json';
}
