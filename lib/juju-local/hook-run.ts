import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type HookEvent, isHookToolError, type LogLevel, type Status } from '#lib/juju';
import { type Effects, MemoryHookTools } from '#lib/juju/testing';
import type { ActionRun } from './action-run.ts';
import type { Activity, ToolCalls } from './activity.ts';
import type { Clock } from './clock.ts';
import { type BagChange, commit } from './commit.ts';
import { bagData, writeBag } from './databags.ts';
import { hookEnvironment } from './environment.ts';
import { FlushError } from './errors.ts';
import { goalStateOf } from './goal-state.ts';
import type { ChannelContext, HookChannel } from './hook-channel.ts';
import { startFunction } from './hook-function.ts';
import { dispatchPath, hookName } from './hook-name.ts';
import { type HookExit, type HookProcess, startHook } from './hook-process.ts';
import { runHookTool } from './run-hook-tool.ts';
import { consumerOf, newSecretId } from './secrets.ts';
import type { Application, ModelState, Unit } from './state.ts';
import type { ToolContext } from './tools/tool.ts';
import type { AgentSocketForm } from './unit-directory.ts';
import type { HookPlace } from './unit-files.ts';
import { unitStateOf } from './unit-state.ts';

/** What hooks of all units share. */
export interface HookWorld {
  readonly state: ModelState;
  readonly jujuVersion: string;
  readonly agentPath: string;
  readonly hookTimeoutMs: number;
  readonly agentSocket: AgentSocketForm;
  readonly clock: Clock;
  /** Undefined: ids are such that nobody guesses them. */
  readonly random: (() => number) | undefined;
  onActivity(activity: Activity): void;
  /** Something took effect at once that other units may have an event for. */
  changed(): void;
}

export interface HookResult {
  readonly exit: HookExit;
  /** Why a hook that exited with 0 has failed nevertheless. */
  readonly refusal: string | undefined;
  /** The last {@link maxBytesKept}, as the process wrote them. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly bags: readonly BagChange[];
  readonly toolCalls: ToolCalls;
  readonly reboot: 'none' | 'after' | 'now';
}

/** The hook's tools, process and flush: all of one hook but what its agent remembers of it. */
export interface HookRun {
  readonly result: Promise<HookResult>;
  kill(): void;
}

/** Of each output, for results and reports; the log gets all of it. */
const maxBytesKept = 1024 * 1024;

/**
 * Runs one hook or action of a unit through its real executable.
 * @param action - set when `event` is an action: takes its log and outcome
 */
export function runHook(
  world: HookWorld,
  unit: Unit,
  app: Application,
  event: HookEvent,
  where: HookPlace & { readonly contextId: string },
  action: ActionRun | undefined,
): HookRun {
  const { state } = world;
  const { channels, contextId } = where;
  const module = `unit.${unit.name}.${hookName(event)}`;
  const log = (level: LogLevel, message: string, from = module) =>
    world.onActivity({ kind: 'log', unit: unit.name, module: from, level, message });
  let reboot: HookResult['reboot'] = 'none';
  let hook: HookProcess | undefined;

  const tools = new MemoryHookTools(unitStateOf(state, unit, event, action?.parameters ?? null), {
    event,
    effects: {
      ...immediateEffects(world, unit, app),
      log: (level, message) => log(level, message, `unit.${unit.name}.juju-log`),
      goalState: () => goalStateOf(state, unit),
      actionLog: (message) => action?.log.push(message),
      reboot: (now) => {
        reboot = now ? 'now' : 'after';
        if (now) hook?.kill();
      },
    },
  });
  const toolCalls = { socket: 0, processes: 0 };
  const contextOn = ({ kind }: HookChannel): ChannelContext => ({
    id: contextId,
    serve: ({ name, args, stdin, directory: from }) => {
      toolCalls[kind] += 1;
      return runHookTool(tools, toolContext(world, app, event, from), { name, args, stdin });
    },
  });
  for (const channel of channels) channel.begin(contextOn(channel));
  const kept = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const onOutput = (stream: 'stdout' | 'stderr', bytes: Buffer) => {
    kept[stream] = Buffer.concat([kept[stream], bytes]).subarray(-maxBytesKept);
  };
  const onLine = (stream: 'stdout' | 'stderr', line: string) =>
    log(stream === 'stdout' ? 'DEBUG' : 'WARNING', line);
  const environment = hookEnvironment(event, {
    unit: unit.name,
    modelName: state.name,
    modelUuid: state.uuid,
    jujuVersion: world.jujuVersion,
    machine: unit.machine,
    contextId,
    charmDirectory: where.charm,
    toolDirectory: where.tools,
    socketAddress: where.socket,
    agentPath: world.agentPath,
  });
  hook = app.run
    ? startFunction(app.run, {
        tools,
        environment,
        timeoutMs: world.hookTimeoutMs,
        clock: world.clock,
        onError: (line) => {
          onOutput('stderr', Buffer.from(`${line}\n`));
          onLine('stderr', line);
        },
      })
    : startHook(
        {
          charmDirectory: where.charm,
          fallback: dispatchPath(event),
          timeoutMs: world.hookTimeoutMs,
          environment,
          onOutput,
          onLine,
        },
        world,
      );
  const { exit, kill } = hook;
  const finish = async (): Promise<HookResult> => {
    const ended = await exit;
    await Promise.all(channels.map((channel) => channel.end()));
    if (action) action.outcome = tools.action();
    const ok = ended.kind === 'missing' || (ended.kind === 'exited' && ended.exitCode === 0);
    const flushed =
      ok && reboot !== 'now' ? flush(state, app, unit, tools) : { bags: [], refusal: undefined };
    if (flushed.refusal !== undefined)
      log('ERROR', `could not commit the hook's changes: ${flushed.refusal}`);
    if (ended.kind === 'failed-to-start') log('ERROR', ended.message);
    if (ended.kind === 'timed-out') log('ERROR', `ended after ${world.hookTimeoutMs} ms: it took too long`);
    return { exit: ended, ...flushed, ...kept, toolCalls, reboot };
  };
  return { result: finish(), kill };
}

function flush(
  state: ModelState,
  app: Application,
  unit: Unit,
  tools: MemoryHookTools,
): Pick<HookResult, 'bags' | 'refusal'> {
  try {
    return { bags: commit(state, app, unit, tools.changes()), refusal: undefined };
  } catch (error) {
    if (error instanceof FlushError || isHookToolError(error)) return { bags: [], refusal: error.message };
    throw error;
  }
}

/** What Juju does at once and never takes back. */
function immediateEffects(world: HookWorld, unit: Unit, app: Application): Effects {
  return {
    isLeader: () => app.leader === unit.name,
    statusSet: (status, scope) => {
      if (scope === 'application') {
        app.status = status;
        world.onActivity({ kind: 'application-status', app: app.name, status });
      } else setUnitStatus(world, unit, status);
    },
    versionSet: (version) => {
      app.workloadVersion = version;
    },
    secretTracking: ({ id, trackedRevision, label }) => {
      const secret = world.state.secrets.get(id);
      if (!secret) return;
      const consumer = consumerOf(secret, unit.name);
      if (trackedRevision !== undefined) consumer.revision = trackedRevision;
      if (label !== undefined) consumer.label = label;
      world.changed();
    },
    newSecretId: () => newSecretId(world.random),
  };
}

function setUnitStatus(world: HookWorld, unit: Unit, status: Status): void {
  unit.status = status;
  unit.statusSetByCharm = true;
  world.onActivity({ kind: 'unit-status', unit: unit.name, status });
}

function toolContext(world: HookWorld, app: Application, event: HookEvent, directory: string): ToolContext {
  return {
    event,
    configOptions: [...app.charm.options.keys()],
    leaderSettings: {
      get: () => bagData(app.leaderSettings),
      set: (changes) => {
        if (writeBag(app.leaderSettings, changes).length > 0) world.changed();
      },
    },
    readFile: (path) => readFile(resolve(directory, path), 'utf8'),
    writeFile: (path, text) => writeFile(resolve(directory, path), text),
  };
}
