import type { Databag } from '#lib/juju';
import type { HeldCorrelation, HeldDatasource, SealedSecrets } from '#src/grafana/provisioner';
import type { SourceReading } from '#src/relations/grafana-datasource';
import type { Finding } from './finding.ts';

/** One relation of endpoint `datasources`: an application that registers with this Grafana. */
export interface SourceRelation {
  readonly relationId: number;
  readonly remoteApp: string;
  readonly reading: SourceReading;
  /** What it shares in a secret of its own; null when that is nothing. */
  readonly sealed: SealedSecrets | null;
  /** Of all the secrets it sent along, keyed so that nobody can guess them from it; null when it sent none. */
  readonly secureFingerprint: string | null;
  readonly findings: readonly Finding[];
  /** What this application has answered there. */
  readonly localAppData: Databag;
}

/** What Grafana said when it was asked. `remedy` is a line for `juju status`. */
export type GrafanaState =
  | { readonly state: 'ok'; readonly datasources: readonly HeldDatasource[] }
  | { readonly state: 'failed'; readonly fixedBy: 'operator' | 'time'; readonly remedy: string };

/** What Grafana said of its correlations. `unsupported`: it has no API for them, or one that is too old. */
export type CorrelationsState =
  | { readonly state: 'ok'; readonly held: readonly HeldCorrelation[] }
  | { readonly state: 'unsupported' }
  | { readonly state: 'failed'; readonly fixedBy: 'operator' | 'time'; readonly remedy: string };

/** This application as the gateway to one Grafana; present when `grafana-url` is set. */
export interface GatewayView {
  readonly grafanaUid: string;
  readonly baseUrl: string;
  /** What its datasources are marked with in Grafana. */
  readonly marker: string;
  /** Whether the operator wants correlations made; absent like false. */
  readonly correlations?: boolean;
  /** Null for a follower, who neither asks Grafana nor answers anybody. */
  readonly work: {
    readonly grafana: GrafanaState;
    /** Null or absent: not asked, since none are wanted and none were made. */
    readonly correlations?: CorrelationsState | null;
  } | null;
}
