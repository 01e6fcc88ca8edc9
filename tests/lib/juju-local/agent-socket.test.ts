import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hookTools } from '#lib/juju';
import { AgentConnection } from '#lib/juju/agent';
import { MemoryHookTools } from '#lib/juju/testing';
import { AgentSocket } from '../../../lib/juju-local/agent-socket.ts';
import type { ChannelRequest } from '../../../lib/juju-local/hook-channel.ts';
import { runHookTool } from '../../../lib/juju-local/run-hook-tool.ts';
import { hookToolsContract } from '../../contracts/hook-tools.ts';

const contextId = 'web/0-update-status-1';
let folder: string;
const cleanUp: (() => void)[] = [];
let opened = 0;

setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-socket-'));
});
teardown(async () => {
  for (const close of cleanUp.splice(0)) close();
  await rm(folder, { recursive: true, force: true });
});

async function listen(
  address = join(folder, 'agent.socket'),
): Promise<{ socket: AgentSocket; address: string }> {
  const socket = await AgentSocket.listen(address);
  assert.ok(socket);
  cleanUp.push(() => socket.close());
  return { socket, address };
}

// An empty PATH: whatever falls back to a process fails.
const environment = (address: string) => ({
  PATH: '/nonexistent',
  JUJU_CONTEXT_ID: contextId,
  JUJU_AGENT_SOCKET_ADDRESS: address,
  JUJU_AGENT_SOCKET_NETWORK: 'unix',
});

const echo = async ({ name, args, stdin, directory }: ChannelRequest) => ({
  code: 0,
  stdout: JSON.stringify({ name, args, stdin: stdin ?? null, directory }),
  stderr: '',
});

for (const form of ['file', 'abstract'] as const) {
  hookToolsContract(`served over the agent's socket (${form})`, async (given, event) => {
    opened += 1;
    const path = join(folder, `${opened}.socket`);
    const { socket, address } = await listen(form === 'file' ? path : `@${path}`);
    const memory = new MemoryHookTools(given, { event });
    const context = {
      event,
      configOptions: [],
      leaderSettings: { get: () => ({}), set: () => undefined },
      readFile: (file: string) => import('node:fs/promises').then(({ readFile }) => readFile(file, 'utf8')),
      writeFile: async () => undefined,
    };
    socket.begin({ id: contextId, serve: (request) => runHookTool(memory, context, request) });
    return { tools: hookTools({ env: environment(address) }), finish: async () => memory.changes() };
  });
}

suite('the agent socket', () => {
  test('serves many calls on one connection, in order, whatever is in them', async () => {
    const { socket, address } = await listen();
    const served: string[] = [];
    socket.begin({
      id: contextId,
      serve: async (request) => {
        served.push(request.args[0] ?? '');
        return echo(request);
      },
    });
    const connection = new AgentConnection(address, 10_000);
    const large = 'é\0\n'.repeat(100_000);
    const call = (first: string, stdin?: string) => {
      return connection.call({
        contextId,
        dir: folder,
        command: 'tool',
        args: [first, ''],
        stdin,
        token: '',
      });
    };
    const replies = await Promise.all([call('a'), call('b', large), call('c')]);
    connection.close();
    const texts = replies.map((reply) => {
      assert.ok(typeof reply !== 'string');
      return JSON.parse(Buffer.from(reply.stdout).toString());
    });
    assert.deepEqual(served, ['a', 'b', 'c']);
    assert.deepEqual(texts[0], { name: 'tool', args: ['a', ''], stdin: null, directory: folder });
    assert.equal(texts[1].stdin, large);
  });

  test('answers as Juju does to what belongs to no hook, names no tool, or comes from nowhere', async () => {
    const { socket, address } = await listen();
    socket.begin({ id: contextId, serve: echo });
    const connection = new AgentConnection(address, 10_000);
    const call = (changes: object) => {
      const request = { contextId, dir: '/', command: 'tool', args: [], stdin: undefined, token: '' };
      return connection.call({ ...request, ...changes });
    };
    assert.equal(await call({ contextId: 'other' }), 'bad request: wrong context ID; got "other"');
    assert.equal(await call({ command: '' }), 'bad request: command not specified');
    assert.equal(await call({ dir: 'relative' }), 'bad request: Dir is not absolute');
    assert.equal(
      await call({ command: 'relation-set', args: ['--file', '-'] }),
      'hook tool requires stdin, none supplied',
    );
    await socket.end();
    connection.close();
  });

  test('can not be where the path is too long, and says so by its absence', async () => {
    assert.equal(await AgentSocket.listen(join(folder, 'x'.repeat(120))), undefined);
  });
});
