import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { createLogger } from '#lib/go-plugin';
import { GrafanaConfig } from '../../../lib/grafana-plugin/grafana-config.ts';
import { pluginContext } from './tracing/calls.ts';

suite("Grafana's configuration", () => {
  test('holds secrets, and shows none of them when it is printed', () => {
    const grafana = new GrafanaConfig({
      GF_PLUGIN_APP_CLIENT_SECRET: 'hunter2',
      GF_SECURE_SOCKS_DATASOURCE_PROXY_CLIENT_KEY_VAL: 'hunter2',
    });
    assert.equal(grafana.get('GF_PLUGIN_APP_CLIENT_SECRET'), 'hunter2');
    assert.equal(grafana.values.GF_PLUGIN_APP_CLIENT_SECRET, 'hunter2');
    const lines: string[] = [];
    const context = pluginContext({ grafana });
    createLogger({ write: (line) => lines.push(line) }).info('here', { context, grafana });
    for (const shown of [inspect(context, { depth: 9 }), JSON.stringify(context), ...lines]) {
      assert.doesNotMatch(shown, /hunter2/);
    }
  });
});
