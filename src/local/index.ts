/** Scenario files, run in a local Juju model against embedded Grafanas. */
export { type Activity, type AgentSocketForm, agentSocketForms } from '#lib/juju-local';
export { Interrupted, UsageError } from './errors.ts';
export { inOptions, shownUrl } from './grafana-option.ts';
export type { GrafanaUnderTest, RealGrafana } from './grafana-under-test.ts';
export { type LoadedScenario, loadScenario, projectFolder, scenarioNames } from './load-scenario.ts';
export type { Phase } from './phase.ts';
export type { ReportedDatasource, ReportedGrafana, ReportedLink, ScenarioResult } from './result.ts';
export type { RunOptions } from './run-options.ts';
export { type RunningScenario, runScenario } from './run-scenario.ts';
export type { Scenario } from './scenario.ts';
