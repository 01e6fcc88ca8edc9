import type { HookContext, HookTools } from '#lib/juju';
import type { Intent, View } from '#src/exchange';
import type { World } from './world.ts';

/**
 * Whether this hook is one of those by which the unit itself takes leave. Its relations empty and end one after the
 * other then, and a leader keeps its lease to the last of them: what it sees would look as if its peers had gone.
 * They have not, and nothing is to be decided from it; whoever leads next goes on where this unit stood.
 *
 * A relation that goes as a whole, with the application or alone, is another matter, and is cleaned up after.
 */
export async function isLeaving({ event, unit }: HookContext, tools: HookTools): Promise<boolean> {
  switch (event.kind) {
    case 'stop':
    case 'remove':
      return true;
    case 'relation-departed':
      return event.departingUnit === unit;
    case 'relation-broken':
      // Juju lists it still when only this unit goes, and does no longer when the relation does.
      return (await tools.relationIds(event.endpoint)).includes(event.relationId);
    default:
      return false;
  }
}

/**
 * Whether what was decided would take something away that only this unit sees gone. Between the hooks above come
 * others, such as actions and those of secrets, and by then Juju lists the first of its relations no more. Juju is
 * asked only where there is something to lose.
 */
export async function isLeftToNextLeader(
  { tools, context: { event, unit } }: World,
  view: View,
  intent: Intent,
): Promise<boolean> {
  // That this relation goes as a whole is known: its broken hook is where it is cleaned up after.
  if (event.kind === 'relation-broken' || !takesAway(view, intent)) return false;
  const { units } = await tools.goalState();
  return Object.hasOwn(units, unit) && units[unit]?.status === 'dying';
}

/** Deletes a datasource or a secret, or says something else for the application than what it has said. */
function takesAway(
  { grafanas, exchange, sources }: View,
  { provision, correlations, secret, databags }: Intent,
): boolean {
  const said = new Map(
    [...grafanas, ...exchange, ...(sources ?? [])].map(({ relationId, localAppData }) => [
      relationId,
      localAppData ?? {},
    ]),
  );
  return (
    provision.some(({ kind }) => kind === 'delete') ||
    correlations.some(({ step }) => step === 'delete') ||
    secret?.step === 'remove' ||
    databags.some(
      ({ relationId, bag, changes }) =>
        bag === 'app' && Object.keys(changes).some((key) => Object.hasOwn(said.get(relationId) ?? {}, key)),
    )
  );
}
