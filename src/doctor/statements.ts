import type { Report } from './report.ts';

/** A finding, a note, or a reason why there is no link. */
interface Said {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Those that say the same together, in the order of the report: they differ in where that is. */
export function groupsOf<T extends Said>(statements: readonly T[]): T[][] {
  const same = Map.groupBy(statements, ({ code, message, remedy }) =>
    JSON.stringify([code, message, remedy]),
  );
  return [...same.values()];
}

/** Of the places where one statement holds, so many are shown at once. */
export const mostPlaces = 5;

/** What Grafana calls datasources, by UID: what its pages show. Empty where only Juju was looked at. */
export type Names = ReadonlyMap<string, string>;

export function namesOf({ grafanas }: Report): Names {
  const datasources = grafanas.flatMap((grafana) => grafana.datasources);
  return new Map(datasources.flatMap(({ uid, name }) => (name === null ? [] : [[uid, name] as const])));
}
