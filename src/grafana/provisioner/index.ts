/** Brings the datasources of one Grafana to what they should be, and leaves everybody else's alone. */
export {
  type CorrelationStep,
  correlationName,
  type DesiredCorrelation,
  type HeldCorrelation,
  markedDescription,
  ownCorrelationKind,
  planCorrelations,
  readCorrelationMarker,
} from './correlation-plan.ts';
export { markerKey, ownMarker, readMarker } from './marker.ts';
export {
  type Conflict,
  canonicalType,
  type DesiredDatasource,
  type HeldDatasource,
  type ProvisionPlan,
  type ProvisionStep,
  planProvisioning,
  type SealedSecrets,
} from './plan.ts';
export { type DatasourceChange, type ProvisionResult, provision } from './provision.ts';
export { datasourceName, datasourceUid, type Topology } from './uid.ts';
