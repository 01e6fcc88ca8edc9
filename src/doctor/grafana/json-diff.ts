import { isObject } from '../../exchange/merge-patch.ts';
import type { Json, JsonObject } from '../../relations/python-json.ts';
import { isList } from './json-edit.ts';

export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Lines that belong together, with where they start in either text, from 1. */
export interface Hunk {
  readonly before: number;
  readonly after: number;
  readonly lines: readonly DiffLine[];
}

const context = 3;

/**
 * How two objects differ as JSON, line by line, keys sorted as Grafana sorts them; `[]` where they do not. Each key is
 * compared with itself alone: links look alike, and a line of one is no line of another.
 */
export function jsonDiff(before: JsonObject, after: JsonObject): Hunk[] {
  const [old, now] = [linesByKey(before), linesByKey(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  const all = keys.flatMap((key) => diff(old.get(key) ?? [], now.get(key) ?? []));
  return hunks([{ sign: ' ', text: '{' }, ...all, { sign: ' ', text: '}' }]);
}

function linesByKey(value: JsonObject): Map<string, string[]> {
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    entries.map(([key, member], i) => {
      const [, ...lines] = JSON.stringify({ [key]: sorted(member) }, null, 2).split('\n');
      const comma = i === entries.length - 1 ? '' : ',';
      return [key, lines.slice(0, -1).map((line, j) => (j === lines.length - 2 ? `${line}${comma}` : line))];
    }),
  );
}

function sorted(value: Json): Json {
  if (isList(value)) return value.map(sorted);
  if (value === null || !isObject(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}

/** By the longest common subsequence of what is left when beginning and end are taken off. */
function diff(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const same = (text: string): DiffLine => ({ sign: ' ', text });
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

/** Beyond this many comparisons, all is said to differ: nobody reads such a difference line by line. */
const mostComparisons = 4_000_000;

function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const gone = (text: string): DiffLine => ({ sign: '-', text });
  const come = (text: string): DiffLine => ({ sign: '+', text });
  if (a.length * b.length > mostComparisons) return [...a.map(gone), ...b.map(come)];
  // lengths[i][j]: how many lines a from i and b from j have in common.
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const length = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = lengths[i];
    if (row === undefined) continue;
    for (let j = b.length - 1; j >= 0; j -= 1) {
      row[j] = a[i] === b[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x = '', y = ''] = [a[i], b[j]];
    if (i < a.length && j < b.length && x === y) {
      lines.push({ sign: ' ', text: x });
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || length(i + 1, j) >= length(i, j + 1))) {
      lines.push(gone(x));
      i += 1;
    } else {
      lines.push(come(y));
      j += 1;
    }
  }
  return lines;
}

function hunks(lines: readonly DiffLine[]): Hunk[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - context), i + context + 1).some(({ sign }) => sign !== ' '),
  );
  const found: { before: number; after: number; lines: DiffLine[] }[] = [];
  let [before, after] = [1, 1];
  for (const [i, line] of lines.entries()) {
    if (near[i]) {
      if (!near[i - 1]) found.push({ before, after, lines: [] });
      found.at(-1)?.lines.push(line);
    }
    if (line.sign !== '+') before += 1;
    if (line.sign !== '-') after += 1;
  }
  return found;
}
