/**
 * What a Grafana and its plugins know each other by: the same for all types of plugin.
 * @see grafana/grafana-plugin-sdk-go: backend/grpcplugin/handshake.go
 */
export const cookie = { key: 'grafana_plugin_type', value: 'datasource' } as const;

/** Of the protocol that `proto/` describes; there is one. */
export const protocolVersion = 2;
