import { columns, printable } from '#src/text';
import {
  durationText,
  extentOf,
  flattened,
  type Span,
  summaryOf,
  type Trace,
  type TraceSummary,
  treeOf,
} from '#src/traces';

/** Of an id; more where that is not enough to tell those on the list apart. */
const fewestDigits = 8;

/** A table of traces, a line each, the newest first. */
export function listText(traces: readonly TraceSummary[], { now, width = columns }: Look): string {
  const numbers = (title: string, of: (trace: TraceSummary) => string) =>
    column(title, traces.map(of), 'right');
  const digits = digitsThatDiffer(traces.map(({ traceId }) => traceId));
  const fixed = [
    column(
      'TRACE',
      traces.map(({ traceId }) => traceId.slice(0, digits)),
    ),
    column(
      'START',
      traces.map(({ startNs }) => timeText(startNs, now)),
    ),
    numbers('DURATION', ({ durationNs }) => durationText(durationNs)),
    numbers('SPANS', ({ spans }) => String(spans)),
    ...(traces.some(({ errors }) => errors > 0)
      ? [numbers('ERRORS', ({ errors }) => (errors === 0 ? '' : String(errors)))]
      : []),
  ];
  const starts = ['', ...traces].map((_, row) => fixed.map((cells) => `${cells[row]}  `).join(''));
  const names = ['WHAT', ...traces.map((trace) => printable(nameOf(trace)))];
  return lines(
    starts.map((start, row) => `${start}${middleCut(names[row] ?? '', width - start.length)}`),
    width,
  );
}

function digitsThatDiffer(ids: readonly string[]): number {
  const sorted = [...new Set(ids)].toSorted();
  return sorted.slice(1).reduce((most, id, i) => {
    const before = sorted[i] ?? '';
    let same = 0;
    while (id[same] === before[same]) same += 1;
    return Math.max(most, same + 1);
  }, fewestDigits);
}

/** Cells as wide as the widest, the title first. */
function column(title: string, cells: readonly string[], side: 'left' | 'right' = 'left'): string[] {
  const all = [title, ...cells];
  const width = all.reduce((most, { length }) => Math.max(most, length), 0);
  return all.map((cell) => (side === 'left' ? cell.padEnd(width) : cell.padStart(width)));
}

/** How it is looked at. */
export interface Look {
  /** Unix milliseconds. */
  readonly now: number;
  /** Characters of a line. */
  readonly width?: number;
}

const barWidth = 20;
const durationWidth = 8;
/** Deeper spans stand no further to the right. */
const deepest = 12;
/** Of one span: an event for each turn of a loop is no news. */
const mostEvents = 8;

/** A trace as a tree: who called whom, how long it took, and when, from the left of the bar to its right. */
export function treeText(
  trace: Trace,
  { width = columns, attributes = false }: { readonly width?: number; readonly attributes?: boolean } = {},
): string {
  const { startNs, endNs } = extentOf(trace);
  const nameWidth = width - barWidth - durationWidth - 5;
  const services = new Map<number, string>();
  const body = [...flattened(treeOf(trace))].flatMap(({ span, depth }) => {
    const caller = depth === 0 ? undefined : services.get(depth - 1);
    services.set(depth, span.service);
    const indent = ' '.repeat(2 * Math.min(depth, deepest) + 2);
    const mark = span.isError ? '! ' : '';
    const name = printable(caller === span.service ? span.operation : nameOf(span));
    const bar = barOf(span, startNs, endNs);
    const first = [
      middleCut(`${indent}${mark}${name}`, nameWidth).padEnd(nameWidth),
      durationText(span.durationNs).padStart(durationWidth),
      `|${bar}|`,
    ].join(' ');
    return [first, ...below(span, `${indent}  `, attributes).map((line) => cut(line, width))];
  });
  return lines([...heading(trace), '', ...body], width);
}

function heading(trace: Trace): string[] {
  const { startNs, durationNs, spans, errors, services } = summaryOf(trace);
  const counts = [
    count(spans, 'span'),
    count(services.length, 'service'),
    ...(errors === 0 ? [] : [count(errors, 'error')]),
  ];
  return [
    `Trace ${trace.traceId}`,
    `${localTime(startNs)}, ${durationText(durationNs)}, ${counts.join(', ')}`,
  ];
}

/** What a span has to tell besides its name. */
function below(span: Span, indent: string, attributes: boolean): string[] {
  const shown = span.events.slice(0, mostEvents);
  const more = span.events.length - shown.length;
  return [
    ...(span.statusMessage === '' ? [] : [`${indent}! ${span.statusMessage}`]),
    ...shown.map(({ timeNs, name }) => `${indent}* ${offset(timeNs - span.startNs)} ${name}`),
    ...(more === 0 ? [] : [`${indent}* ... and ${count(more, 'more event')}`]),
    ...(attributes ? Object.entries(span.attributes).map(([key, value]) => `${indent}${key}=${value}`) : []),
  ].map((line) => `${indent}${printable(line.slice(indent.length))}`);
}

/** Sender's clocks go as they like. */
function offset(ns: bigint): string {
  return ns < 0n ? `-${durationText(-ns)}` : `+${durationText(ns)}`;
}

function barOf({ startNs, durationNs }: Span, from: bigint, to: bigint): string {
  const whole = Number(to - from);
  if (whole <= 0) return '='.repeat(barWidth);
  const start = Math.floor((Number(startNs - from) / whole) * barWidth);
  const end = Math.ceil((Number(startNs + durationNs - from) / whole) * barWidth);
  // However short, and wherever it is, it is seen.
  const first = Math.min(Math.max(start, 0), barWidth - 1);
  const length = Math.min(Math.max(end - first, 1), barWidth - first);
  return `${' '.repeat(first)}${'='.repeat(length)}`.padEnd(barWidth);
}

/** Hooks, and others, have their service's name in that of the operation: `tempo/0: install event`. */
function nameOf({ service, operation }: { readonly service: string; readonly operation: string }): string {
  return operation === service || operation.startsWith(`${service}/`)
    ? operation
    : `${service}: ${operation}`;
}

/** Names that begin alike often end otherwise. */
function middleCut(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.ceil((width - 3) * 0.6);
  return `${text.slice(0, head)}...${text.slice(text.length - (width - 3 - head))}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`;
}

function lines(all: readonly string[], width: number): string {
  return `${all.map((line) => cut(line.trimEnd(), width)).join('\n')}\n`;
}

export function count(n: number, what: string): string {
  return `${n} ${n === 1 ? what : `${what}s`}`;
}

const msOf = (ns: bigint) => Number(ns / 1_000_000n);

/** Of today the time, of other days the date as well, of this machine's time zone. */
function timeText(ns: bigint, now: number): string {
  const text = localTime(ns);
  const [day, time = ''] = text.split(' ');
  return day === localTime(BigInt(now) * 1_000_000n).split(' ')[0] ? time.slice(0, 8) : text.slice(0, 16);
}

/** `2026-11-22 01:40:12.123` */
function localTime(ns: bigint): string {
  const date = new Date(msOf(ns));
  // A span's clock may have any time at all.
  if (Number.isNaN(date.getTime())) return 'at no time';
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
