/**
 * The interface `grafana_datasource`, both sides and both generations. The *provider* is the datasource (tempo,
 * mimir, ...), the *requirer* is Grafana.
 * @see canonical/charm-relation-interfaces: interfaces/grafana_datasource/v0
 */
export {
  correlationsKey,
  isTakingCorrelations,
  offerCorrelationsDatabag,
  type SourceCorrelation,
  type Transformation,
  takesNoCorrelations,
} from './correlations.ts';
export {
  assignedUids,
  type Generation,
  type GrafanaAnswer,
  generationOf,
  offerAppDatabag,
  offeredSecret,
  offeredUrls,
  offerSecretDatabag,
  offerUnitDatabag,
  readAnswer,
  type SourceOffer,
} from './provider.ts';
export {
  type Answer,
  answerDatabag,
  noAnswer,
  type RegisteredSource,
  readSource,
  type SourceReading,
} from './requirer.ts';
export {
  readSecureJsonData,
  readSecureJsonDataSecret,
  type SecureJsonData,
  type SecureJsonDataProblem,
  type SecureJsonDataReading,
  secureJsonDataKey,
  secureJsonDataSecret,
} from './secure-json-data.ts';
