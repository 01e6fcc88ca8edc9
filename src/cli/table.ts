import { columns, printable, wrapped as wrapLines } from '#src/text';

/** With less room than this for a sentence, it falls into single words. */
const narrow = 30;

type Row = readonly string[];

/**
 * Columns as wide as their widest cell. What does not fit into the last one goes on below, under itself. Where names
 * are so long that it has no room, the first cell of each row stands on a line of its own, above the others.
 */
export function table(rows: readonly Row[], head: Row = []): string[] {
  const all = (head.length > 0 ? [head, ...rows] : rows).map((row) => row.map(printable));
  const widths = widthsOf(all);
  if (hasRoom(all, indentOf(widths, 2))) return all.flatMap((row) => line(row, widths, 2));
  return all.flatMap(([first = '', ...rest], i) => {
    const above = first === all[i - 1]?.[0] ? [] : [`  ${first}`];
    return [...above, ...line(rest, widths.slice(1), 4)];
  });
}

/** As {@link wrapLines}, for text that may be another charm's. */
export function wrapped(text: string, indent: number): string[] {
  return wrapLines(printable(text), indent);
}

/** Of all columns but the last. */
function widthsOf(rows: readonly Row[]): number[] {
  const last = (rows[0]?.length ?? 1) - 1;
  return Array.from({ length: last }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
}

function indentOf(widths: readonly number[], left: number): number {
  return widths.reduce((sum, width) => sum + width + 2, left);
}

function hasRoom(rows: readonly Row[], indent: number): boolean {
  const needs = rows.map((row) => {
    const cell = row.at(-1) ?? '';
    const words = cell.split(' ').map((word) => word.length);
    return Math.max(Math.min(cell.length, narrow), ...words);
  });
  return indent + Math.max(0, ...needs) <= columns;
}

function line(row: Row, widths: readonly number[], left: number): string[] {
  const indent = indentOf(widths, left);
  const start = widths.map((width, i) => `${(row[i] ?? '').padEnd(width)}  `).join('');
  const [first = '', ...more] = wrapped(row.at(-1) ?? '', indent);
  return [`${' '.repeat(left)}${start}${first.slice(indent)}`.trimEnd(), ...more];
}
