import type { Query, QueryResult, QueryResults } from './datasource.ts';
import { errorOf } from './errors.ts';

type Entries = Iterable<readonly [refId: string, QueryResult]>;

/** By refId, in whichever of its two forms the author gave them. */
export function entriesOf(results: QueryResults): Entries {
  return results instanceof Map ? results : Object.entries(results);
}

/** What went wrong for all of them, said of each: so that every panel shows it. */
export function failed(queries: readonly Query[], thrown: unknown): Entries {
  return queries.map(({ refId }) => [refId, errorOf(thrown)] as const);
}
