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
  /** What this application has answered there: it names the units that were there. */
  readonly localAppData: Databag;
}

/**
 * The databags of the units that are on the other side of a relation. Juju lists a unit only once *this* unit has run
 * its joined hook. A leader that is new to the relation would take all the others for gone, and delete what is theirs:
 * so for units that were answered and are not listed it is asked what the model is to be.
 */
export async function presentUnits(
  tools: HookTools,
  event: HookEvent,
  { relationId, endpoint, localAppData }: Found,
): Promise<ReadonlyMap<UnitName, Databag>> {
  const listed = await tools.relationList(relationId);
  const departing =
    event.kind === 'relation-departed' && event.relationId === relationId ? event.remoteUnit : null;
  const answered = Object.keys(readAnswer(localAppData).answer.datasourceUids ?? {}).filter(isUnitName);
  const missing = answered.filter((unit) => !listed.includes(unit) && unit !== departing);
  const unlisted = missing.length === 0 ? [] : await thatStay(tools, endpoint, missing);
  const read = async (unit: UnitName): Promise<[UnitName, Databag]> => {
    return [unit, await tools.relationGet({ relationId, of: unit })];
  };
  const bags = await Promise.all([
    ...listed.map(read),
    ...unlisted.map((unit) => read(unit).catch(notThere)),
  ]);
  return new Map(bags.filter((bag) => bag !== null));
}

/** Those of the units that the model has and is to keep. Of another model Juju tells nothing: then none. */
async function thatStay(tools: HookTools, endpoint: string, units: readonly UnitName[]): Promise<UnitName[]> {
  const { relations } = await tools.goalState();
  const goal = relations[endpoint] ?? {};
  return units.filter((unit) => Object.hasOwn(goal, unit) && goal[unit]?.status !== 'dying');
}

/** There is no databag of a unit that has not entered the relation. */
function notThere(error: unknown): null {
  if (isHookToolError(error, 'FAILED')) return null;
  throw error;
}
