import type { JsonObject } from '../relations/python-json.ts';
import { type ApiKind, apiKinds } from './correlations/api-table.ts';
import { type LinkKind, type LinkOptions, linkKinds, type Signal } from './correlations/correlation.ts';

/** Which peer applications to link to for one signal: these first, in this order. */
export interface AppChoice {
  readonly apps: readonly string[];
  /** Whether any other will do where none of `apps` has a datasource; otherwise they are pinned. */
  readonly others: boolean;
}

/** What the operator wants of a datasource's links, other than by default. */
export interface Preferences extends LinkOptions {
  /** Those that only gateways with `grafana-correlations` make are among them. */
  readonly kinds: readonly (LinkKind | ApiKind)[];
  readonly apps: Readonly<Record<Signal, AppChoice>>;
  /** Merged over all that is generated, as JSON Merge Patch (RFC 7396) has it: null takes a field away. */
  readonly jsonData: JsonObject;
}

/** Every kind there is, in the order in which they are shown. */
export const allKinds: Preferences['kinds'] = [...linkKinds, ...apiKinds];

const anyApp: AppChoice = { apps: [], others: true };

export const defaultPreferences: Preferences = {
  kinds: allKinds,
  apps: { metrics: anyApp, logs: anyApp, traces: anyApp, profiles: anyApp },
  tracesToLogs: {},
  tracesToMetrics: {},
  jsonData: {},
};
