import type { CorrelationContent } from '../correlations.ts';
import { isPlainUid } from './uid.ts';

/** Not imported: that would load whatever `node:util` exports, a tenth of the time that a hook takes. */
const { isDeepStrictEqual } = process.getBuiltinModule('node:util');

/** A correlation as it should be, between two datasources that the gateway made. */
export interface DesiredCorrelation {
  readonly sourceUid: string;
  readonly targetUid: string;
  /** Tells apart those between the same two. */
  readonly kind: string;
  /** The description without the marker. */
  readonly content: CorrelationContent;
}

/** A correlation as Grafana lists it. */
export interface HeldCorrelation extends CorrelationContent {
  readonly uid: string;
  readonly sourceUID: string;
  readonly targetUID: string;
  readonly type: string;
  readonly provisioned: boolean;
}

/** Where a correlation is, and what it is. */
interface Place {
  readonly sourceUid: string;
  readonly targetUid: string;
  readonly kind: string;
}

export type CorrelationStep =
  | (Place & { readonly step: 'create'; readonly content: CorrelationContent })
  | (Place & {
      readonly step: 'update';
      readonly uid: string;
      readonly gateway: string;
      readonly content: CorrelationContent;
    })
  | (Place & { readonly step: 'delete'; readonly uid: string; readonly gateway: string });

/**
 * Correlations have no room for anything but words: what marks one as a gateway's is the end of its description. An
 * operator who takes that out has it for their own; the gateway then makes another.
 */
export function markedDescription(description: string, kind: string, gateway: string): string {
  return `${description} [crosslink ${kind} ${gateway}]`.trimStart();
}

/** What a step is called among failures, and in what waits for it: no UID of a datasource has a slash. */
export function correlationName({ sourceUid, targetUid, kind }: Place): string {
  return `${sourceUid}/${targetUid}/${kind}`;
}

/** @returns the kind and the gateway that made it; undefined for a correlation that no gateway made */
export function readCorrelationMarker(description: string): { kind: string; gateway: string } | undefined {
  const [, kind, gateway] = /\[crosslink ([a-z0-9-]+) (\S+)\]$/.exec(description) ?? [];
  return kind === undefined || gateway === undefined ? undefined : { kind, gateway };
}

/** @returns the kind of a correlation that this gateway made and may change; undefined for all others */
export function ownCorrelationKind(
  { uid, description, provisioned }: Pick<HeldCorrelation, 'uid' | 'description' | 'provisioned'>,
  gateway: string,
): string | undefined {
  const marker = readCorrelationMarker(description);
  return marker?.gateway === gateway && !provisioned && isPlainUid(uid) ? marker.kind : undefined;
}

/**
 * Compares what should be with what is. Only correlations that carry this gateway's marker, from a datasource that
 * carries it too, are ever changed or deleted.
 * @param world.desired - the first of several for one place counts
 * @param world.present - UIDs of the gateway's own datasources, as they will be: Grafana deletes what leads from or to
 * others
 * @param world.keep - UIDs of datasources whose correlations stay as they are
 */
export function planCorrelations(world: {
  readonly gateway: string;
  readonly desired: readonly DesiredCorrelation[];
  readonly held: readonly HeldCorrelation[];
  readonly present: ReadonlySet<string>;
  readonly keep: ReadonlySet<string>;
}): { readonly steps: readonly CorrelationStep[]; readonly total: number } {
  const { gateway, present, keep } = world;
  const wanted = new Map<string, DesiredCorrelation>();
  for (const one of world.desired) {
    const { sourceUid, targetUid } = one;
    const isPossible = present.has(sourceUid) && present.has(targetUid) && sourceUid !== targetUid;
    if (isPossible && !keep.has(sourceUid) && !wanted.has(keyOf(one))) wanted.set(keyOf(one), one);
  }
  const settled = new Set<string>();
  const steps: CorrelationStep[] = [];
  for (const held of world.held.toSorted((a, b) => (a.uid < b.uid ? -1 : 1))) {
    const { uid, sourceUID: sourceUid, targetUID: targetUid } = held;
    const kind = ownCorrelationKind(held, gateway);
    // What leads to a datasource that goes in this hook goes with it.
    const isGoing = !present.has(targetUid) && targetUid !== '';
    if (kind === undefined || !present.has(sourceUid) || isGoing || keep.has(sourceUid)) continue;
    const place = { sourceUid, targetUid, kind };
    const want = wanted.get(keyOf(place));
    if (want === undefined || settled.has(keyOf(place))) {
      steps.push({ ...place, step: 'delete', uid, gateway });
      continue;
    }
    settled.add(keyOf(place));
    const content = marked(want, gateway);
    if (!isAsWanted(held, content)) steps.push({ ...place, step: 'update', uid, gateway, content });
  }
  for (const [key, want] of wanted) {
    if (settled.has(key)) continue;
    const { sourceUid, targetUid, kind } = want;
    steps.push({ sourceUid, targetUid, kind, step: 'create', content: marked(want, gateway) });
  }
  const order = { delete: 0, update: 1, create: 2 };
  return {
    steps: steps.toSorted((a, b) => order[a.step] - order[b.step] || (keyOf(a) < keyOf(b) ? -1 : 1)),
    total: wanted.size,
  };
}

function keyOf({ sourceUid, targetUid, kind }: Place): string {
  return JSON.stringify([sourceUid, targetUid, kind]);
}

function marked({ content, kind }: DesiredCorrelation, gateway: string): CorrelationContent {
  return { ...content, description: markedDescription(content.description, kind, gateway) };
}

function isAsWanted(
  { type, label, description, config }: HeldCorrelation,
  content: CorrelationContent,
): boolean {
  return type === 'query' && isDeepStrictEqual(plain({ label, description, config }), plain(content));
}

// What was read from JSON may have another prototype than what was written in code.
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
