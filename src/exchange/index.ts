/** The pure core: from a view to what is to be done about it, and to why. No I/O. */
export { type CorrelationNote, correlationNotes, correlationsText } from './api-correlations.ts';
export { type CorrelationItem, correlationInventory } from './correlation-inventory.ts';
export { type ApiKind, apiKinds, apiTable } from './correlations/api-table.ts';
export {
  type LinkKind,
  linkKinds,
  type Signal,
  signals,
  type Target,
  type TracesToLogsOptions,
  type TracesToMetricsOptions,
} from './correlations/correlation.ts';
export { correlationTable, linksFrom } from './correlations/table.ts';
export { datasourceTypes, pluginId } from './datasource-types.ts';
export { decide } from './decide.ts';
export { explain, type Link, type LinkEnd } from './explain.ts';
export { explainText } from './explain-text.ts';
export { type Finding, findingText } from './finding.ts';
export type { CorrelationsState, GatewayView, GrafanaState, SourceRelation } from './gateway-view.ts';
export type { DatabagIntent, Intent } from './intent.ts';
export {
  type Asker,
  type InventoryItem,
  inventory,
  type OwnDatasource,
  type Owner,
  ownInventory,
} from './inventory.ts';
export { readFingerprintKey } from './peer-databag.ts';
export { type AppChoice, allKinds, defaultPreferences, type Preferences } from './preferences.ts';
export { type Reason, type ReasonCode, reasonCodes } from './reasons.ts';
export { type SecretNote, secretNotes } from './secret-sharing.ts';
export type { SecretIntent, SecretView } from './secret-view.ts';
export type {
  DatasourceView,
  ExchangeRelation,
  GrafanaRelation,
  PeerView,
  Self,
  TracingView,
  View,
} from './view.ts';
