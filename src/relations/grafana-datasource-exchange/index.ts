/**
 * The interface `grafana_datasource_exchange`: datasource applications tell each other their UIDs. Both sides
 * write the same thing and read the same thing.
 * @see canonical/charm-relation-interfaces: interfaces/grafana_datasource_exchange/v0
 */
export {
  type DatasourceList,
  datasourcesDatabag,
  ExchangedDatasource,
  readDatasources,
} from './datasources.ts';
