import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AgentConnection } from '#lib/juju/agent';
import { AgentSocket } from '../../../lib/juju-local/agent-socket.ts';

/** Our two ends of the unit agent's socket against Go's own `net/rpc` and `encoding/gob`, which Juju is made of. */
const peer = process.env.CROSSLINK_GO_PEER;
assert.ok(peer, 'tests/interop/go/run builds the other side and says where it is');

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interop-go-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

for (const form of ['file', 'abstract'] as const) {
  const address = () => `${form === 'abstract' ? '@' : ''}${join(folder, 'agent.socket')}`;

  suite(`the agent's socket, ${form}`, () => {
    test('our client understands a Go server', async () => {
      const server = spawn(peer, ['serve', address()], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        await new Promise((resolve) => server.stdout.once('data', resolve));
        const connection = new AgentConnection(address(), 10_000);
        const ask = async (command: string, args: string[], stdin?: string, isRead = false) => {
          const request = { contextId: 'c', dir: '/d', command, args, stdin, token: '' };
          const reply = await connection.call(request, isRead);
          return typeof reply === 'string'
            ? reply
            : [reply.code, Buffer.from(reply.stdout).toString(), Buffer.from(reply.stderr).toString()];
        };
        assert.deepEqual(await ask('echo', ['a', '', 'é']), [0, '/d ["a" "" "é"] false 0', '']);
        assert.equal(await ask('unknown', []), 'bad request: unknown command: unknown');
        assert.deepEqual(await ask('failing', []), [2, '', 'ERROR no\n']);
        assert.deepEqual(await ask('echo', [], ''), [0, '/d [] true 0', '']);
        assert.deepEqual(await ask('echo', [], 'x'.repeat(200_000)), [0, '/d [] true 200000', '']);
        // Each in a goroutine of its own: the answers come in any order.
        const numbers = Array.from({ length: 500 }, (_, n) => `${n}`);
        assert.deepEqual(
          await Promise.all(numbers.map((n) => ask('echo', [n], undefined, true))),
          numbers.map((n) => [0, `/d ["${n}"] false 0`, '']),
        );
        connection.close();
      } finally {
        server.kill();
      }
    });

    test('a Go client understands our server', async () => {
      const socket = await AgentSocket.listen(address());
      assert.ok(socket);
      try {
        socket.begin({
          id: 'c',
          serve: async ({ name, args, stdin }) => ({
            code: stdin === undefined ? 0 : -3,
            stdout: JSON.stringify([name, args, stdin?.length ?? null]),
            stderr: 'e',
          }),
        });
        const { stdout } = await promisify(execFile)(peer, ['call', address(), 'c']);
        assert.deepEqual(stdout.trimEnd().split('\n'), [
          '<nil>|0|["first",["a","","é"],null]|e',
          '<nil>|-3|["second",[],100000]|e',
          'bad request: wrong context ID; got "another"|0||',
          '<nil>|0|["fourth",["z"],null]|e',
        ]);
      } finally {
        socket.close();
      }
    });
  });
}
