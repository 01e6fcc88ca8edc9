import { isDeepStrictEqual } from 'node:util';
import type { Activity } from '#lib/juju-local';
import type { ReportedDatasource } from './result.ts';

/** A Grafana before and after. */
export interface GrafanaChange {
  readonly name: string;
  readonly before: readonly ReportedDatasource[];
  readonly after: readonly ReportedDatasource[];
}

/**
 * What crosslink did while everybody was woken who had nothing left to say. Each line is a fault: such a model
 * writes, or fails, every five minutes, for ever.
 * @param isOurs - whether a unit, or an application, runs crosslink
 * @returns sorted, each once; `[]` also where another charm wrote a databag meanwhile: ours may have answered it
 */
export function restlessness(
  activities: readonly Activity[],
  grafanas: readonly GrafanaChange[],
  isOurs: (name: string) => boolean,
): string[] {
  const spoken = activities.filter((activity) => activity.kind === 'databag-changed');
  if (spoken.some(({ of }) => !isOurs(of))) return [];
  const lines = [
    ...spoken.map(({ of, keys }) => `${of} wrote ${keys.join(', ')} into a databag`),
    ...activities.flatMap((activity) => {
      if (activity.kind === 'unit-status') {
        const { unit, status } = activity;
        return isOurs(unit) ? [`${unit} set its status: ${status.status}: ${status.message}`] : [];
      }
      if (activity.kind === 'hook-ended') {
        const { unit, hook, result } = activity;
        return isOurs(unit) && (result === 'failed' || result === 'terminated')
          ? [`${unit} failed in ${hook}`]
          : [];
      }
      if (activity.kind === 'application-status') {
        const { app, status } = activity;
        return isOurs(app) ? [`${app} set its status: ${status.status}: ${status.message}`] : [];
      }
      return [];
    }),
    ...grafanas.flatMap(writtenTo),
  ];
  return [...new Set(lines)].toSorted();
}

/** The version tells of a write that changed nothing, too. */
function writtenTo({ name, before, after }: GrafanaChange): string[] {
  const held = new Map(before.map((datasource) => [datasource.uid, datasource]));
  const now = new Set(after.map(({ uid }) => uid));
  const written = after.filter((datasource) => !isDeepStrictEqual(datasource, held.get(datasource.uid)));
  return [
    ...written.map(({ uid }) => `datasource ${uid} of Grafana ${name} was written`),
    ...before.flatMap(({ uid }) =>
      now.has(uid) ? [] : [`datasource ${uid} of Grafana ${name} was deleted`],
    ),
  ];
}
