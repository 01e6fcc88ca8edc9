/** Looks at a Grafana without Juju: which datasource is linked to which, what is wrong, and mends it. */
export { diagnoseGrafana } from './diagnose-live.ts';
export { type Hunk, jsonDiff } from './json-diff.ts';
export type { LiveDatasource, LiveGrafana } from './live-grafana.ts';
export { connect, type GrafanaAddress, type InFull, inFull, observe } from './observe.ts';
export { type KeptByCharm, type Proposal, type Proposals, propose } from './propose.ts';
export { provisioned } from './provisioned.ts';
export { savedGrafanaText, shownJsonData } from './saved-grafana.ts';
export { type Change, type Outcome, write } from './write.ts';
