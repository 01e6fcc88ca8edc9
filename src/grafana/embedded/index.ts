export type { Role } from './auth.ts';
export { generateToken } from './auth.ts';
export type { CorrelationRow } from './correlation-store.ts';
export type { Misbehaviour } from './misbehaviour.ts';
export type { PluginHealth } from './routes/route.ts';
export type { CorrelationSeed, DatasourceSeed } from './seed.ts';
export type { DatasourceSnapshot, EmbeddedGrafanaOptions, LoggedRequest } from './server.ts';
export { EmbeddedGrafana } from './server.ts';
