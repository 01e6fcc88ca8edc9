import assert from 'node:assert/strict';
import { downstreamError } from '../../../lib/grafana-plugin/index.ts';
import { id, serving } from './serving.ts';

suite('what can be seen of a plugin', () => {
  test('each call is counted by endpoint, status and source', async () => {
    await using plugin = await serving({
      checkHealth: () => ({ status: 'ok', message: '' }),
      queryData: () => ({ A: downstreamError('no') }),
    });
    await plugin.checkHealth();
    await plugin.checkHealth();
    await plugin.query([{ refId: 'A' }]);
    const text = await plugin.metrics();
    assert.match(
      text,
      /^grafana_plugin_request_total\{endpoint="checkHealth",status="ok",status_source="plugin"\} \d+$/m,
    );
    assert.match(
      text,
      /^grafana_plugin_request_total\{endpoint="queryData",status="error",status_source="downstream"\} \d+$/m,
    );
    assert.match(
      text,
      /^grpc_server_handled_total\{grpc_type="unary",grpc_service="pluginv2.Data",grpc_method="QueryData",grpc_code="OK"\} \d+$/m,
    );
    assert.match(text, /^plugins_active_instances \d+$/m);
    assert.match(text, /^process_resident_memory_bytes \d+$/m);
  });

  test('a line of the log says on whose behalf it was written', async () => {
    await using plugin = await serving({
      checkHealth({ log }) {
        log.info('looking', { at: 'it' });
        return { status: 'ok', message: '' };
      },
    });
    await plugin.checkHealth({
      uid: 'things-1',
      metadata: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    const line = plugin.log.find((record) => record['@message'] === 'looking');
    assert.deepEqual(
      [line?.['@level'], line?.at, line?.pluginId, line?.endpoint, line?.dsUid, line?.uname, line?.traceId],
      ['info', 'it', id, 'checkHealth', 'things-1', 'Ann', '0af7651916cd43dd8448eb211c80319c'],
    );
  });

  test('an error of the plugin is logged with its stack, and a secret nowhere', async () => {
    await using plugin = await serving({
      queryData() {
        throw new Error('a bug');
      },
    });
    await assert.rejects(plugin.query([{ refId: 'A' }], { secureJsonData: { password: 'hunter2' } }), {
      code: 'UNKNOWN',
    });
    const said = JSON.stringify(plugin.log);
    assert.match(said, /observability\.test\.ts/);
    assert.ok(!said.includes('hunter2'));
  });
});
