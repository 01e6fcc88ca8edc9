import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { runHook, type UnitState } from '#lib/juju/testing';
import { type Activity, LocalModel } from '#lib/juju-local';
import { projectFolder } from '#src/local';
import { run } from '../../charm/main.ts';
import { messageFromStderr, toolError } from '../../lib/juju/errors-from-tool.ts';
import { hookToolsOver } from '../../lib/juju/hook-tools-over.ts';
import { runHookTool } from '../../lib/juju-local/run-hook-tool.ts';
import { datasourceWorld, gatewayWorld, grafanaSource, impatient, source } from '../charm/worlds.ts';
import { crosslink } from '../cli/command.ts';
import { type Asked, HostileServer } from './servers.ts';
import { assertHidden, contents, echoing, held, password, token, user } from './spellings.ts';

suite('security: secrets in what is told', () => {
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
