import type { GraphLink } from './graph.ts';
import { shortened } from './names.ts';

/** In CSS pixels. Text is set in a monospaced font, so that its width is known without a browser. */
export const sizes = {
  /** Of cards in each column: those of traces have links on both sides. */
  cards: [224, 256, 224],
  head: 46,
  row: 20,
  /** Of one character, in the two sizes of text. */
  name: 7.6,
  small: 6.35,
  stub: 24,
} as const;

export const gaps = { same: 6, other: 14, group: 26, heading: 26, row: 6, track: 7, idle: 12 } as const;

/** Reasons are codes of ours; whoever adds a longer one sees it cut. */
const codeColumns = 28;

/** What stands beside a port whose link is missing: the first reason, and that there are more. */
export function missingLabel({ reasons }: GraphLink): string {
  const [first] = reasons;
  if (first === undefined) return 'not linked';
  const more = reasons.length > 1 ? ` +${reasons.length - 1}` : '';
  return `${shortened(first.code, codeColumns)}${more}`;
}
