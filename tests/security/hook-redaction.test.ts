import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { HookEvent } from '#lib/juju';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { recordTrace } from '#src/tracing';
import { gatewayWorld, runCharm, said, source, withRelation } from '../charm/worlds.ts';
import { Collector } from '../src/tracing/collector.ts';
import { assertHidden, contents, echoing, held, password, spellings, token, user } from './spellings.ts';

suite('security: secrets in what is told', () => {
  suite('of a hook, whose Grafana repeats what it got', () => {
    const asks: readonly (string | HookEvent)[] = [
      'config-changed',
      'update-status',
      ...['explain', 'reconcile', 'show-datasources'].map(
        (action): HookEvent => ({ kind: 'action', action, actionId: '1' }),
      ),
    ];
    for (const [what, content] of contents) {
      for (const status of [400, 401, 403, 409, 500]) {
        test(`${what}, ${status}: statuses, databags, log, action results, spans`, async () => {
          for (const how of ['in JSON as Go writes it', 'in base64', 'over lines'] as const) {
            await using server = await echoing(spellings[how] ?? String, status);
            const grafana = await EmbeddedGrafana.start({ token, adminUser: user, adminPassword: password });
            await using collector = await Collector.start();
            const folder = await mkdtemp(join(tmpdir(), 'crosslink-redaction-'));
            const data = { secure_extra_fields: { basicAuthPassword: held } };
            const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo', data })], {
              content,
            });
            const earlier = { secure_extra_fields: { basicAuthPassword: 'the one before' } };
            const before = source('tempo', { app: 'http://tempo', data: earlier });
            const { state } = await runCharm('config-changed', gatewayWorld(grafana, [before], { content }));
            const moved = source('tempo', { app: 'http://moved', data });
            const listed = withRelation(
              state,
              { endpoint: 'datasources' },
              { remoteAppData: moved.remoteAppData ?? {} },
            );
            for (const world of [
              { ...given, config: { ...given.config, 'grafana-url': server.url } },
              listed,
            ]) {
              for (const [n, hook] of asks.entries()) {
                // It lists what it has, and complains of what is written.
                const repeated = n % 2 === 0 ? (content.token ?? password) : held;
                grafana.behave();
                grafana.misbehave({
                  match: { method: 'PUT' },
                  answer: {
                    status,
                    headers: { 'content-type': 'application/json' },
                    body: JSON.stringify({ message: spellings[how]?.(repeated) }),
                  },
                });
                await recordTrace(
                  { name: 'hook', attributes: {}, resource: {}, baseUrl: collector.url, folder },
                  async () => {
                    const out = await runCharm(hook, world);
                    // The source's own databag is its own.
                    const relations = out.state.relations.map((one) => ({ ...one, remoteAppData: {} }));
                    assertHidden(said({ ...out, state: { ...out.state, relations } }), token, password, held);
                  },
                  async () => {},
                );
              }
            }
            assert.ok(grafana.writes.some(({ method }) => method === 'PUT'));
            await grafana.stop();
            await rm(folder, { recursive: true });
            assert.ok(collector.traces.length >= asks.length);
            const spans = inspect(collector.traces, {
              depth: 9,
              maxArrayLength: null,
              maxStringLength: null,
            });
            assertHidden(spans, token, password, held);
          }
        });
      }
    }
  });
});
