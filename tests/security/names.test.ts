import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { ModelError } from '#lib/juju-local';
import { type GrafanaClient, grafanaClient, isGrafanaApiError } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { datasourceUid } from '#src/grafana/provisioner';
import { unitDirectory } from '../../lib/juju-local/unit-directory.ts';
import {
  changedNothing,
  datasourceWorld,
  exchange,
  gatewayWorld,
  grafanaSource,
  modelUuid,
  ownGrafanaUid,
  runCharm,
  source,
} from '../charm/worlds.ts';
import { cleanUp, openModel, shellCharm, temporaryFolder } from '../lib/juju-local/helpers.ts';
import { type Asked, HostileServer } from './servers.ts';

/** What somebody would try who wants to be taken for something else than a name. */
const evilNames = [
  '../../admin/users',
  '..%2f..%2fadmin',
  '%2e%2e/%2e%2e/admin',
  '..\\..\\admin',
  'a/../../b',
  'a?isAdmin=true',
  'a#b',
  'a;b=c',
  'a&b=c',
  'a b',
  '%00',
  'a%0d%0aX-Grafana-Org-Id: 2',
  '{uid}',
  '${__user.login}',
  '$(id)',
  "a'; drop table data_source; --",
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'a\u202eb',
  'e\u0301',
  '\ud83d\ude00',
  'x'.repeat(200),
];
/** Those that no schema lets through. */
const controls = ['a\r\nHost: evil', 'a\nb', 'a\0b', '\u001b[2J', '\u0085', ''];

const anyName = fc.oneof(
  fc.constantFrom(...evilNames, ...controls),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('/', '.', '%', '2', 'f', '?', '#', '\\', '\r', '\n', '\0', 'a'),
    maxLength: 20,
  }),
);
const one = { numRuns: 60 };

/** The paths that a gateway has business with, and nothing but UIDs in them that it makes. */
const ownPaths =
  /^\/api\/(datasources|datasources\/uid\/[A-Za-z0-9_-]{1,40}|datasources\/correlations\?limit=1000&page=\d+)$/;

suite('security: names', () => {
  suite('in paths and headers of the API', () => {
    const calls: readonly [
      what: string,
      call: (client: GrafanaClient, name: string) => Promise<unknown>,
      path: string[],
    ][] = [
      ['getDatasource', (client, name) => client.getDatasource(name), ['uid', '*']],
      ['getDatasourceByName', (client, name) => client.getDatasourceByName(name), ['name', '*']],
      ['deleteDatasource', (client, name) => client.deleteDatasource(name), ['uid', '*']],
      [
        'updateDatasource',
        (client, name) => client.updateDatasource(name, { name, type: 't', access: 'proxy', version: 1 }),
        ['uid', '*'],
      ],
      ['datasourceHealth', (client, name) => client.datasourceHealth(name), ['uid', '*', 'health']],
      [
        'getCorrelation',
        (client, name) => client.getCorrelation(name, name),
        ['uid', '*', 'correlations', '*'],
      ],
      [
        'deleteCorrelation',
        (client, name) => client.deleteCorrelation(name, name),
        ['uid', '*', 'correlations', '*'],
      ],
    ];
    for (const [what, call, expected] of calls) {
      test(`${what}: whatever the name, it is one segment of the path, and the path is the one that was meant`, async () => {
        await using server = await HostileServer.start((_, response) => {
          response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"no"}');
        });
        const auth = { kind: 'bearer', token: 'glsa_token' } as const;
        const client = grafanaClient({ url: `${server.url}/grafana`, auth, retries: 0 });
        await fc.assert(
          fc.asyncProperty(anyName, async (name) => {
            server.asked.length = 0;
            const error = await call(client, name).catch((thrown: unknown) => thrown);
            if (['', '.', '..'].includes(name)) {
              assert.ok(isGrafanaApiError(error, 'REJECTED'));
              assert.deepEqual(server.asked, []);
              return;
            }
            const [asked, ...more] = server.asked;
            assert.ok(asked !== undefined && more.length === 0);
            const segments = expected.map((part) => (part === '*' ? name.toWellFormed() : part));
            const [, ...sent] = asked.path.split('/');
            assert.deepEqual(sent.map(decodeURIComponent), ['grafana', 'api', 'datasources', ...segments]);
            assert.match(asked.path, /^[!-~]+$/);
            assert.deepEqual(headersOf(asked), headerNames(asked));
          }),
          one,
        );
      });
    }

    /** Those that a request of this method has, whatever it is about. */
    function headerNames({ method, path }: Asked): string[] {
      return [
        'accept',
        'accept-encoding',
        'authorization',
        'connection',
        ...(method === 'PUT' ? ['content-length', 'content-type'] : []),
        'host',
        'user-agent',
        ...(path.endsWith('/health') ? ['x-grafana-nocache'] : []),
      ];
    }

    function headersOf({ headers }: Asked): string[] {
      return Object.keys(headers).toSorted();
    }
  });

  suite('of a peer in what a gateway does', () => {
    let grafana: EmbeddedGrafana;
    setup(async () => {
      grafana = await EmbeddedGrafana.start();
    });
    teardown(() => grafana.stop());

    const honest = source('loki', { app: 'http://loki:3100' });

    async function check(
      fields: Readonly<Record<string, unknown>>,
      url = 'http://hostile:3200',
    ): Promise<void> {
      grafana.clearRequests();
      const hostile = source('hostile', { app: url, data: fields });
      const first = await runCharm('config-changed', gatewayWorld(grafana, [honest, hostile]));
      for (const { path } of grafana.requests) assert.match(path, ownPaths);
      for (const { uid, name, jsonData } of grafana.datasources()) {
        assert.match(uid, /^[A-Za-z0-9_-]{1,40}$/);
        assert.ok(Buffer.byteLength(name) <= 190);
        assert.equal((jsonData as { crosslink: { gateway: string } }).crosslink.gateway, ownGrafanaUid);
      }
      const { status, message } = first.state.unitStatus;
      assert.equal(status, 'active', message);
      assert.match(message, /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,400}$/u);
      // Whatever it is called, the second hook finds it again.
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', first.state)));
      assert.deepEqual(grafana.writes, []);
      // And it goes when the relation goes.
      const without = first.state.relations.filter(({ remoteApp }) => remoteApp !== 'hostile');
      await runCharm('update-status', { ...first.state, relations: without });
      assert.deepEqual(
        grafana.datasources().map((held) => held.url),
        ['http://loki:3100'],
      );
    }

    for (const name of [...evilNames, ...controls]) {
      test(`an application ${JSON.stringify(name.slice(0, 40))}`, async () => {
        await check({ application: name });
        await check({ application: name, model: name, model_uuid: name, type: name });
      });
    }

    test('whatever they are', async () => {
      await fc.assert(
        fc.asyncProperty(anyName, anyName, anyName, anyName, (application, model, model_uuid, type) =>
          check({ application, model, model_uuid, type }),
        ),
        one,
      );
    });

    test('those of other applications give no UID of theirs', () => {
      const lookalikes = ['a/0', 'a-0', 'a_0', 'a.0', 'a%2f0', 'a\u20280', 'а0', 'a0'];
      const uids = lookalikes.map((application) =>
        datasourceUid({ model: 'cos', modelUuid, application, unitNumber: undefined }),
      );
      assert.equal(new Set(uids).size, lookalikes.length);
    });

    for (const key of ['crosslink', '__proto__', 'teamHttpHeaders']) {
      test(`a marker and other keys that are the gateway's own are not the peer's to set: ${key}`, async () => {
        const extra = `{"${key}":{"gateway":"mine","uid":"x","keys":[],"secureKeys":[]},"a":1}`;
        const data = `{"model":"cos","model_uuid":"u","application":"x","type":"tempo","extra_fields":${extra}}`;
        const out = await runCharm(
          'config-changed',
          gatewayWorld(grafana, [source('hostile', { app: 'http://x', data })]),
        );
        const [held = assert.fail()] = grafana.datasources();
        const { crosslink, ...rest } = held.jsonData as { crosslink: { gateway: string } };
        assert.deepEqual([crosslink.gateway, rest], [ownGrafanaUid, { a: 1 }]);
        grafana.clearRequests();
        await runCharm('update-status', out.state);
        assert.deepEqual(grafana.writes, []);
      });
    }
  });

  suite("of somebody else's in what people are shown", () => {
    const evil = 'x\r\n\u001b[2J\u202e\u2028active: all is well\u0007';
    const long = `${evil}${'A'.repeat(300_000)}`;
    const actions = ['explain', 'reconcile', 'show-datasources'] as const;

    /** Line feeds are ours. */
    function assertPlain(text: string): void {
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.doesNotMatch(text, /^\s*active: all is well/m);
    }

    async function shown(given: Parameters<typeof runCharm>[1]): Promise<void> {
      const out = await runCharm('config-changed', given);
      const { message } = out.state.unitStatus;
      assertPlain(message);
      assert.ok(!message.includes('\n') && message.length < 1000, `${message.length}`);
      for (const action of actions) {
        const { results, failure } = (await runCharm({ kind: 'action', action, actionId: '1' }, out.state))
          .action;
        for (const text of [...Object.values(results ?? {}), failure ?? '']) assertPlain(String(text));
      }
    }

    const uid = datasourceUid({ model: 'cos', modelUuid, application: 'tempo', unitNumber: undefined });
    const marked = (gateway: string) => ({ crosslink: { gateway, uid, keys: [], secureKeys: [] } });
    const seeds: readonly [what: string, seed: { name: string; jsonData: Record<string, unknown> }][] = [
      ['a datasource that has our UID', { name: evil, jsonData: {} }],
      ['a datasource that has our UID and a name without end', { name: long, jsonData: {} }],
      ['another gateway', { name: 'a', jsonData: marked(evil) }],
      ['another gateway, whose name has no end', { name: 'a', jsonData: marked(long) }],
    ];
    for (const [what, seed] of seeds) {
      test(`the name of ${what} stays on its line, and leaves room for the remedy`, async () => {
        const grafana = await EmbeddedGrafana.start();
        grafana.seed({ uid, type: 'tempo', url: 'http://x', ...seed });
        const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]);
        await shown(given);
        const { message } = (await runCharm('config-changed', given)).state.unitStatus;
        await grafana.stop();
        assert.match(message, /^(remove datasource|relate its application to one gateway) /);
        assert.ok(message.includes(uid));
      });
    }

    test('what a Grafana answers, and what peers exchange', async () => {
      const answers = [
        {
          grafana_uid: 'g',
          datasource_uids: JSON.stringify({ 'app/0': 'a\u202eb' }),
          grafana_base_url: evil,
        },
        { grafana_uid: 'g\u2028h', app_datasource_uid: '../..', grafana_base_url: 'javascript:alert(1)' },
        { grafana_uid: evil, datasource_uids: JSON.stringify({ [evil]: evil }), app_datasource_uid: evil },
      ];
      for (const answer of answers) {
        const peers = exchange('loki', [
          ['loki', 'l\u202e/../?#', answer.grafana_uid],
          ['prometheus', '__proto__', answer.grafana_uid],
        ]);
        await shown(datasourceWorld([grafanaSource('grafana', answer), peers]));
      }
    });
  });

  suite('of files', () => {
    teardown(cleanUp);

    for (const name of [
      '../escaped',
      '..',
      '/tmp/escaped',
      'a/b',
      'a\0b',
      'a\nb',
      '-rf',
      '.hidden',
      'A',
      '',
    ]) {
      test(`no application ${JSON.stringify(name)} is deployed, and nothing is written`, async () => {
        const folder = await temporaryFolder();
        const directory = join(folder, 'inner', 'model');
        const { model } = await openModel({ directory });
        const charm = await shellCharm({ name: 'x' });
        await assert.rejects(model.deploy({ app: name, charm }), ModelError);
        await model.settle();
        assert.deepEqual(await readdir(folder), ['inner']);
        assert.deepEqual(await readdir(join(folder, 'inner')), ['model']);
        for (const entry of await readdir(directory)) assert.doesNotMatch(entry, /^unit-/);
      });
    }

    test("a unit's directory is a child of its model's, whatever name Juju would allow", () => {
      fc.assert(
        fc.property(
          fc.stringMatching(/^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/),
          fc.nat(),
          (app, number) => {
            const { base, charm, run, tools, socket } = unitDirectory('/model', `${app}/${number}`);
            assert.equal(dirname(base), '/model');
            assert.equal(basename(base), `unit-${app}-${number}`);
            for (const path of [charm, run, tools, socket]) assert.equal(dirname(path), base);
          },
        ),
      );
    });

    test("a model's name is in no path", async () => {
      const folder = await temporaryFolder();
      const { model } = await openModel({ name: '../../escaped', directory: join(folder, 'model') });
      await model.deploy({ app: 'x', charm: await shellCharm({ name: 'x' }) });
      assert.ok((await model.settle()).settled);
      assert.deepEqual(await readdir(folder), ['model']);
      assert.ok((await stat(join(folder, 'model', 'unit-x-0'))).isDirectory());
    });
  });
});
