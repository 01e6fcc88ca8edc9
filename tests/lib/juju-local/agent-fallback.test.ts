import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commandWanted } from '#lib/juju/agent';
import { answers, cutBefore, strangeAgent } from '../juju/agent/strange-agent.ts';
import { cleanUp, openModel, shellCharm, temporaryFolder } from './helpers.ts';

const library = pathToFileURL(join(import.meta.dirname, '../../../lib/juju/index.ts')).href;

/** In start: a question, a write that may be made twice, and one that may not; update-status shows the outcome. */
const program = `
import { hookTools } from '${library}';
const tools = hookTools({ timeoutMs: 5000 });
const hook = process.env.JUJU_HOOK_NAME;
if (hook === 'start') {
  const leads = await tools.isLeader();
  await tools.stateSet({ leads: String(leads) });
  await tools.secretAdd({ 'a-key': 'value' });
}
if (hook === 'update-status') {
  const { leads } = await tools.stateGet();
  await tools.statusSet('active', \`leads: \${leads}, secrets: \${(await tools.secretIds()).length}\`);
}
`;

suite("a hook whose agent's socket", () => {
  teardown(cleanUp);

  /**
   * Runs that charm in processes of its own; start has something else in place of the agent's socket.
   * @param reactFor - given where the agent really listens
   * @returns what its update-status saw, and how its hook start went
   */
  async function run(reactFor?: (agent: string) => Parameters<typeof strangeAgent>[1]) {
    const directory = await temporaryFolder();
    const socket = join(directory, 'strange.socket');
    const agent =
      reactFor && (await strangeAgent(socket, reactFor(join(directory, 'unit-x-0', 'agent.socket'))));
    const charm = await shellCharm({
      name: 'x',
      dispatch: `[ "$hook" != start ] || export JUJU_AGENT_SOCKET_ADDRESS="${socket}"
        case $hook in start|update-status) exec "${process.execPath}" charm.mjs;; esac`,
    });
    await writeFile(join(charm, 'charm.mjs'), program);
    const watched = await openModel({ directory });
    try {
      await watched.model.deploy({ app: 'x', charm });
      await watched.model.settle();
      watched.model.fireUpdateStatus();
      await watched.model.settle();
      const starts = watched.activities.flatMap((one) => {
        return one.kind === 'hook-ended' && one.hook === 'start' ? [one] : [];
      });
      return {
        message: watched.model.snapshot().applications.x?.units['x/0']?.status.message,
        starts: starts.map(({ result, toolCalls }) => [result, toolCalls.socket, toolCalls.processes]),
        doubts: watched.logs('x/0').filter((line) => line.startsWith('spawning hook tools: ')),
        connections: { ...agent?.connections },
      };
    } finally {
      agent?.close();
    }
  }

  const useless: [what: string, react: ((connection: Socket) => void) | undefined, why: RegExp][] = [
    ['is not there', undefined, /ENOENT/],
    ['hangs up at once', (connection) => connection.destroy(), /closed|ECONNRESET|EPIPE/],
    ['answers the greeting with no gob', (connection) => connection.write('HTTP/1.1 400\r\n\r\n'), /./],
    ['answers the greeting as no agent does', answers('rpc: no such method'), /no such method/],
    ['accepts and then says nothing', () => {}, /no answer within 5000 ms/],
    ['answers the first question with no gob', answers(commandWanted, Buffer.from('x\r\n\r\n')), /./],
  ];
  for (const [what, react, why] of useless) {
    test(`${what} goes on by tools, with one debug line`, async () => {
      const { message, starts, doubts } = await run(react && (() => react));
      assert.equal(message, 'leads: true, secrets: 1');
      // The debug line, and the three calls.
      assert.deepEqual(starts, [['ok', 0, 4]]);
      assert.equal(doubts.length, 1);
      assert.match(doubts[0] ?? '', why);
    });
  }

  test('works has one connection for all calls, closed with the hook', async () => {
    const { message, starts, doubts, connections } = await run((agent) => cutBefore(agent, 0));
    assert.equal(message, 'leads: true, secrets: 1');
    assert.deepEqual([starts, doubts], [[['ok', 3, 0]], []]);
    assert.deepEqual(connections, { made: 1, open: 0 });
  });

  test('is cut when a write was carried out but its reply was lost: it is made again, to no effect', async () => {
    // Replies: to the greeting, is-leader, state-set.
    const { message, starts, doubts } = await run((agent) => cutBefore(agent, 3));
    assert.equal(message, 'leads: true, secrets: 1');
    assert.deepEqual(starts, [['ok', 2, 3]]);
    assert.equal(doubts.length, 1);
  });

  test('is cut when secret-add was carried out but its reply was lost: the hook fails, and there is one secret', async () => {
    const { message, starts, doubts } = await run((agent) => cutBefore(agent, 4));
    assert.equal(message, 'leads: true, secrets: 1');
    assert.deepEqual(starts, [
      ['failed', 3, 0],
      ['ok', 3, 0],
    ]);
    assert.deepEqual(doubts, []);
  });
});
