import assert from 'node:assert/strict';
import type { StreamStatus } from '../../../lib/grafana-plugin/index.ts';
import { startTestPlugin } from '../../../lib/grafana-plugin/testing/index.ts';

suite('who may follow a stream', () => {
  for (const strange of ['denied', { status: 'OK' }, { status: undefined }, {}]) {
    test(`an answer that is no status lets nobody in: ${JSON.stringify(strange)}`, async () => {
      const answer = () => strange as StreamStatus;
      await using plugin = await startTestPlugin({
        id: 'acme-things-datasource',
        create: () => ({ subscribeStream: answer, publishStream: answer }),
      });
      await assert.rejects(plugin.subscribe('x'), /no status of a stream/);
      await assert.rejects(plugin.publish('x', {}), /no status of a stream/);
    });
  }
});
