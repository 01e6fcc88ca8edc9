import * as z from 'zod';
import { json } from '#lib/juju';
import { linkKinds } from '#src/exchange';

/** Where a link starts or ends, as the charm's action `explain` says it. */
const LinkEnd = z.object({ app: z.string(), uid: z.string().nullable(), type: z.string() });

/** One link, made or not; other people's charms may have an action `explain` too, so it is read with care. */
export const ReportedLink = z.object({
  grafanaUid: z.string().nullable(),
  from: LinkEnd,
  kind: z.enum(linkKinds),
  to: LinkEnd.nullable(),
  reasons: z.array(z.object({ code: z.string(), message: z.string(), remedy: z.string() })),
});
export type ReportedLink = z.infer<typeof ReportedLink>;

/** The result `links` of the action `explain`, as JSON. */
export const ReportedLinks = json.pipe(z.array(ReportedLink));

export interface ReportedUnit {
  readonly name: string;
  readonly leader: boolean;
  readonly status: string;
  readonly message: string;
}

export interface ReportedGrafana {
  /** In the scenario. */
  readonly name: string;
  /** What its gateway calls it on the relations; null while it has answered nobody. */
  readonly grafanaUid: string | null;
  readonly url: string;
  /** Each as `GET /api/datasources/uid/:uid` gives it, by name. */
  readonly datasources: readonly ReportedDatasource[];
  /** Absent where the scenario does not ask for them. */
  readonly correlations?: readonly ReportedCorrelation[];
}

/** A correlation that a gateway made, by the applications at its ends. */
export interface ReportedCorrelation {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
}

export interface ReportedDatasource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** How a scenario ended: what `crosslink up --json` prints. */
export interface ScenarioResult {
  readonly scenario: string;
  /** No unit has an event left, and none is in error. */
  readonly settled: boolean;
  /** How many hooks were run until all had settled, retries included; waking everybody after that is not counted. */
  readonly hooks: number;
  readonly failedHooks: number;
  readonly applications: readonly { readonly name: string; readonly units: readonly ReportedUnit[] }[];
  readonly grafanas: readonly ReportedGrafana[];
  readonly links: readonly ReportedLink[];
  /**
   * What crosslink wrote, or failed in, when `update-status` woke everybody in the end, a line each: nothing, if all is
   * well.
   */
  readonly restless: readonly string[];
  /** What is otherwise than the scenario expects, a line each. */
  readonly differences: readonly string[];
}
