import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processHookTools } from '#lib/juju';
import { MemoryHookTools } from '#lib/juju/testing';
import type { ChannelRequest } from '../../../lib/juju-local/hook-channel.ts';
import { runHookTool } from '../../../lib/juju-local/run-hook-tool.ts';
import { ToolChannel } from '../../../lib/juju-local/tool-channel.ts';
import { writeTools } from '../../../lib/juju-local/tool-directory.ts';
import { createUnitDirectory, unitDirectory } from '../../../lib/juju-local/unit-directory.ts';
import { hookToolsContract } from '../../contracts/hook-tools.ts';
import { cleanUp, temporaryFolder } from './helpers.ts';

const channels: ToolChannel[] = [];

async function open() {
  const root = await temporaryFolder();
  const directory = unitDirectory(root, 'web/0');
  await createUnitDirectory(directory, await writeTools(root));
  const channel = new ToolChannel(directory.run);
  channels.push(channel);
  const env = { PATH: `${directory.tools}:${process.env.PATH}`, JUJU_CONTEXT_ID: 'web/0-install-1' };
  return { channel, directory, env };
}

/** Answers with what it was asked. */
async function echo({ name, args, stdin, directory }: ChannelRequest) {
  return { code: args.length, stdout: JSON.stringify({ name, args, stdin, directory }), stderr: '' };
}

function closeAll(): Promise<void> {
  for (const channel of channels.splice(0)) channel.close();
  return cleanUp();
}

suite('the tool channel', () => {
  teardown(closeAll);

  async function sh(script: string, serve: (request: ChannelRequest) => ReturnType<typeof echo> = echo) {
    const { channel, directory, env } = await open();
    channel.begin({ id: env.JUJU_CONTEXT_ID, serve });
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', script], { env, cwd: '/' });
    await channel.end();
    return { stdout, stderr, directory };
  }

  const odd: [title: string, args: string[]][] = [
    ['none', []],
    ['spaces, quotes and percents', ["it's", '"%s"', '\\n', '$HOME', '', ' ']],
    ['newlines', ['a\nb', '\n', 'x\n\n']],
    ['other scripts', ['naïve', '数据', '😀']],
    ['long ones', ['x'.repeat(100_000), 'y']],
    ['many', Array.from({ length: 300 }, (_, n) => String(n))],
  ];
  for (const [title, args] of odd) {
    test(`carries arguments: ${title}`, async () => {
      const { channel, env } = await open();
      let seen: ChannelRequest | undefined;
      channel.begin({
        id: env.JUJU_CONTEXT_ID,
        serve: async (request) => {
          seen = request;
          return { code: 0, stdout: '', stderr: '' };
        },
      });
      await promisify(execFile)('is-leader', args, { env, cwd: '/' });
      assert.deepEqual(seen, { name: 'is-leader', args, stdin: undefined, directory: '/' });
    });
  }

  const outputs: [title: string, text: string][] = [
    ['nothing', ''],
    ['an odd mixture', '-% \\n\t"\'`$x\n\n😀'],
    ['much', 'z'.repeat(300_000)],
  ];
  for (const [title, text] of outputs) {
    test(`carries output: ${title}`, async () => {
      const { stdout, stderr } = await sh('is-leader', async () => ({ code: 0, stdout: text, stderr: text }));
      assert.deepEqual([stdout, stderr], [text, text]);
    });
  }

  test('carries the exit code', async () => {
    const { stdout } = await sh('is-leader a b >/dev/null || echo $?');
    assert.equal(stdout, '2\n');
  });

  test('reads stdin only when an argument names it', async () => {
    const { stdout } = await sh(
      `printf 'a: 1\\nb' | relation-set --file - || :; echo; echo no | state-set --file x || :`,
    );
    const [first, second] = stdout.split('\n').map((line) => JSON.parse(line));
    assert.equal(first.stdin, 'a: 1\nb');
    assert.equal(second.stdin, undefined);
  });

  test('serves many tools at one time, each with its own answer', async () => {
    const script = `for n in 1 2 3 4 5 6 7 8 9 10 11 12; do is-leader $n >$n & done; wait; cat 1 2 3 4 5 6 7 8 9 10 11 12; ls "$R"`;
    const { channel, directory, env } = await open();
    channel.begin({ id: env.JUJU_CONTEXT_ID, serve: echo });
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script], {
      env: { ...env, R: directory.run },
      cwd: directory.run,
    });
    assert.deepEqual(
      [...stdout.matchAll(/"args":\["(\d+)"\]/g)].map(([, n]) => n),
      ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'],
    );
    await channel.end();
    const left = (await readdir(directory.run)).filter((name) => !/^(\d+|reply\.[0-3]|request)$/.test(name));
    assert.deepEqual(left, []);
  });

  test('refuses a tool whose hook has ended', async () => {
    const { channel, env } = await open();
    const refused = 'ERROR bad request: wrong context ID; got "web/0-install-1"\n';
    const call = () =>
      promisify(execFile)('is-leader', [], { env }).catch(({ code, stderr }) => ({ code, stderr }));
    assert.deepEqual(await call(), { code: 1, stderr: refused });
    channel.begin({ id: 'another', serve: echo });
    assert.deepEqual(await call(), { code: 1, stderr: refused });
  });

  test('goes on when tools are killed while they wait', async () => {
    const { channel, env } = await open();
    for (let n = 0; n < 6; n += 1) {
      const arrived = Promise.withResolvers<void>();
      const answer = Promise.withResolvers<void>();
      channel.begin({
        id: env.JUJU_CONTEXT_ID,
        serve: async (request) => {
          arrived.resolve();
          await answer.promise;
          return echo(request);
        },
      });
      const child = spawn('is-leader', [], { env, stdio: 'ignore' });
      const exit = once(child, 'exit');
      await arrived.promise;
      child.kill('SIGKILL');
      await exit;
      answer.resolve();
    }
    channel.begin({ id: env.JUJU_CONTEXT_ID, serve: echo });
    const { stdout } = await promisify(execFile)('is-leader', [], { env });
    assert.equal(JSON.parse(stdout).name, 'is-leader');
    await channel.end();
    channel.begin({ id: env.JUJU_CONTEXT_ID, serve: echo });
    assert.equal(JSON.parse((await promisify(execFile)('is-leader', [], { env })).stdout).name, 'is-leader');
  });

  test('does without a PATH', async () => {
    const { channel, directory, env } = await open();
    channel.begin({ id: env.JUJU_CONTEXT_ID, serve: echo });
    const { stdout } = await promisify(execFile)(
      '/bin/sh',
      ['-c', 'unset PATH; echo x | "$T/state-set" --file - || :'],
      {
        env: { JUJU_CONTEXT_ID: env.JUJU_CONTEXT_ID, T: join(directory.tools) },
      },
    );
    assert.equal(JSON.parse(stdout).stdin, 'x\n');
  });
});

suite('through processes', () => {
  teardown(closeAll);

  hookToolsContract('served to processes', async (state, event) => {
    const { channel, env } = await open();
    const memory = new MemoryHookTools(state, { event });
    const context = {
      event,
      configOptions: [],
      leaderSettings: { get: () => ({}), set: () => undefined },
      readFile: (path: string) => import('node:fs/promises').then(({ readFile }) => readFile(path, 'utf8')),
      writeFile: async () => undefined,
    };
    channel.begin({
      id: env.JUJU_CONTEXT_ID,
      serve: (request) => runHookTool(memory, context, request),
    });
    return { tools: processHookTools({ env }), finish: async () => memory.changes() };
  });
});
