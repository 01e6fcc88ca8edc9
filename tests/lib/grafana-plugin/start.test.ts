import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const library = import.meta.resolve('../../../lib/grafana-plugin/index.ts');
const testing = import.meta.resolve('../../../lib/grafana-plugin/testing/index.ts');

async function run(source: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { out, said, code };
}

suite('a plugin that starts', () => {
  test('and cannot, as Grafana’s tracing settings make no sense, says so where Grafana’s log shows it', async () => {
    const { said, out, code } = await run(
      `import { serveDatasource } from ${JSON.stringify(library)};
       await serveDatasource({ id: 'acme-things-datasource', create: () => ({}) });`,
      {
        grafana_plugin_type: 'datasource',
        PLUGIN_PROTOCOL_VERSIONS: '2',
        GF_INSTANCE_OTLP_ADDRESS: '127.0.0.1:4317',
        GF_INSTANCE_OTLP_SAMPLER_TYPE: 'dice',
      },
    );
    assert.deepEqual([code, out], [1, '']);
    const [line = ''] = said.split('\n');
    const { '@level': level, error } = JSON.parse(line) as Record<string, string>;
    assert.equal(level, 'error');
    assert.match(error ?? '', /GF_INSTANCE_OTLP_SAMPLER_TYPE/);
    assert.equal(said.trim(), line, 'and nothing else: a raw stack is no line of its log');
  });

  test('under another id than plugin.json has says so', async () => {
    const { said } = await run(
      `globalThis.__CROSSLINK_PLUGIN_BUILD__ = { id: 'acme-other-datasource', version: '1.0.0', time: '' };
       const { serveDatasource } = await import(${JSON.stringify(library)});
       await serveDatasource({ id: 'acme-things-datasource', create: () => ({}) });`,
      // It ends at once, of something else.
      { GF_INSTANCE_OTLP_ADDRESS: '127.0.0.1:4317', GF_INSTANCE_OTLP_SAMPLER_TYPE: 'dice' },
    );
    const [line = ''] = said.split('\n');
    const { '@level': level, '@message': message } = JSON.parse(line) as Record<string, string>;
    assert.equal(level, 'warn');
    assert.match(message ?? '', /acme-other-datasource.*acme-things-datasource/);
  });

  test('counts beside an author who has asked prom-client for its default metrics', async () => {
    const { out, said } = await run(
      `import { collectDefaultMetrics } from 'prom-client';
       import { startTestPlugin } from ${JSON.stringify(testing)};
       collectDefaultMetrics();
       const plugin = await startTestPlugin({ id: 'acme-things-datasource', create: () => ({}) });
       console.log(await plugin.metrics());
       await plugin.stop();`,
    );
    assert.match(out, /^process_cpu_user_seconds_total /m, said);
    assert.match(out, /^# TYPE grafana_plugin_request_total /m);
  });
});
