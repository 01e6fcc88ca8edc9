import type { Databag, Status, UnitName } from '#lib/juju';
import type { GrafanaAnswer } from '#src/relations/grafana-datasource';
import type { DatasourceList } from '#src/relations/grafana-datasource-exchange';
import type { Finding } from './finding.ts';
import type { GatewayView, SourceRelation } from './gateway-view.ts';
import type { Preferences } from './preferences.ts';
import type { SecretView } from './secret-view.ts';

/** Who this unit is. */
export interface Self {
  readonly unit: UnitName;
  readonly app: string;
  readonly unitNumber: number;
  readonly model: string;
  readonly modelUuid: string;
  readonly leader: boolean;
}

/** This application registers with one Grafana: one relation of endpoint `grafana-source`. */
export interface GrafanaRelation {
  readonly relationId: number;
  readonly remoteApp: string;
  readonly answer: GrafanaAnswer;
  readonly findings: readonly Finding[];
  /** What this application has said there; null for a follower, who may not read it. */
  readonly localAppData: Databag | null;
  readonly localUnitData: Databag;
}

/** One relation of `send-datasource` or `receive-datasource`: the two work alike. */
export interface ExchangeRelation {
  readonly relationId: number;
  readonly endpoint: string;
  readonly remoteApp: string;
  /** Null: the peer has not published yet, or nothing that could be read (then there are findings). */
  readonly datasources: DatasourceList | null;
  readonly findings: readonly Finding[];
  readonly localAppData: Databag | null;
}

/** This application as a datasource; present when `datasource-type` and `datasource-url` are set. */
export interface DatasourceView {
  /** Grafana plugin id, which `datasource-type` stands for. */
  readonly type: string;
  /** Where Grafana reaches this unit, placeholders filled in. */
  readonly url: string;
  /** Each unit is a datasource of its own; otherwise the leader registers the one for the application. */
  readonly perUnit: boolean;
  /** What the operator wants of its links. */
  readonly preferences: Preferences;
}

/** The peer relation, over which the leader tells its followers what only a leader can read. */
export interface PeerView {
  readonly relationId: number;
  readonly appData: Databag;
}

/** The relation of endpoint `charm-tracing`. Where traces go from there is no matter for decisions. */
export interface TracingView {
  readonly relationId: number;
  readonly remoteApp: string;
  readonly findings: readonly Finding[];
  readonly localAppData: Databag | null;
}

/**
 * All that one hook looks at: read once by `observe`, never changed. What could not be decoded is in it as
 * findings, so that deciding never has to fail.
 */
export interface View {
  readonly self: Self;
  /** What is wrong with the operator's config, as lines for `juju status`. */
  readonly configProblems: readonly string[];
  readonly datasource: DatasourceView | null;
  /** Relations of endpoint `grafana-source`; there may be some when this application is no datasource (yet). */
  readonly grafanas: readonly GrafanaRelation[];
  readonly exchange: readonly ExchangeRelation[];
  /** What this application shares with those Grafanas in secret; null for a follower. */
  readonly secret: SecretView | null;
  readonly gateway: GatewayView | null;
  /** Relations of endpoint `datasources`; null for a follower, who has no part in them. */
  readonly sources: readonly SourceRelation[] | null;
  readonly peer: PeerView | null;
  /** What the fingerprints of secrets in `sources` were made with; null where there are none. */
  readonly fingerprintKey: string | null;
  /** Absent or null: this application is not to send traces. */
  readonly tracing?: TracingView | null;
  readonly status: Status;
}
