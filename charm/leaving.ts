import type { HookContext, HookTools } from '#lib/juju';

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
