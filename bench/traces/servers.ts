import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as z from 'zod';
import { messageOf } from '#lib/go-plugin';
import { projectFolder } from '#src/local';
import { connect, unary } from './connection.ts';

export interface Server {
  readonly address: string;
  /** Resident memory now, and the most it ever was; 10^6 bytes. */
  memory(): Promise<{ readonly now: number; readonly peak: number }>;
  /** All of its files; bytes. */
  fileBytes(): Promise<number>;
  stop(): Promise<void>;
}

export const serverNames = ['crosslink', 'badger', 'memory'] as const;
export type ServerName = (typeof serverNames)[number];

/** @returns undefined where it can't be had on this machine */
export async function startServer(name: ServerName): Promise<Server | undefined> {
  const folder = await mkdtemp(join(tmpdir(), `crosslink-bench-${name}-`));
  const command = name === 'crosslink' ? await ours(folder) : await jaegers(name, folder);
  if (command === undefined) {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  const child = spawn(command.file, command.args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const address = command.address ?? (await announced(child.stdout));
  await untilServing(address, child);
  return {
    address,
    memory: () => memoryOf(child.pid as number),
    fileBytes: () => bytesIn(folder),
    async stop() {
      // Jaeger's ends with its standard input, ours with the signal.
      child.stdin.end();
      child.kill('SIGTERM');
      await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(null)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Where it was told to listen; undefined: it says so itself. */
  readonly address?: string;
}

async function ours(folder: string): Promise<Command> {
  const address = `127.0.0.1:${await freePort()}`;
  const args = ['traces', 'serve', '--folder', folder, '--grpc', address, '--http', '127.0.0.1:0'];
  return { file: join(projectFolder, 'crosslink'), args, address };
}

async function jaegers(engine: string, folder: string): Promise<Command | undefined> {
  const build = join(projectFolder, 'tests/interop/jaeger/build-remote-storage');
  try {
    const { stdout } = await promisify(execFile)(build, { maxBuffer: 2 ** 26 });
    const file = stdout.trim().split('\n').at(-1) ?? '';
    return { file, args: ['--engine', engine, ...(engine === 'badger' ? ['--folder', folder] : [])] };
  } catch (error) {
    console.error(`Jaeger's own storage can't be built here: ${messageOf(error)}`);
    return undefined;
  }
}

/** The address in the first line that it prints, which is JSON. */
async function announced(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) {
    return z.object({ address: z.string() }).parse(JSON.parse(line)).address;
  }
  throw new Error('the server ended without saying where it listens');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilServing(address: string, child: ChildProcess): Promise<void> {
  const client = connect(address);
  try {
    for (let tries = 0; tries < 200; tries++) {
      if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`);
      try {
        await unary(client, '/jaeger.storage.v2.TraceReader/GetServices', Buffer.alloc(0));
        return;
      } catch {
        await setTimeout(100);
      }
    }
    throw new Error(`nothing serves on ${address} after 20 seconds`);
  } finally {
    client.close();
  }
}

async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      // Badger's value log is made with holes: what counts is what it takes on the disk.
      const { blocks } = await stat(join(entry.parentPath, entry.name));
      return blocks * 512;
    });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
