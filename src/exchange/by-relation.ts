import type { View } from './view.ts';

/**
 * The same view, relations in the order of their ids: what is said of several must not hang on how they were listed.
 */
export function byRelation(view: View): View {
  const inOrder = (a: { relationId: number }, b: { relationId: number }) => a.relationId - b.relationId;
  return {
    ...view,
    grafanas: view.grafanas.toSorted(inOrder),
    exchange: view.exchange.toSorted(inOrder),
    sources: view.sources?.toSorted(inOrder) ?? null,
  };
}
