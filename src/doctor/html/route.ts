import type { Column, Side } from './columns.ts';
import type { Gutter } from './gutters.ts';

/** Where a link meets a card. */
export interface End {
  readonly x: number;
  readonly y: number;
  readonly column: Column;
  readonly side: Side;
}

/**
 * From one card to another, as what SVG calls a path.
 * @param trackY - the height at which it passes the middle column; null for a link that does not
 */
export function route(from: End, to: End, gutters: readonly Gutter[], trackY: number | null): string {
  const first = gutters[from.column + (from.side === 'left' ? 0 : 1)];
  const last = gutters[to.column + (to.side === 'left' ? 0 : 1)];
  if (first === undefined || last === undefined) return '';
  const [out, back] = [near(first, from.side), near(last, to.side)];
  const start = `M${n(from.x)} ${n(from.y)}H${n(out)}`;
  if (first !== last && trackY !== null) {
    const [over, under] = [far(first, from.side), far(last, to.side)];
    return `${start}${turn(out, from.y, over, trackY)}H${n(under)}${turn(under, trackY, back, to.y)}H${n(to.x)}`;
  }
  if (from.column === to.column) {
    const bend = (far(first, from.side) - out) * 0.9;
    return `${start}C${n(out + bend)} ${n(from.y)} ${n(out + bend)} ${n(to.y)} ${n(out)} ${n(to.y)}H${n(to.x)}`;
  }
  return `${start}${turn(out, from.y, back, to.y)}H${n(to.x)}`;
}

/** Of the turning space: the end at the card, and the other. */
function near({ turn: [left, right] }: Gutter, side: Side): number {
  return side === 'left' ? right : left;
}

function far({ turn: [left, right] }: Gutter, side: Side): number {
  return side === 'left' ? left : right;
}

function turn(x: number, y: number, toX: number, toY: number): string {
  const middle = (x + toX) / 2;
  return `C${n(middle)} ${n(y)} ${n(middle)} ${n(toY)} ${n(toX)} ${n(toY)}`;
}

/** Tenths of a pixel are enough, and keep the page small. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
