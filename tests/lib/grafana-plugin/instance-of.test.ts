import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { createLogger } from '#lib/go-plugin';
import { datasourceMaker, PluginInstances } from '../../../lib/grafana-plugin/instance-of.ts';
import { pluginContextFrom } from '../../../lib/grafana-plugin/plugin-context.ts';
import * as pb from '../../../lib/grafana-plugin/proto/backend_pb.ts';
import { currentScope, inScope, type Scope } from '../../../lib/grafana-plugin/scope.ts';
import { call, scope } from './tracing/calls.ts';

const log = createLogger({ level: 'off' });
const contextOf = (orgId: bigint, grafanaConfig: Record<string, string> = {}) =>
  pluginContextFrom(
    create(pb.PluginContextSchema, {
      orgId,
      dataSourceInstanceSettings: {
        uid: 'prometheus',
        id: 0n,
        lastUpdatedMS: 1_000n,
      },
      grafanaConfig,
    }),
  );

suite('the instance of a call', () => {
  test('is never that of another organisation: both may have a datasource of this uid, set up in the same second', async () => {
    const instances = new PluginInstances(datasourceMaker({ create: () => ({}) }, log), log);
    const one = await instances.of(contextOf(1n));
    const two = await instances.of(contextOf(2n));
    assert.notEqual(one, two);
    assert.equal(await instances.of(contextOf(1n)), one, 'and neither is made anew for the other');
    assert.deepEqual(instances.counts, { active: 2, created: 2 });
  });

  test('is one for each key of the secure SOCKS proxy', async () => {
    const instances = new PluginInstances(datasourceMaker({ create: () => ({}) }, log), log);
    const config = (key: string) => ({ GF_SECURE_SOCKS_DATASOURCE_PROXY_CLIENT_KEY_VAL: key });
    const a = await instances.of(contextOf(1n, config('a')));
    await instances.of(contextOf(1n, config('b')));
    assert.equal(await instances.of(contextOf(1n, config('a'))), a);
  });

  test('outlives the call that it is made in: not cancelled with it, and without its user’s headers', async () => {
    let within: Scope | undefined;
    const instances = new PluginInstances(
      datasourceMaker(
        {
          create() {
            within = currentScope();
            return {};
          },
        },
        log,
      ),
      log,
    );
    const abort = new AbortController();
    const context = contextOf(1n);
    const first = scope({
      call: call({ tenantid: 'seven' }, { signal: abort.signal }),
      context,
      headers: new Headers({ authorization: 'Bearer of-the-user' }),
    });
    await inScope(first, () => instances.of(context));
    abort.abort();
    assert.equal(within?.call.signal.aborted, false);
    assert.deepEqual([...(within?.headers ?? ['none'])], []);
    assert.equal(within?.context, context, 'what Grafana says of the datasource and the proxy is there');
    assert.equal(within?.call.metadata.get('tenantid'), 'seven');
  });
});
