import { once } from 'node:events';
import {
  type AgentSocketForm,
  agentSocketForms,
  loadScenario,
  type RealGrafana,
  type RunningScenario,
  type RunOptions,
  runScenario,
  UsageError,
} from '#src/local';
import type { KeptTraces } from '#src/traces';
import { Interruption } from './interruption.ts';
import { print } from './output.ts';
import { parseOptions } from './parse-options.ts';
import { Progress } from './progress.ts';
import { report } from './report.ts';
import type { UnpackedCharm } from './unpacked-charm.ts';

export const upHelp = `Usage: crosslink up [SCENARIO] [OPTIONS]

Runs a scenario: deploys its applications into a local Juju model, lets them
talk until nobody has anything left to say, and shows the links. SCENARIO is
the name of one in scenarios/, or the path of a file; cos when left out.
Then it keeps running, with the Grafanas reachable, until Ctrl-C.

Options:
  --once             end when it has settled: with 0 if what the scenario
                     expects holds, with 1 and the differences if not
  --json             print one JSON object, and nothing else, on stdout
  --charm FILE       run a packed charm in place of this project's folder,
                     on units that have no Node, npm or Python
  --agent-socket HOW how hooks reach their unit's agent: over its socket, on a
                     file as in Juju today (file) or in Linux's abstract space
                     as before 2024 (abstract), or by hook tools alone (none)
  --traces           keep the traces of hooks, for crosslink traces list, with
                     --once and --json too; else that needs no asking
  --no-traces        keep none: hooks are faster
  --shuffle SEED     make relations and deliver events in another order
  --grafana URL      use a real Grafana in place of an embedded one
  --token-file FILE  a token for it, of a service account with role Admin
  --timeout SECONDS  how long it may take to settle, each time (300)
`;

interface UpOptions {
  readonly scenario: string;
  readonly once: boolean;
  readonly json: boolean;
  /** undefined: if that is possible. */
  readonly traces: boolean | undefined;
  /** A packed charm. */
  readonly charm: string | undefined;
  readonly run: RunOptions;
}

/** How often Juju wakes every unit, `update-status-hook-interval`. */
const updateStatusMs = 5 * 60_000;

/** @returns the exit code; without `--once` only after Ctrl-C */
export async function up(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    await print(upHelp);
    return 0;
  }
  const options = readOptions(args);
  const loaded = await loadScenario(options.scenario);
  const progress = new Progress(process.stderr, loaded.scenario.name);
  using interrupted = new Interruption(() => progress.end());
  await using charm = options.charm === undefined ? undefined : await unpacked(options.charm);
  await using traces = options.traces === false ? undefined : await keptTraces(options.traces === true);
  let running: RunningScenario;
  try {
    running = await runScenario(loaded, {
      ...options.run,
      ...(charm !== undefined && { charmFolder: charm.folder, agentPath: charm.path }),
      ...(traces !== undefined && { otlpHttpUrl: traces.otlpHttpUrl }),
      signal: interrupted.signal,
      onActivity: (activity) => progress.activity(activity),
      onPhase: (phase) => progress.phase(phase),
    });
  } finally {
    progress.end();
  }
  try {
    const { result } = running;
    await print(options.json ? `${JSON.stringify(result, null, 2)}\n` : report(result, progress.elapsedMs));
    for (const line of result.differences) process.stderr.write(`not as expected: ${line}\n`);
    if (traces !== undefined) await tellOf(traces);
    if (!options.once) {
      await traces?.serve();
      await keepRunning(running, interrupted.signal);
    }
    return result.differences.length === 0 ? 0 : 1;
  } finally {
    await running.close();
  }
}

async function unpacked(file: string): Promise<UnpackedCharm> {
  return (await import('./unpacked-charm.ts')).unpackedCharm(file);
}

/** Where nobody has asked for them, a folder that can't be had is no reason not to run. */
async function keptTraces(isAskedFor: boolean): Promise<KeptTraces | undefined> {
  const { defaultTracesFolder, keepTraces } = await import('#src/traces');
  try {
    return await keepTraces(defaultTracesFolder(process.env));
  } catch (error) {
    if (isAskedFor || !(error instanceof UsageError)) throw error;
    process.stderr.write(`Traces of hooks are not kept: ${error.message}\n`);
    return undefined;
  }
}

async function tellOf(traces: KeptTraces): Promise<void> {
  const count = await traces.count();
  const what = count === undefined ? 'traces' : count === 1 ? '1 trace' : `${count} traces`;
  process.stderr.write(`Kept ${what} of hooks: ./crosslink traces list shows them\n`);
}

async function keepRunning({ grafanas, model }: RunningScenario, signal: AbortSignal): Promise<void> {
  for (const { name, url, embedded } of grafanas) {
    const login = embedded ? '  (user admin, password admin)' : '';
    process.stderr.write(`Grafana ${name} is at ${url}${login}\n`);
  }
  process.stderr.write('Ctrl-C ends it.\n');
  const timer = setInterval(() => model.fireUpdateStatus(), updateStatusMs);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(timer);
}

const options = {
  once: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  traces: { type: 'boolean' },
  'no-traces': { type: 'boolean', default: false },
  charm: { type: 'string' },
  'agent-socket': { type: 'string' },
  shuffle: { type: 'string' },
  grafana: { type: 'string' },
  'token-file': { type: 'string' },
  timeout: { type: 'string' },
} as const;

function readOptions(args: readonly string[]): UpOptions {
  const { values, positionals } = parseOptions('up', args, options);
  const [scenario = 'cos', extra] = positionals;
  if (extra !== undefined) throw new UsageError(`one scenario at a time: what is '${extra}'?`);
  const grafana = realGrafana(values.grafana, values['token-file']);
  const shuffle = values.shuffle === undefined ? undefined : wholeNumber('--shuffle', values.shuffle);
  const agentSocket = socketForm(values['agent-socket']);
  const timeout = values.timeout === undefined ? undefined : wholeNumber('--timeout', values.timeout);
  if (timeout === 0) throw new UsageError('--timeout takes at least 1 second');
  return {
    scenario,
    once: values.once,
    json: values.json,
    traces: wantsTraces(values),
    charm: values.charm,
    run: {
      ...(grafana !== undefined && { grafana }),
      ...(agentSocket !== undefined && { agentSocket }),
      ...(shuffle !== undefined && { shuffle }),
      ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
    },
  };
}

/** Hooks that send traces take longer: what waits for the end, or reads the result, has to ask for it. */
function wantsTraces(values: {
  readonly traces?: boolean;
  readonly 'no-traces': boolean;
  readonly once: boolean;
  readonly json: boolean;
}): boolean | undefined {
  if (values.traces === true && values['no-traces'])
    throw new UsageError('--traces or --no-traces, not both');
  if (values['no-traces']) return false;
  return values.traces ?? (values.once || values.json ? false : undefined);
}

function realGrafana(url: string | undefined, tokenFile: string | undefined): RealGrafana | undefined {
  if (url === undefined && tokenFile === undefined) return undefined;
  if (url === undefined) throw new UsageError('--token-file goes with --grafana URL');
  if (tokenFile === undefined) throw new UsageError('--grafana needs --token-file FILE');
  return { url, tokenFile };
}

function socketForm(text: string | undefined): AgentSocketForm | undefined {
  const form = agentSocketForms.find((known) => known === text);
  if (text === undefined || form !== undefined) return form;
  throw new UsageError(`--agent-socket takes ${agentSocketForms.join(', ')}, not '${text}'`);
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} takes a whole number, not '${text}'`);
  return Number(text);
}
