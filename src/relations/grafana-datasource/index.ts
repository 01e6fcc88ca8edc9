/**
 * The interface `grafana_datasource`, both sides and both generations. The *provider* is the datasource (tempo,
 * mimir, ...), the *requirer* is Grafana.
 * @see canonical/charm-relation-interfaces: interfaces/grafana_datasource/v0
 */
export {
  assignedUids,
  type Generation,
  type GrafanaAnswer,
  generationOf,
  offerAppDatabag,
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
