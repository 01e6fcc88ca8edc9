import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sinon from 'sinon';
import { type HookToolOptions, hookTools, isHookToolError } from '#lib/juju';
import {
  AgentConnection,
  AgentConnectionError,
  commandWanted,
  GobDecoder,
  type GobValue,
  type JujucReply,
  ReplyEncoder,
  readRequest,
} from '#lib/juju/agent';
import { MemoryHookTools, state } from '#lib/juju/testing';
import { builtIn } from '../../../lib/juju/agent/gob.ts';
import { GobWriter } from '../../../lib/juju/agent/gob-writer.ts';
import { AgentSocket } from '../../../lib/juju-local/agent-socket.ts';
import { runHookTool } from '../../../lib/juju-local/run-hook-tool.ts';
import { answers, strangeAgent } from './agent/strange-agent.ts';

const contextId = 'web/0-update-status-1';
const isLeader: JujucReply = { code: 0, stdout: Buffer.from('true\n'), stderr: new Uint8Array() };
const request = { contextId, dir: '/', command: 'is-leader', args: [], stdin: undefined, token: '' };

let folder: string;
const cleanUp: (() => void)[] = [];
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-hook-tools-'));
});
teardown(async () => {
  for (const close of cleanUp.splice(0)) close();
  await rm(folder, { recursive: true, force: true });
});

/** An agent's socket, whose hook is served like this. */
async function listen(serve: Parameters<AgentSocket['begin']>[0]['serve']) {
  const address = join(folder, 'agent.socket');
  const socket = await AgentSocket.listen(address);
  assert.ok(socket);
  cleanUp.push(() => socket.close());
  socket.begin({ id: contextId, serve });
  return { socket, address };
}

async function strange(react: Parameters<typeof strangeAgent>[1]): Promise<string> {
  const path = join(folder, 'strange.socket');
  const agent = await strangeAgent(path, react);
  cleanUp.push(() => agent.close());
  return path;
}

/** An agent that lets itself be greeted, and does the given with every call after that. */
async function listening(take: (call: Asked, answer: (seq: bigint, stdout: string) => void) => void) {
  return strange((connection) => {
    const [decoder, encoder] = [new GobDecoder(), new ReplyEncoder()];
    const values: GobValue[] = [];
    const say = (seq: bigint, outcome: JujucReply | string) => connection.write(encoder.encode(seq, outcome));
    connection.on('data', (chunk: Buffer) => {
      decoder.push(chunk);
      for (let value = decoder.next(); value !== undefined; value = decoder.next()) values.push(value);
      while (values.length >= 2) {
        const [header = '', body = ''] = values.splice(0, 2);
        const call = readRequest(header, body);
        if (call.request.command === '') say(call.seq, commandWanted);
        else {
          take(call, (seq, text) => {
            say(seq, {
              code: 0,
              stdout: Buffer.from(JSON.stringify(JSON.parse(text) === true || text)),
              stderr: new Uint8Array(),
            });
          });
        }
      }
    });
  });
}

type Asked = ReturnType<typeof readRequest>;

const answering = (...given: Parameters<typeof answers>) => strange(answers(...given));

// An empty PATH: whatever falls back to a process fails.
const environment = (address: string) => ({
  PATH: '/nonexistent',
  JUJU_CONTEXT_ID: contextId,
  JUJU_AGENT_SOCKET_ADDRESS: address,
  JUJU_AGENT_SOCKET_NETWORK: 'unix',
});

/** Tools on PATH that are asked when the socket is of no use; they write down what they were called with. */
async function spawned(address: string, options: HookToolOptions = {}) {
  const log = join(folder, 'log');
  const script = `#!/bin/sh\necho "\${0##*/} $*" >>'${log}'\ncase \${0##*/} in is-leader) echo true;; esac\n`;
  for (const tool of ['is-leader', 'juju-log', 'status-set', 'secret-add']) {
    await writeFile(join(folder, tool), script, { mode: 0o755 });
  }
  const env = { ...environment(address), PATH: `${folder}:/usr/bin:/bin` };
  return {
    tools: hookTools({ env, timeoutMs: 10_000, ...options }),
    calls: async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean),
  };
}

suite('hook tools without processes', () => {
  const doubts: Record<string, () => Promise<string>> = {
    'nobody listens': async () => join(folder, 'nobody.socket'),
    'the other side hangs up': () => strange((connection) => connection.end()),
    'the answer makes no sense': () =>
      strange((connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    'the answer is a flood': () => strange((connection) => connection.write(Buffer.alloc(1000, 0xf8))),
  };
  for (const [doubt, address] of Object.entries(doubts)) {
    test(`are spawned for the rest of the hook when ${doubt}, with one debug line`, async () => {
      const { tools, calls } = await spawned(await address());
      assert.equal(await tools.isLeader(), true);
      await tools.statusSet('active');
      const made = await calls();
      assert.match(
        made[0] ?? '',
        /^juju-log -l DEBUG -- spawning hook tools: the agent's socket is of no use/,
      );
      assert.deepEqual(made.slice(1), ['is-leader --format=json', 'status-set -- active ']);
    });
  }

  test('are never asked twice for what must not be done twice', async () => {
    const { tools, calls } = await spawned(await answering(commandWanted));
    await assert.rejects(tools.secretAdd({ 'a-key': 'value' }), /may have been carried out or not/);
    assert.deepEqual(await calls(), []);
    assert.equal(await tools.isLeader(), true);
  });

  test('refuse as the tools do', async () => {
    const memory = new MemoryHookTools(state({ unit: 'web/0', leader: false }));
    const context = {
      event: { kind: 'update-status' } as const,
      configOptions: [],
      leaderSettings: { get: () => ({}), set: () => undefined },
      readFile: async () => '',
      writeFile: async () => undefined,
    };
    const { address } = await listen((call) => runHookTool(memory, context, call));
    const tools = hookTools({ env: environment(address) });
    await assert.rejects(tools.applicationStatusSet('active'), (error) =>
      isHookToolError(error, 'NOT_LEADER'),
    );
    await assert.rejects(tools.relationListApp(99), (error) => isHookToolError(error, 'RELATION_GONE'));
  });

  test('send nothing that has an effect before they know that an agent is there', async () => {
    const { tools, calls } = await spawned(
      await strange((connection) => connection.end('HTTP/1.1 400\r\n\r\n')),
    );
    await tools.secretAdd({ 'a-key': 'value' });
    assert.match((await calls())[1] ?? '', /^secret-add /);
  });

  test('are spawned when what answers is an agent of another kind', async () => {
    const { tools, calls } = await spawned(await answering('bad request: token does not match', isLeader));
    assert.equal(await tools.isLeader(), true);
    assert.match((await calls())[0] ?? '', /token does not match/);
  });

  test('are spawned when the agent falls silent after it answered some', async () => {
    let served = 0;
    const { address } = await listen(async () => {
      served += 1;
      if (served > 1) await new Promise(() => {});
      return { code: 0, stdout: 'true', stderr: '' };
    });
    const { tools, calls } = await spawned(address, { timeoutMs: 2000 });
    assert.equal(await tools.isLeader(), true);
    assert.deepEqual(await calls(), []);
    assert.equal(await tools.isLeader(), true);
    const [why = '', ...rest] = await calls();
    assert.match(why, /no answer within 2000 ms/);
    assert.deepEqual(rest, ['is-leader --format=json']);
  });

  test('are spawned at once when the connection was cut between two calls, whatever the call', async () => {
    const cut = Promise.withResolvers<void>();
    const path = await answering(commandWanted, isLeader);
    const { tools, calls } = await spawned(path);
    assert.equal(await tools.isLeader(), true);
    for (const close of cleanUp.splice(0)) close();
    // Its end arrives: nothing was sent since, so that nothing is in doubt.
    setTimeout(cut.resolve, 50);
    await cut.promise;
    await tools.secretAdd({ 'a-key': 'value' });
    assert.match((await calls())[1] ?? '', /^secret-add /);
  });

  test('are spawned when a reply has fields that nobody knows', async () => {
    const to = new GobWriter();
    to.defineStruct(70, 'Response', [
      { name: 'ServiceMethod', type: builtIn.string },
      { name: 'Seq', type: builtIn.uint },
    ]);
    to.value(70, () => to.struct([() => to.bytes('Jujuc.Main'), () => to.uint(1)]));
    to.defineStruct(71, 'Reply', [{ name: 'ExitStatus', type: builtIn.int }]);
    to.value(71, () => to.struct([() => to.int(1)]));
    const { tools, calls } = await spawned(await answering(commandWanted, to.take()));
    await tools.statusSet('active');
    assert.deepEqual((await calls()).slice(1), ['status-set -- active ']);
  });

  test('are spawned for a write whose reply was lost, where twice is the same as once', async () => {
    const { tools, calls } = await spawned(await answering(commandWanted, isLeader));
    assert.equal(await tools.isLeader(), true);
    await tools.statusSet('active');
    assert.deepEqual((await calls()).slice(1), ['status-set -- active ']);
  });

  test('write a line of the log twice rather than fail their hook', async () => {
    const { tools, calls } = await spawned(await answering(commandWanted));
    await tools.jujuLog('INFO', 'hello');
    assert.deepEqual((await calls()).slice(1), ['juju-log -l INFO -- hello']);
  });
});

suite('a connection to the agent', () => {
  test('asks for all that is only read at once, and gives each its own answer in whatever order they come', async () => {
    const relations = [3, 1, 2];
    const asked: Asked[] = [];
    const path = await listening((call, answer) => {
      asked.push(call);
      if (asked.length < relations.length) return;
      for (const { seq, request } of asked.toReversed()) answer(seq, request.args.at(-1) ?? '');
    });
    const tools = hookTools({ env: environment(path) });
    const lists = await Promise.all(relations.map((id) => tools.relationListApp(id)));
    assert.deepEqual(lists, ['3', '1', '2']);
  });

  test('has nothing else under way while something is changed', async () => {
    const [answered, order] = [new Set<bigint>(), [] as string[]];
    let open = 0;
    const path = await listening(({ seq, request }, answer) => {
      open += 1;
      order.push(`${request.command} ${open}`);
      setImmediate(() => {
        open -= 1;
        answered.add(seq);
        answer(seq, 'true');
      });
    });
    const tools = hookTools({ env: environment(path) });
    const all = [
      tools.isLeader(),
      tools.isLeader(),
      tools.statusSet('active'),
      tools.isLeader(),
      tools.isLeader(),
    ];
    await Promise.all(all);
    assert.deepEqual(order, ['is-leader 1', 'is-leader 2', 'status-set 1', 'is-leader 1', 'is-leader 2']);
  });

  test('takes each answer as a sign of life for those that are still to come', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    cleanUp.push(() => clock.restore());
    const asked: (() => void)[] = [];
    const path = await listening(({ seq }, answer) => asked.push(() => answer(seq, 'true')));
    const connection = new AgentConnection(path, 150);
    const answers = [1, 2, 3].map(() => connection.call(request, true));
    for (const [index, answer] of answers.entries()) {
      while (asked.length <= index) await new Promise(setImmediate);
      clock.tick(100);
      asked[index]?.();
      await answer;
    }
    const silence = connection.call(request, true);
    while (asked.length <= answers.length) await new Promise(setImmediate);
    clock.tick(150);
    await assert.rejects(silence, /no answer within 150 ms/);
  });

  test('that failed stays failed', async () => {
    const connection = new AgentConnection(join(folder, 'nobody.socket'), 1000);
    await assert.rejects(connection.call(request), AgentConnectionError);
    await assert.rejects(connection.call(request), AgentConnectionError);
  });

  test('does not wait long for an agent that is silent from the beginning, and has sent it nothing', async () => {
    const connection = new AgentConnection(await strange(() => {}), 600_000, 20);
    await assert.rejects(connection.call(request), (error) => {
      return error instanceof AgentConnectionError && !error.sent && /within 20 ms/.test(error.message);
    });
  });

  test('is closed when the other side has answered something that was not asked', async () => {
    const closed = Promise.withResolvers<void>();
    const path = await strange((connection) => {
      connection.once('close', () => closed.resolve());
      connection.once('data', () => connection.end('no gob'));
    });
    await assert.rejects(new AgentConnection(path, 10_000).call(request), AgentConnectionError);
    await closed.promise;
  });
});
