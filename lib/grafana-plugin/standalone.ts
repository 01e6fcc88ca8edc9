import { glob, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { type Logger, processEffects, type StandaloneOptions, serveStandalone } from '#lib/go-plugin';
import { protocolVersion } from './handshake.ts';

/** What a debugger's plugin leaves beside plugin.json, for the one that Grafana starts to find. */
const addressFile = 'standalone.txt';
const pidFile = 'pid.txt';

interface Options extends Omit<StandaloneOptions, 'address'> {
  readonly id: string;
  readonly env: NodeJS.ProcessEnv;
  readonly argv: readonly string[];
  readonly log: Logger;
}

/**
 * For debugging. Started with `-standalone`, say from an editor, the plugin serves at an address of its own and leaves
 * a note of it; the executable that Grafana starts finds the note and sends Grafana there.
 * @returns false where neither is the case, and the plugin is to be served as always
 * @see grafana/grafana-plugin-sdk-go: internal/standalone/standalone.go
 */
export async function startStandalone({ id, env, argv, ...options }: Options): Promise<boolean> {
  const given = env[`GF_PLUGIN_GRPC_ADDRESS_${id.toUpperCase().replaceAll('-', '_')}`];
  if (argv.slice(2).some((arg) => /^--?standalone$/.test(arg))) {
    await beStandalone(id, given, options);
    return true;
  }
  const address = await standaloneAddress(given, dirname(executable(argv)));
  if (address === undefined) return false;
  // Grafana dials it, and asks nothing more of this process than that it stays. Printed past `process.stdout`, where what
  // a plugin prints is held back until it is served, as this one never is.
  const { printHandshake, parent } = processEffects();
  printHandshake(`1|${protocolVersion}|tcp|${address}|grpc\n`);
  const host = parent();
  setInterval(() => {
    if (parent() !== host) process.exit(0);
  }, 1_000);
  return true;
}

async function beStandalone(
  id: string,
  given: string | undefined,
  options: Omit<Options, 'id' | 'env' | 'argv'>,
): Promise<void> {
  const { log } = options;
  const plugin = await pluginFolder(id);
  // Within the end of the process: what comes after it is never run.
  const stop = async () => {
    if (plugin !== undefined) {
      // First, as the rest may take longer than there is time.
      await rm(join(plugin.dir, addressFile), { force: true });
      await rm(join(plugin.dir, pidFile), { force: true });
      await endManaged(plugin, log);
    }
    await options.stop?.();
  };
  const running = await serveStandalone({
    ...options,
    version: protocolVersion,
    stop,
    address: given || '127.0.0.1:0',
  });
  if (plugin === undefined) {
    log.warn(
      `There is no plugin.json with id ${id} in or below this directory, so that Grafana is not told of this process: ` +
        'start it where the plugin is built',
    );
  } else {
    // Only for whoever runs both.
    await writeFile(join(plugin.dir, addressFile), running.address, { mode: 0o600 });
    await writeFile(join(plugin.dir, pidFile), String(process.pid), { mode: 0o600 });
    await endManaged(plugin, log);
  }
  log.info('Standalone plugin server', { address: running.address, dir: plugin?.dir });
  await running.stopped;
}

/** @returns where a debugger's plugin listens; undefined where there is none, or none any more */
async function standaloneAddress(given: string | undefined, dir: string): Promise<string | undefined> {
  if (given !== undefined && given !== '') return given;
  const address = await textOf(join(dir, addressFile));
  if (address === undefined) return undefined;
  const pid = await textOf(join(dir, pidFile));
  return pid === undefined || isAlive(pid) ? address : undefined;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: string): boolean {
  // Not 0 nor below: these mean groups.
  return /^[1-9]\d*$/.test(pid) && processEffects().isAlive(Number(pid));
}

/** The file that was started: the single executable, or the script that Node runs. */
function executable(argv: readonly string[]): string {
  const [node = '', script = ''] = argv;
  return script === '' || basename(node) === basename(script) ? process.execPath : script;
}

const PluginJson = z.object({ id: z.string(), executable: z.string().min(1).optional() });

interface PluginFolder {
  readonly dir: string;
  /** How the files of its executables begin, before platform and architecture. */
  readonly executable: string | undefined;
}

/** Below the working directory, its dist/ first: a source's own plugin.json is not the one that Grafana reads. */
async function pluginFolder(id: string): Promise<PluginFolder | undefined> {
  const dist = join(process.cwd(), 'dist');
  const root = (await stat(dist).catch(() => undefined))?.isDirectory() ? dist : process.cwd();
  const files = glob('**/plugin.json', { cwd: root, exclude: (name) => basename(name) === 'node_modules' });
  for await (const file of files) {
    const text = await textOf(join(root, file));
    try {
      const read = PluginJson.safeParse(JSON.parse(text ?? ''));
      if (read.success && read.data.id === id) {
        return { dir: dirname(join(root, file)), executable: read.data.executable };
      }
    } catch {
      // Not JSON: somebody else's.
    }
  }
  return undefined;
}

/**
 * Grafana starts its own again within a second, which then finds, or no longer finds, the note. Only the plugin's own
 * executable: a project's folder has others that run, such as what watches its sources.
 */
async function endManaged({ dir, executable }: PluginFolder, log: Logger): Promise<void> {
  if (executable === undefined) return;
  const prefix = `${join(dir, executable)}_`;
  for await (const entry of glob('/proc/[0-9]*')) {
    const pid = Number(basename(entry));
    const exe = await readlink(join(entry, 'exe')).catch(() => '');
    if (pid === process.pid || !exe.startsWith(prefix)) continue;
    log.info('Ending the plugin that Grafana has started', { pid });
    try {
      process.kill(pid, 'SIGTERM');
    } catch (error) {
      log.warn('It can not be ended', { pid, error });
    }
  }
}
