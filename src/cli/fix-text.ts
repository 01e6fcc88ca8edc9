import {
  type Hunk,
  jsonDiff,
  type KeptByCharm,
  type Outcome,
  type Proposal,
  shownJsonData,
} from '#src/doctor/grafana';
import { columns, printable } from '#src/text';
import { wrapped } from './table.ts';

interface Colors {
  readonly color: boolean;
}

/** What would be written to a datasource: each change in words, then as a unified difference of its `jsonData`. */
export function proposalText({ datasource, jsonData, changes }: Proposal, { color }: Colors): string {
  const paint = (code: number, line: string) => (color ? `\u001b[${code}m${line}\u001b[0m` : line);
  const { name, uid } = datasource;
  const title = wrapped(`${name}${name === uid ? '' : ` (${uid})`}`, 0);
  // What stands around a link may be a secret that somebody put in the wrong place.
  const hunks = jsonDiff(shownJsonData(datasource.jsonData), shownJsonData(jsonData));
  return lines([
    ...title.map((line) => paint(1, line)),
    ...changes.flatMap((change) => wrapped(change, 2)),
    ...hunks.flatMap(hunkLines).map((line) => {
      if (line.startsWith('@')) return paint(36, line);
      return line.startsWith('+') ? paint(32, line) : line.startsWith('-') ? paint(31, line) : line;
    }),
  ]);
}

function hunkLines({ before, after, lines }: Hunk): string[] {
  const count = (sign: '-' | '+') => lines.filter((line) => line.sign === ' ' || line.sign === sign).length;
  return [
    `@@ -${before},${count('-')} +${after},${count('+')} @@`,
    ...lines.flatMap(({ sign, text }) => broken(printable(text)).map((part) => `${sign}${part}`)),
  ];
}

/** What is too long goes on below, further in: a link that is written has to be seen as a whole. */
function broken(text: string): string[] {
  const width = columns - 1;
  if (text.length <= width) return [text];
  const indent = `${/^ */.exec(text)?.[0] ?? ''}    `.slice(0, width / 2);
  const parts = [text.slice(0, width)];
  for (let rest = text.slice(width); rest !== ''; rest = rest.slice(width - indent.length)) {
    parts.push(`${indent}${rest.slice(0, width - indent.length)}`);
  }
  return parts;
}

/** What only a provisioning file can change. */
export function readOnlyText(proposals: readonly Proposal[], yaml: string): string {
  const what =
    proposals.length === 1
      ? 'This datasource is read-only: only the provisioning file that it is from can change it. Put this there:'
      : 'These datasources are read-only: only the provisioning files that they are from can change them. Put this there:';
  const list = proposals.flatMap(({ datasource: { name }, changes }) => [
    ...wrapped(name, 2),
    ...changes.flatMap((change) => wrapped(change, 4)),
  ]);
  return `${lines([...wrapped(what, 0), ...list])}\n${yaml}`;
}

export function keptText(kept: readonly KeptByCharm[]): string {
  return lines(
    kept.flatMap(({ datasource: { name }, keeper, keys }) => {
      const text = `${name}: ${keys.join(', ')} stays as it is: ${keeper} would undo what is written here; crosslink doctor --juju explains what to change`;
      return wrapped(text, 0);
    }),
  );
}

export function outcomeText(outcomes: readonly Outcome[]): string {
  const words = {
    written: 'written',
    conflict: 'NOT written',
    failed: 'NOT written',
    unknown: 'may have been written',
  };
  return lines(
    outcomes.flatMap(({ proposal: { datasource }, state, message }) =>
      wrapped(`${datasource.name}: ${words[state]}${message === '' ? '' : `: ${message}`}`, 0),
    ),
  );
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
