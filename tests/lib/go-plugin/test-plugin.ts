// A plugin that hosts of the tests start: it serves Tester, and prints where nothing may be printed.
import { env } from 'node:process';
import { createLogger, serve, serveStandalone } from '#lib/go-plugin';
import { tester } from './tester.ts';

console.log('printed while modules are loaded');
const log = createLogger({ name: 'test' });
const services = ({ broker }: { broker: Parameters<typeof tester>[0] }) => [tester(broker)];
if (env.TEST_PLUGIN_STANDALONE !== undefined) {
  await serveStandalone({ services, address: env.TEST_PLUGIN_STANDALONE, version: 3 });
} else {
  await serve({
    cookie: { key: 'TEST_PLUGIN', value: 'yes' },
    versions: { 2: [], 3: services },
    log,
    ...(env.TEST_PLUGIN_NETWORK === 'tcp' ? { network: 'tcp' as const } : {}),
    stop: async () => log.info('flushed'),
  });
  log.info('ready', { pid: process.pid });
  console.log('printed after the handshake');
}
