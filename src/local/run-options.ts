import type { Activity, AgentSocketForm, CharmFunction, LocalModel, RetryPolicy } from '#lib/juju-local';
import type { GrafanaUnderTest, RealGrafana } from './grafana-under-test.ts';
import type { Phase } from './phase.ts';

/** How a scenario is run. */
export interface RunOptions {
  /** Use this one in place of an embedded Grafana. */
  readonly grafana?: RealGrafana;
  /** Relations are made, and events delivered, in an order that follows from this number. */
  readonly shuffle?: number;
  /** How long the model may take to settle, each time. Default 300 s. */
  readonly timeoutMs?: number;
  /** Called for crosslink's own hooks, in place of a process for each. */
  readonly charm?: CharmFunction;
  /** Where crosslink's own charm is, in place of the project's folder: a packed one, unpacked. */
  readonly charmFolder?: string;
  /** What hooks have on their PATH besides the hook tools. Default: this process's PATH. */
  readonly agentPath?: string;
  /** How hooks reach their unit's agent. Default: `file`, as by Juju today. */
  readonly agentSocket?: AgentSocketForm;
  /**
   * Where hooks send their traces, over OTLP: the base URL. Applications that can send some are related to one more
   * that says so, unless the scenario relates them to another. Default: none are sent.
   */
  readonly otlpHttpUrl?: string;
  /** How hooks that failed are run again. Default: sooner than Juju, and four times in all. */
  readonly retry?: RetryPolicy;
  /** Puts something before each Grafana, such as a proxy. @returns the URL that gateways are given */
  readonly grafanaUrl?: (grafana: GrafanaUnderTest) => Promise<string>;
  /** Ends the run: running hooks are killed, everything is taken down, and `Interrupted` is thrown. */
  readonly signal?: AbortSignal;
  readonly onActivity?: (activity: Activity) => void;
  /** Told before each phase, which begins when this is done. */
  readonly onPhase?: (phase: Phase, model: LocalModel) => void | Promise<void>;
}
