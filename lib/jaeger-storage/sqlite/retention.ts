import type { DatabaseSync } from 'node:sqlite';

const msPerHour = 3_600_000;

/**
 * Takes the oldest sealed segment away, with all that only it refers to; within a transaction of the caller's.
 * @param writtenBefore - only if its last span came before that, in Unix milliseconds
 * @returns what went; undefined: nothing
 */
export function expireSegment(
  database: DatabaseSync,
  writtenBefore: number,
): { readonly segment: number; readonly spans: number; readonly traces: number } | undefined {
  const oldest = database
    .prepare('SELECT id, first_fragment, fragments, spans, written_to FROM segment ORDER BY id LIMIT 1')
    .get() as
    | { id: number; first_fragment: number; fragments: number; spans: number; written_to: number }
    | undefined;
  if (oldest === undefined || oldest.written_to >= writtenBefore) return undefined;
  const { id, first_fragment: first, fragments, spans } = oldest;
  const traces = expireParts(database, first, first + fragments - 1);
  database.prepare('DELETE FROM fragment WHERE id BETWEEN ? AND ?').run(first, first + fragments - 1);
  database.prepare('DELETE FROM posting WHERE segment = ?').run(id);
  database.prepare('DELETE FROM segment WHERE id = ?').run(id);
  for (const table of ['resource', 'scope', 'service', 'operation']) {
    database.prepare(`DELETE FROM ${table} WHERE last_segment <= ?`).run(id);
  }
  const { written_to } = oldest;
  // An hour's calls go when the last segment that has spans of that hour is gone.
  const next = database.prepare('SELECT written_from FROM segment ORDER BY id LIMIT 1').get();
  const before = Math.floor(Number(next?.written_from ?? written_to) / msPerHour);
  for (const table of ['dependency', 'dependency_call']) {
    database.prepare(`DELETE FROM ${table} WHERE arrived < ?`).run(before);
  }
  database.prepare("UPDATE counter SET value = value - ? WHERE name = 'traces'").run(traces);
  return { segment: id, spans, traces };
}

/** @returns of how many traces no sealed segment has anything any more */
function expireParts(database: DatabaseSync, first: number, last: number): number {
  const part = database.prepare('DELETE FROM trace_part WHERE trace = ? AND fragment = ?');
  const hasPart = database.prepare('SELECT 1 FROM trace_part WHERE trace = ? LIMIT 1');
  let traces = 0;
  const rows = database.prepare('SELECT id, trace FROM fragment WHERE id BETWEEN ? AND ?').all(first, last);
  for (const { id, trace } of rows as { id: number; trace: Uint8Array }[]) {
    part.run(trace, id);
    if (hasPart.get(trace) === undefined) traces += 1;
  }
  return traces;
}
