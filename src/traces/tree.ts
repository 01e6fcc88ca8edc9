import type { Span, Trace } from './trace.ts';

/** A span with what it called. */
export interface SpanNode {
  readonly span: Span;
  /** By start. */
  readonly children: readonly SpanNode[];
}

/**
 * The spans of a trace as a tree, or several: a span whose parent has not come, or that is its own ancestor, stands
 * among the roots. A child of an id that two spans have belongs to that one of them which was running, or to the first.
 */
export function treeOf({ spans }: Trace): SpanNode[] {
  const byId = Map.groupBy(spans, ({ spanId }) => spanId);
  const parents = new Map<Span, Span>();
  for (const span of spans) {
    const parent = parentOf(span, byId);
    // Whoever calls in a circle would be shown nowhere.
    if (parent !== undefined && !isAncestor(span, parent, parents)) parents.set(span, parent);
  }
  const children = new Map<Span | undefined, Span[]>();
  for (const span of spans) {
    const siblings = children.get(parents.get(span));
    if (siblings === undefined) children.set(parents.get(span), [span]);
    else siblings.push(span);
  }
  // No recursion: a trace may be as deep as it has spans.
  const nodes = new Map(spans.map((span) => [span, { span, children: [] as SpanNode[] }]));
  for (const [parent, below] of children) {
    const node = parent === undefined ? undefined : nodes.get(parent);
    for (const span of below) {
      const child = nodes.get(span);
      if (child !== undefined) node?.children.push(child);
    }
  }
  return (children.get(undefined) ?? []).flatMap((span) => nodes.get(span) ?? []);
}

function parentOf(span: Span, byId: ReadonlyMap<string, readonly Span[]>): Span | undefined {
  if (span.parentSpanId === undefined) return undefined;
  const candidates = (byId.get(span.parentSpanId) ?? []).filter((one) => one !== span);
  return (
    candidates.find(
      ({ startNs, durationNs }) => startNs <= span.startNs && span.startNs <= startNs + durationNs,
    ) ?? candidates[0]
  );
}

function isAncestor(span: Span, of: Span, parents: ReadonlyMap<Span, Span>): boolean {
  for (let at: Span | undefined = of; at !== undefined; at = parents.get(at)) if (at === span) return true;
  return false;
}

/** Each span with how deep it stands, in the order in which a tree is written down. */
export function* flattened(roots: readonly SpanNode[]): Generator<{ span: Span; depth: number }> {
  const waiting = roots.map((node) => ({ node, depth: 0 })).toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    yield { span: node.span, depth };
    for (const child of node.children.toReversed()) waiting.push({ node: child, depth: depth + 1 });
  }
}
