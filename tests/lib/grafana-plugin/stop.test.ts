import assert from 'node:assert/strict';
import { createLogger } from '#lib/go-plugin';
import { datasourceMaker } from '../../../lib/grafana-plugin/instance-of.ts';
import { pluginParts } from '../../../lib/grafana-plugin/serve.ts';
import type { Tracing } from '../../../lib/grafana-plugin/tracing/tracing.ts';
import { call } from './tracing/calls.ts';

suite('a plugin that stops', () => {
  test('sends its spans also where an instance never finishes to dispose of itself', async () => {
    const flushed = Promise.withResolvers<void>();
    const tracing: Tracing = {
      interceptor: (_call, run) => run(),
      endpoint: (_endpoint, _context, run) =>
        run({ setAttributes() {} } as unknown as Parameters<typeof run>[0]),
      query: (_query, run) => run(),
      shutdown: async () => flushed.resolve(),
    };
    let disposing = false;
    const create = () => ({
      checkHealth: () => ({ status: 'ok', message: '' }) as const,
      dispose() {
        disposing = true;
        return new Promise<void>(() => {});
      },
    });
    const parts = pluginParts(
      { id: 'acme-things-datasource' },
      (log) => datasourceMaker({ create }, log),
      createLogger({ level: 'off' }),
      tracing,
    );
    const methods = parts.services.flatMap((service) => service.methods);
    const checkHealth = methods.find(({ descriptor }) => descriptor.name === 'CheckHealth')
      ?.run as unknown as (message: object, at: ReturnType<typeof call>) => Promise<unknown>;
    await checkHealth({ pluginContext: { dataSourceInstanceSettings: { uid: 'a' } } }, call());
    void parts.stop();
    await flushed.promise;
    assert.ok(disposing);
  });
});
