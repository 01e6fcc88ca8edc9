import type { HookContext } from '../environment.ts';
import type { HookEvent } from '../events.ts';
import type { HookTools, LogLevel, Status } from '../hook-tools.ts';
import { parseUnitName } from '../unit-name.ts';
import { applyChanges, applyTracking } from './apply-changes.ts';
import { MemoryHookTools } from './memory-hook-tools.ts';
import { duringEvent, eventOf } from './scenario-event.ts';
import type { ActionOutcome, Changes, RelationState, SecretTracking, UnitState } from './state.ts';

/** A charm: all it knows of the world comes in by its arguments. */
export type Charm = (tools: HookTools, context: HookContext) => Promise<void>;

/** What a hook left behind. */
export interface HookOutcome {
  /** As the next hook would find it, if nothing else happened. */
  readonly state: UnitState;
  readonly changes: Changes;
  /** Every status that was set, in order. */
  readonly statuses: readonly (Status & { readonly scope: 'unit' | 'application' })[];
  /** In relation hooks with Juju's prefix: `db:3: `. */
  readonly logs: readonly { readonly level: LogLevel; readonly message: string }[];
  readonly action: ActionOutcome & { readonly logs: readonly string[] };
  /**
   * The relation of this endpoint, or this id, afterwards.
   * @throws {TypeError} when there is none, or several on the endpoint
   */
  relation(endpointOrId: string | number): RelationState;
}

/**
 * Runs a charm's hook in memory, as Juju would: all changes on success, none when the charm throws (and this rejects).
 * @param hook - a hook's name, such as `db-relation-changed`, or an event
 * @param given - see {@link state}
 * @throws {TypeError} when Juju would not run this hook in this state
 */
export async function runHook(
  charm: Charm,
  hook: string | HookEvent,
  given: UnitState,
): Promise<HookOutcome> {
  const event = typeof hook === 'string' ? eventOf(hook, given) : hook;
  const before = duringEvent(event, given);
  const statuses: HookOutcome['statuses'][number][] = [];
  const logs: HookOutcome['logs'][number][] = [];
  const actionLogs: string[] = [];
  const tracked: SecretTracking[] = [];
  let workloadVersion = given.workloadVersion;
  const tools = new MemoryHookTools(before, {
    event,
    effects: {
      statusSet: (status, scope) => statuses.push({ ...status, scope }),
      versionSet: (version) => {
        workloadVersion = version;
      },
      log: (level, message) => logs.push({ level, message }),
      actionLog: (message) => actionLogs.push(message),
      secretTracking: (tracking) => tracked.push(tracking),
    },
  });
  await charm(tools, contextOf(before, event));
  const changes = tools.changes();
  const plain = ({ status, message }: Status): Status => ({ status, message });
  const state: UnitState = {
    ...tracked.reduce(applyTracking, applyChanges(given, changes)),
    workloadVersion,
    unitStatus: plain(statuses.findLast(({ scope }) => scope === 'unit') ?? given.unitStatus),
    applicationStatus: plain(
      statuses.findLast(({ scope }) => scope === 'application') ?? given.applicationStatus,
    ),
  };
  return {
    state,
    changes,
    statuses,
    logs,
    action: { ...tools.action(), logs: actionLogs },
    relation: (endpointOrId) => relationOf(state, endpointOrId),
  };
}

function contextOf({ unit, modelName, modelUuid }: UnitState, event: HookEvent): HookContext {
  const { app, number } = parseUnitName(unit);
  return {
    unit,
    app,
    unitNumber: number,
    modelName,
    modelUuid,
    charmDir: `/var/lib/juju/agents/unit-${app}-${number}/charm`,
    jujuVersion: '3.6.2',
    contextId: `${unit}-${event.kind}-0`,
    machineId: '0',
    apiAddresses: ['10.0.0.254:17070'],
    event,
  };
}

function relationOf(state: UnitState, endpointOrId: string | number): RelationState {
  const found = state.relations.filter(
    ({ id, endpoint }) => id === endpointOrId || endpoint === endpointOrId,
  );
  const [relation, ...others] = found;
  if (!relation) throw new TypeError(`there is no relation ${endpointOrId}`);
  if (others.length > 0) throw new TypeError(`there are several relations on '${endpointOrId}': ask by id`);
  return relation;
}
