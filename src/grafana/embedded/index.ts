export type { RawRequest } from './answer.ts';
export type { Role } from './auth.ts';
export { generateToken } from './auth.ts';
export type { CorrelationRow } from './correlation-store.ts';
export type {
  DatasourceEdit,
  DatasourceSnapshot,
  GrafanaBackup,
  GrafanaInstanceOptions,
} from './instance.ts';
export { GrafanaInstance } from './instance.ts';
export type { Misbehaviour } from './misbehaviour.ts';
export type { Reply } from './respond.ts';
export type { PluginHealth } from './routes/route.ts';
export type { CorrelationSeed, DatasourceSeed } from './seed.ts';
export type { EmbeddedGrafanaOptions, LoggedRequest } from './server.ts';
export { EmbeddedGrafana } from './server.ts';
export type { Row } from './store.ts';
