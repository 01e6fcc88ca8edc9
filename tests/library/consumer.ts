import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { arch, env } from 'node:process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import * as z from 'zod';
import { projectFolder } from '#src/local';

const bin = join(projectFolder, 'node_modules/.bin');
export const projectNode = join(bin, 'node');
/** The command, which is the clone's: the package has none. */
export const crosslink = join(projectFolder, 'crosslink');

/**
 * The files of this project that somebody else's charm and plugin could consist of; they name the libraries as those
 * would.
 */
const files = [
  'examples/hello-charm/charm.ts',
  'examples/hello-charm/config.yaml',
  'examples/hello-charm/dispatch',
  'examples/hello-charm/metadata.yaml',
  'docs/examples/hello-model.ts',
  'docs/examples/website.ts',
  'docs/examples/website.test.ts',
  'docs/examples/dice-datasource/src/backend.ts',
  'docs/examples/dice-datasource/src/datasource.ts',
  'docs/examples/dice-datasource/src/img/logo.svg',
  'docs/examples/dice-datasource/src/plugin.json',
  'tests/library/wrong-uses.ts',
];

/** @throws {Error} the command failed; the message holds what it printed */
export async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  // Of a run by npm, which this may be, the inner npm is to know nothing.
  const outside = Object.entries(env).filter(([name]) => !/^npm_(?!config_)/.test(name));
  const options = { cwd, env: Object.fromEntries(outside), maxBuffer: 16e6 };
  return promisify(execFile)(command, args, options).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      const { stdout = '', stderr = '' } = Printed.parse(error);
      throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
    },
  );
}

/** Starts a program that goes on, and ends it when it has printed a line. */
export async function firstLine(program: string, environment: Record<string, string>): Promise<string> {
  const child = spawn(program, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const signal = AbortSignal.timeout(20_000);
    return String((await once(createInterface(child.stdout), 'line', { signal }))[0]);
  } finally {
    const gone = once(child, 'close');
    child.kill('SIGTERM');
    await gone;
  }
}

const Printed = z.object({ stdout: z.string().optional(), stderr: z.string().optional() });

const Packed = z.tuple([
  z.object({
    filename: z.string(),
    integrity: z.string(),
    files: z.array(z.object({ path: z.string(), mode: z.number() })),
  }),
]);

export interface Tarball {
  readonly path: string;
  readonly integrity: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** Builds and packs, as docs/writing-charms.md says. */
export async function makeTarball(folder: string): Promise<Tarball> {
  await mkdir(folder, { recursive: true });
  await run(projectFolder, 'npm', 'run', 'build');
  const printed = await run(projectFolder, 'npm', 'pack', './dist', '--json', '--pack-destination', folder);
  const [{ filename, integrity, files }] = Packed.parse(JSON.parse(printed));
  return { path: join(folder, filename), integrity, files };
}

/** An empty folder with the package and zod in it, as npm installs them, with a charm and a plugin beside it. */
export async function installConsumer(folder: string, tarball: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await run(folder, 'npm', 'install', '--ignore-scripts', tarball, `zod@${await pinned('zod')}`);
  for (const file of files) await cp(join(projectFolder, file), join(folder, file));
  await linkNode(folder, projectNode);
}

async function pinned(name: string): Promise<string> {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8')));
  return dependencies[name] ?? 'latest';
}

/** The charm's `dispatch` starts the Node of its project. */
async function linkNode(folder: string, node: string): Promise<void> {
  const link = join(folder, 'node_modules/.bin/node');
  await mkdir(dirname(link), { recursive: true });
  await writeFile(link, `#!/bin/sh\nexec '${node}' "$@"\n`);
  await chmod(link, 0o755);
}

/** @returns the binary of a Node of exactly this version, from npm */
export async function installNode(folder: string, version: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  await run(folder, 'npm', 'install', '--ignore-scripts', `node-linux-${arch}@${version}`);
  return join(folder, `node_modules/node-linux-${arch}/bin/node`);
}

/** Strict, and with the package's own declarations looked at as well. */
const strict = {
  strict: true,
  skipLibCheck: false,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  types: ['node', 'mocha'],
  typeRoots: [join(projectFolder, 'node_modules/@types')],
};

/** @throws {Error} with what the compiler says */
export async function compile(folder: string, name: string, options: object): Promise<void> {
  const config = join(folder, `tsconfig.${name}.json`);
  const include = ['examples', 'docs', 'tests', '*.ts'];
  await writeFile(config, JSON.stringify({ compilerOptions: { ...strict, ...options }, include }));
  await run(folder, join(bin, 'tsc'), '-p', config);
}

/** What is needed beside JavaScript that was made of the charm, to run it on another Node. */
export async function completeCharm(folder: string, out: string, node: string): Promise<void> {
  const from = join(folder, 'examples/hello-charm');
  const to = join(out, 'examples/hello-charm');
  await mkdir(to, { recursive: true });
  for (const file of ['config.yaml', 'metadata.yaml']) await cp(join(from, file), join(to, file));
  const dispatch = await readFile(join(from, 'dispatch'), 'utf8');
  await writeFile(join(to, 'dispatch'), dispatch.replace('charm.ts', 'charm.js'));
  await chmod(join(to, 'dispatch'), 0o755);
  await linkNode(out, node);
}
