import { correlationTable, type Signal, signals } from '#src/exchange';
import type { ReportDatasource, ReportLinkEnd } from '../report.ts';
import { visible } from './markup.ts';

/** What a datasource holds: it decides on its place in the drawing. */
export type Role = Signal | 'other';

const correlations = [...correlationTable.values()].flatMap(({ links }) => links);
const roleByType: ReadonlyMap<string, Signal> = new Map(
  correlations.flatMap(({ to, signal }) => to.map((type) => [type, signal] as const)),
);
const signalByKind: ReadonlyMap<string, Signal> = new Map(
  correlations.map(({ kind, signal }) => [kind, signal] as const),
);

/** @param type - Grafana plugin id */
export function roleOf(type: string | null): Role {
  return roleByType.get(type ?? '') ?? 'other';
}

/** @returns what stands at the other end of a link of this kind; 'other' where the kind is none that is known */
export function signalOf(kind: string): Role {
  return signalByKind.get(kind) ?? 'other';
}

/** In the order in which they are drawn and listed. */
export const roles: readonly Role[] = [...signals, 'other'];

export const roleTitles: Readonly<Record<Role, string>> = {
  metrics: 'Metrics',
  traces: 'Traces',
  logs: 'Logs',
  profiles: 'Profiles',
  other: 'Other',
};

/** What to call a datasource where there is little room: as Grafana does, or by its unit or application. */
export function datasourceName({ name, unit, app, uid }: ReportDatasource): string {
  return name ?? unit ?? app ?? uid;
}

/** What to call the end of a link that is no known datasource of its Grafana. */
export function endName({ app, uid }: ReportLinkEnd): string {
  return app ?? uid ?? '?';
}

/** How wide text in a monospaced font is, in characters: those of East Asia and pictures take two. */
function widthOf(character: string): number {
  return /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}|[\u{20000}-\u{3ffff}]/u.test(
    character,
  )
    ? 2
    : 1;
}

/** @returns the text as it is shown, with its middle left out where it is wider than `columns` characters */
export function shortened(text: string, columns: number): string {
  const characters = [...visible(text.slice(0, 400))];
  const widths = characters.map(widthOf);
  if (widths.reduce((sum, width) => sum + width, 0) <= columns) return characters.join('');
  // The end tells more than the start: a unit's number, the last of many names that begin alike.
  const head: string[] = [];
  const tail: string[] = [];
  let room = columns - 1;
  for (let i = 0, j = characters.length - 1; room > 0 && i <= j; ) {
    const fromEnd = tail.length <= head.length;
    const at = fromEnd ? j : i;
    room -= widths[at] ?? 1;
    if (room < 0) break;
    if (fromEnd) {
      tail.unshift(characters[at] ?? '');
      j -= 1;
    } else {
      head.push(characters[at] ?? '');
      i += 1;
    }
  }
  return `${head.join('')}\u2026${tail.join('')}`;
}

export function columnsOf(text: string): number {
  return [...text].reduce((sum, character) => sum + widthOf(character), 0);
}

/** By numbers in them as numbers: `mimir/2` before `mimir/10`. The same on every machine. */
export function compareNames(a: string, b: string): number {
  const [left, right] = [a.split(/(\d+)/), b.split(/(\d+)/)];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const [one = '', other = ''] = [left[i], right[i]];
    if (one === other) continue;
    const difference = i % 2 === 1 ? Number(one) - Number(other) : 0;
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
    return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
