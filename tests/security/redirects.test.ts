import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { type GrafanaAuth, type GrafanaClient, grafanaClient, isGrafanaApiError } from '#src/grafana';
import { otlpEndpoint } from '../../src/tracing/otlp-http.ts';
import { gatewayWorld, runCharm, said, source } from '../charm/worlds.ts';
import { HostileServer } from './servers.ts';

const auths: readonly GrafanaAuth[] = [
  { kind: 'bearer', token: 'glsa_the-token-of-the-first-server' },
  { kind: 'basic', user: 'admin', password: 'the-password-of-the-first-server' },
];

const calls: readonly [what: string, call: (client: GrafanaClient) => Promise<unknown>][] = [
  ['GET', (client) => client.listDatasources()],
  ['POST', (client) => client.createDatasource({ name: 'a', type: 'tempo', access: 'proxy' })],
  [
    'PUT',
    (client) => client.updateDatasource('a', { name: 'a', type: 'tempo', access: 'proxy', version: 1 }),
  ],
  ['DELETE', (client) => client.deleteDatasource('a')],
];

/** Where a redirect may lead, as its `Location` says it. */
const targets: readonly [what: string, location: (first: HostileServer, second: HostileServer) => string][] =
  [
    ['another port', (_, second) => `${second.url}/api/datasources`],
    ['another name', (_, second) => `http://localhost:${second.port}/api/datasources`],
    ['another host, without a scheme', (_, second) => `//127.0.0.1:${second.port}/api/datasources`],
    [
      'another host, in the user part',
      (first, second) => `http://127.0.0.1:${first.port}@127.0.0.1:${second.port}/`,
    ],
    ['another scheme', (_, second) => `https://127.0.0.1:${second.port}/api/datasources`],
    ['a file', () => 'file:///etc/passwd'],
    ['the same host', () => '/api/elsewhere'],
    ['itself', (first) => `${first.url}/api/datasources`],
    ['nowhere', () => 'http://'],
  ];

suite('security: redirects', () => {
  for (const status of [300, 301, 302, 303, 307, 308]) {
    for (const [what, location] of targets) {
      test(`${status} to ${what}: nobody is asked but the first server, and once`, async () => {
        await using second = await HostileServer.start((_, response) => response.end('[]'));
        await using first = await HostileServer.start((_, response) => {
          response.writeHead(status, { location: location(first, second) }).end();
        });
        for (const auth of auths) {
          for (const [method, call] of calls) {
            first.asked.length = 0;
            const client = grafanaClient({ url: first.url, auth, sleep: async () => {} });
            const error = await call(client).catch((thrown: unknown) => thrown);
            assert.ok(isGrafanaApiError(error, 'MISCONFIGURED'), inspect(error));
            assert.match(error.remedy, /redirect/);
            assert.deepEqual(
              first.asked.map((asked) => asked.method),
              [method],
            );
          }
        }
        assert.equal(second.connections, 0);
      });
    }
  }

  test('a login page that a gateway is sent to is told as a redirect, and where it led is in nothing', async () => {
    await using second = await HostileServer.start((_, response) => response.end('[]'));
    await using first = await HostileServer.start(({ headers }, response) => {
      const seen = encodeURIComponent(headers.authorization ?? '');
      response.writeHead(302, { location: `${second.url}/login?sent=${seen}` }).end();
    });
    const grafana = { url: first.url, token: 'glsa_the-token-of-the-first-server' };
    const out = await runCharm(
      'config-changed',
      gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]),
    );
    assert.equal(out.state.unitStatus.status, 'blocked');
    assert.match(out.state.unitStatus.message, /it answers with a redirect$/);
    assert.doesNotMatch(said(out), /the-token-of|login\?/);
    assert.equal(second.connections, 0);
  });

  for (const status of [301, 302, 307, 308]) {
    test(`traces do not go on to where a tracing backend redirects with ${status}`, async () => {
      await using second = await HostileServer.start((_, response) => response.end());
      await using first = await HostileServer.start((_, response) => {
        response.writeHead(status, { location: `${second.url}/v1/traces` }).end();
      });
      const endpoint = otlpEndpoint(first.url);
      const outcome = await endpoint.send(Buffer.from('a trace'), new AbortController().signal);
      endpoint.close();
      assert.deepEqual([outcome.kind, first.asked.length, second.connections], ['away', 1, 0]);
    });
  }
});
