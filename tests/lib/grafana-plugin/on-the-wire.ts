import { Client as Connection, credentials } from '@grpc/grpc-js';
import { createLogger, serveStandalone } from '#lib/go-plugin';
import type { Datasource } from '../../../lib/grafana-plugin/index.ts';
import { datasourceMaker } from '../../../lib/grafana-plugin/instance-of.ts';
import { pluginParts } from '../../../lib/grafana-plugin/serve.ts';
import { harmlessEffects } from '../go-plugin/helpers.ts';

/** A connection to a datasource, for what `startTestPlugin` has read already when it hands it out. */
export async function onTheWire<T>(
  datasource: Datasource,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const parts = pluginParts(
    { id: 'acme-things-datasource' },
    (log) => datasourceMaker({ create: () => datasource }, log),
    createLogger({ level: 'off' }),
    undefined,
  );
  const running = await serveStandalone(parts, harmlessEffects());
  const connection = new Connection(running.address, credentials.createInsecure());
  try {
    return await use(connection);
  } finally {
    connection.close();
    await running.stop();
  }
}

/** As Grafana says which datasource a call is about. */
export const pluginContext = { dataSourceInstanceSettings: { uid: 'things-1' } };
