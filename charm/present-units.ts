import {
  type Databag,
  type HookEvent,
  type HookTools,
  isHookToolError,
  isUnitName,
  type UnitName,
} from '#lib/juju';
import { readAnswer } from '#src/relations/grafana-datasource';

/** One relation of `datasources`, as this unit found it. */
interface Found {
  readonly relationId: number;
  readonly endpoint: string;
  readonly remoteApp: string;
  /** What this application has answered there: it names the units that were there. */
  readonly localAppData: Databag;
}

/**
 * The databags of the units that are on the other side of a relation. Juju lists a unit only once *this* unit has run
 * its joined hook. A leader that is new to the relation would take all the others for gone, and delete what is theirs:
 * so for units that were answered and are not listed it is asked what the model is to be. Of applications of other
 * models Juju says nothing there. Their units stay until they depart or, if they did so before this unit led, until
 * update-status: Juju runs it only when no other hook is due, and so no joined hook.
 */
export async function presentUnits(
  tools: HookTools,
  event: HookEvent,
  found: Found,
): Promise<ReadonlyMap<UnitName, Databag>> {
  const { relationId, localAppData } = found;
  const listed = await tools.relationList(relationId);
  const departing =
    event.kind === 'relation-departed' && event.relationId === relationId ? event.remoteUnit : null;
  const answered = Object.keys(readAnswer(localAppData).answer.datasourceUids ?? {}).filter(isUnitName);
  const missing = answered.filter((unit) => !listed.includes(unit) && unit !== departing);
  const unlisted = missing.length === 0 ? [] : await thatStay(tools, event, found, missing);
  const read = async (unit: UnitName): Promise<[UnitName, Databag]> => {
    return [unit, await tools.relationGet({ relationId, of: unit })];
  };
  const bags = await Promise.all([
    ...listed.map(read),
    ...unlisted.map((unit) => read(unit).catch(notThere)),
  ]);
  return new Map(bags.filter((bag) => bag !== null));
}

/** Those of the units that are still there, as far as Juju says so. */
async function thatStay(
  tools: HookTools,
  event: HookEvent,
  { endpoint, remoteApp }: Found,
  units: readonly UnitName[],
): Promise<readonly UnitName[]> {
  const { relations } = await tools.goalState();
  const goal = relations[endpoint] ?? {};
  if (!Object.hasOwn(goal, remoteApp)) return event.kind === 'update-status' ? [] : units;
  return units.filter((unit) => Object.hasOwn(goal, unit) && goal[unit]?.status !== 'dying');
}

/** There is no databag of a unit that has not entered the relation. */
function notThere(error: unknown): null {
  // Nothing else that fails is a sign that the unit has gone.
  if (isHookToolError(error, 'FAILED') && error.message.includes('not found')) return null;
  throw error;
}
