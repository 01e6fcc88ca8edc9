import type { AgentSocketForm } from '#src/local';

/**
 * The scenarios that run in trouble, and which way their hooks take there in the first round, which is CI's. By the
 * other way each runs undisturbed (tests/sim/run.ts). Not here, for their time: the largest two, and `cos`, which is
 * `late-relations` with more units. They run when asked for by name.
 */
export const wayInTrouble: ReadonlyMap<string, AgentSocketForm> = new Map([
  ['two-grafanas', 'none'],
  ['app-level', 'abstract'],
  ['late-relations', 'none'],
  ['legacy', 'none'],
  ['correlations', 'abstract'],
]);
