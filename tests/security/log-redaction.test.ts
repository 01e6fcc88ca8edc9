import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { HookEvent, SecretContent } from '#lib/juju';
import { runHook, type UnitState } from '#lib/juju/testing';
import { type Activity, LocalModel } from '#lib/juju-local';
import { type GrafanaAuth, grafanaClient } from '#src/grafana';
import { EmbeddedGrafana, generateToken } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { recordTrace } from '#src/tracing';
import { run } from '../../charm/main.ts';
import { messageFromStderr, toolError } from '../../lib/juju/errors-from-tool.ts';
import { hookToolsOver } from '../../lib/juju/hook-tools-over.ts';
import { runHookTool } from '../../lib/juju-local/run-hook-tool.ts';
import { Secrets } from '../../src/grafana/secrets.ts';
import {
  datasourceWorld,
  gatewayWorld,
  grafanaSource,
  impatient,
  runCharm,
  said,
  source,
  withRelation,
} from '../charm/worlds.ts';
import { crosslink } from '../cli/command.ts';
import { Collector } from '../src/tracing/collector.ts';
import { type Asked, HostileServer } from './servers.ts';

const token = generateToken();
const user = 'crosslink';
// With characters that each way of writing it changes.
const password = 'Kq&9<Xv>"7ü/Zr+Pm 4W\\Ht';
const held = "Sv%3k'Qw&Tz=8Jx{Bn}5Gd";

/** How servers, proxies and languages write what they got. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in JSON': (text) => JSON.stringify(text),
  'in JSON within JSON': (text) => JSON.stringify(JSON.stringify(text)),
  'in JSON as Go writes it': (text) =>
    JSON.stringify(text).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
  'in JSON as Python writes it': (text) =>
    JSON.stringify(text).replace(
      /[\u007f-\uffff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  'in a URL': (text) => encodeURIComponent(text),
  'in a URL, with small letters': (text) =>
    encodeURIComponent(text).replace(/%../g, (byte) => byte.toLowerCase()),
  'in a form': (text) => new URLSearchParams({ text }).toString(),
  'in HTML': (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`),
  'in HTML, by names': (text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'in base64, behind a letter': (text) => Buffer.from(`x${text}`).toString('base64'),
  'in base64, behind two letters': (text) => Buffer.from(`xy${text}yx`).toString('base64'),
  'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
  'in hexadecimal, with large letters': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'over lines': (text) => text.replace(/(.{8})/gu, '$1\r\n  '),
  'with a blank after each character': (text) => [...text].join(' '),
};

/** The letters and digits of a secret, in whatever is left of them. */
function core(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
}

/** As much of a secret as would help somebody to find out the rest: looked for in every spelling that is known here. */
function assertHidden(text: string, ...secrets: readonly string[]): void {
  const shown = core(text);
  for (const secret of secrets) {
    for (const [how, spell] of Object.entries(spellings)) {
      const whole = core(spell(secret));
      assert.ok(!shown.includes(whole), `${secret} is shown ${how}: ${text}`);
    }
    const half = core(secret).slice(0, 12);
    assert.ok(!shown.includes(half), `${half} is shown: ${text}`);
  }
}

/**
 * Sends back what it got, in this spelling, in what goes wrong: one thing at a time, since one that is found hides all.
 * @param which - of what there is; default: the next one with each request
 */
function echoing(
  spell: (text: string) => string,
  status: number,
  which?: (typeof parts)[number],
): Promise<HostileServer> {
  const server = HostileServer.start(async (asked, response) => {
    const { length } = (await server).asked;
    const heard = spell(heardIn(asked)[which ?? parts[length % parts.length] ?? 'header']);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ message: heard, error: heard, status: 'ERROR', messageId: heard, traceID: heard }),
    );
  });
  return server;
}

const parts = ['header', 'credentials', 'pair', 'password', 'body'] as const;

/** What was said, and what it was made of. */
function heardIn({ headers: { authorization = '' }, body }: Asked): Record<(typeof parts)[number], string> {
  const [kind, credentials = ''] = authorization.split(' ');
  const pair = kind === 'Basic' ? Buffer.from(credentials, 'base64').toString() : '';
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(pair) ?? [];
  return { header: authorization, credentials, pair, password, body: textsIn(body).join() };
}

function textsIn(body: string): string[] {
  return body === ''
    ? []
    : Object.values((JSON.parse(body) as { secureJsonData?: object }).secureJsonData ?? {});
}

const contents: readonly [what: string, content: SecretContent, auth: GrafanaAuth][] = [
  ['a token', { token }, { kind: 'bearer', token }],
  ['a password', { username: user, password }, { kind: 'basic', user, password }],
];

suite('security: secrets in what is told', () => {
  suite('of a client, whose server repeats what it got', () => {
    for (const [how, spell] of Object.entries(spellings)) {
      test(how, async () => {
        for (const [, , auth] of contents) {
          for (const which of parts) {
            await using server = await echoing(spell, 400, which);
            const client = grafanaClient({ url: server.url, auth, retries: 0 });
            const secureJsonData = { basicAuthPassword: held };
            const created = { name: 'a', type: 'tempo', access: 'proxy', secureJsonData } as const;
            for (const call of [
              () => client.createDatasource(created),
              () => client.updateDatasource('a', { ...created, version: 1 }),
              () => client.listDatasources(),
              () => client.deleteDatasource('a'),
            ]) {
              const told = await call().catch((thrown: unknown) => thrown);
              assertHidden(inspect(told, { depth: 9 }), token, password, held, `${user}:${password}`);
            }
          }
        }
      });
    }

    for (const status of [200, 400, 401, 403, 404, 409, 500, 501, 503]) {
      test(`with status ${status}, also where that is what it was asked for`, async () => {
        for (const [, , auth] of contents) {
          for (const which of parts) {
            await using server = await echoing(spellings['in HTML'] ?? String, status, which);
            const client = grafanaClient({ url: server.url, auth, retries: 0 });
            for (const call of [
              () => client.datasourceHealth('a'),
              () => client.health(),
              () => client.listDatasources(),
              () => client.listCorrelations(),
              () => client.deleteDatasource('a'),
            ]) {
              const told = await call().catch((thrown: unknown) => thrown);
              assertHidden(inspect(told, { depth: 9 }), token, password, held, `${user}:${password}`);
            }
          }
        }
      });
    }

    test('cut off after some of it', async () => {
      for (const length of [16, 24, 32]) {
        await using server = await echoing((text) => `${text.slice(0, length)}...`, 400);
        const client = grafanaClient({ url: server.url, auth: { kind: 'bearer', token }, retries: 0 });
        const error = await client.org().catch((thrown: unknown) => thrown);
        assertHidden(inspect(error, { depth: 9 }), token);
      }
    });

    test('a server that answers no HTTP but what it got', async () => {
      for (const [, , auth] of contents) {
        await using server = await HostileServer.start(({ headers }, response) => {
          response.socket?.end(`${headers.authorization}\r\nx: ${headers.authorization}\r\n\r\n`);
        });
        const client = grafanaClient({ url: server.url, auth, retries: 0 });
        const error = await client.org().catch((thrown: unknown) => thrown);
        assertHidden(inspect(error, { depth: 9, showHidden: true }), token, password, `${user}:${password}`);
      }
    });

    test('texts that repeat none stay what they are', () => {
      const secrets = new Secrets([token, password, held, `${user}:${password}`, 'two words', 'admin']);
      for (const text of [
        'data source with the same name already exists',
        'Validation error, invalid URL',
        'Invalid datasource UID.',
        "You'll need additional permissions to perform this action. Permissions needed: datasources:create",
        'Post "http://mimir:8080/api/v1/query?query=1%2B1": dial tcp: lookup mimir: no such host',
        'glsa_ is where tokens begin',
      ]) {
        assert.equal(secrets.withhold(text), text);
      }
    });

    test('a short text is never hidden by chance, a long secret always is, however it is written', () => {
      const anySecret = fc
        .string({ unit: fc.constantFrom(...'abcXYZ019&<>"\'/+ %\\üß='), minLength: 12, maxLength: 40 })
        .filter((text) => core(text).length >= 10);
      fc.assert(
        fc.property(anySecret, fc.constantFrom(...Object.keys(spellings)), (secret, how) => {
          const written = spellings[how]?.(secret) ?? '';
          assert.match(new Secrets([secret]).withhold(`no: ${written} (400)`), /withheld/);
        }),
      );
    });

    test('the time that it takes does not grow with what the server sends', () => {
      const secrets = new Secrets(['x'.repeat(8192), token]);
      const text = '%'.repeat(30_000_000);
      assert.equal(secrets.withhold(text).length, 200);
    });
  });

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

  suite('in what processes are started with', () => {
    /** The world of a hook, run with hook tools as Juju has them: by arguments, input and files. */
    async function argumentsOf(
      hook: string,
      given: UnitState,
    ): Promise<{ calls: { tool: string; args: readonly string[] }[]; state: UnitState; inFiles: string }> {
      const calls: { tool: string; args: readonly string[] }[] = [];
      let inFiles = '';
      const out = await runHook(
        async (memory, context) => {
          const tools = hookToolsOver(async (tool, args, stdin) => {
            calls.push({ tool, args });
            const reply = await runHookTool(
              memory,
              {
                event: context.event,
                configOptions: [],
                leaderSettings: { get: () => ({}), set: () => undefined },
                readFile: async (path) => {
                  const text = await readFile(path, 'utf8');
                  inFiles += text;
                  return text;
                },
                writeFile: async () => undefined,
              },
              { name: tool, args, stdin },
            );
            if (reply.code !== 0) throw toolError(tool, reply.code, messageFromStderr(reply.stderr));
            return reply.stdout;
          });
          await run({ context, tools, grafanaClient: impatient });
        },
        hook,
        given,
      );
      return { calls, state: out.state, inFiles };
    }

    const operators = 'operatorssecret00000';
    const shared = (text: string) =>
      datasourceWorld(
        [grafanaSource('grafana', { grafana_uid: 'g', datasource_uids: '{}', app_datasource_uid: 'a-1' })],
        {
          config: { 'secure-json-data': `secret:${operators}` },
          secrets: [
            {
              id: operators,
              owner: { kind: 'model' },
              revisions: [
                { revision: 1, content: { 'secure-json-data': JSON.stringify({ password: text }) } },
              ],
              granted: true,
            },
          ],
        },
      );

    test('none is an argument of a hook tool that makes or changes a secret: they go by files', async () => {
      const made = await argumentsOf('config-changed', shared(held));
      assert.ok(made.calls.some(({ tool }) => tool === 'secret-add'));
      assert.ok(made.inFiles.includes(held));
      const secrets = made.state.secrets.map((one) =>
        one.id === operators
          ? {
              ...one,
              revisions: [{ revision: 2, content: { 'secure-json-data': JSON.stringify({ password }) } }],
            }
          : one,
      );
      const changed = await argumentsOf('config-changed', { ...made.state, secrets });
      assert.ok(changed.calls.some(({ tool }) => tool === 'secret-set'));
      for (const { calls } of [made, changed]) assertHidden(JSON.stringify(calls), held, password);
    });

    test('none is an argument of a hook tool where Grafana repeats what it got', async () => {
      for (const [, content] of contents) {
        await using server = await echoing(String, 400);
        const data = { secure_extra_fields: { basicAuthPassword: held } };
        const given = gatewayWorld({ url: server.url, token }, [source('tempo', { app: 'http://t', data })], {
          content,
        });
        const { calls } = await argumentsOf('config-changed', given);
        assert.ok(calls.some(({ tool }) => tool === 'status-set'));
        assertHidden(JSON.stringify(calls), token, password, held);
      }
    });
  });

  suite('of real processes', () => {
    let folder: string;
    setup(async () => {
      folder = await mkdtemp(join(tmpdir(), 'crosslink-redaction-'));
    });
    teardown(() => rm(folder, { recursive: true, force: true }));

    for (const agentSocket of ['file', 'none'] as const) {
      test(`a gateway: log, output and statuses, with hook tools ${agentSocket === 'file' ? 'over the socket' : 'as processes'}`, async () => {
        await using server = await echoing(String, 400);
        const activities: Activity[] = [];
        const model = await LocalModel.open({
          name: 'cos',
          agentSocket,
          onActivity: (activity) => activities.push(activity),
        });
        try {
          const uri = model.addSecret({ name: 'grafana', content: { username: user, password } });
          await model.deploy({
            app: 'grafana',
            charm: projectFolder,
            config: { 'grafana-url': server.url, 'grafana-token': uri },
          });
          model.grantSecret('grafana', 'grafana');
          await model.settle();
          assert.ok(server.asked.some(({ headers }) => headers.authorization?.startsWith('Basic ')));
          const text = inspect([activities, model.snapshot()], { depth: 12, maxArrayLength: null });
          assert.match(text, /blocked/);
          assertHidden(text, password, `${user}:${password}`);
        } finally {
          await model.close();
        }
      });
    }

    test('crosslink doctor --grafana, in text, JSON and what it saves', async () => {
      await writeFile(join(folder, 'token'), `${token}\n`);
      const answers: readonly ((asked: Asked) => unknown)[] = [
        ({ headers }) => ({ message: headers.authorization }),
        // It is well, until it is asked for datasources.
        ({ path, headers }) =>
          path === '/api/health' ? { database: 'ok', version: '12.1.0' } : { message: headers.authorization },
      ];
      for (const [n, answer] of answers.entries()) {
        await using server = await HostileServer.start((asked, response) => {
          const body = answer(asked);
          const isWell = asked.path === '/api/health' && n > 0;
          response.writeHead(isWell ? 200 : 403, { 'content-type': 'application/json' });
          response.end(JSON.stringify(body));
        });
        for (const format of [[], ['--json']]) {
          const args = ['doctor', '--grafana', server.url, '--token-file', join(folder, 'token'), ...format];
          const { code, stdout, stderr } = await crosslink(...args);
          assert.equal(code, 2);
          assert.ok(stderr.length > 0);
          assertHidden(stdout + stderr, token);
        }
      }
    });
  });
});
