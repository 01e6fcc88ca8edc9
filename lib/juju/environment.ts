import * as z from 'zod';
import type { HookEvent } from './events.ts';
import { lazily } from './lazily.ts';
import { isUnitName, parseUnitName, type UnitName } from './unit-name.ts';

/** Where and why Juju started this process. */
export interface HookContext {
  readonly unit: UnitName;
  /** This unit's application. */
  readonly app: string;
  readonly unitNumber: number;
  readonly modelName: string;
  readonly modelUuid: string;
  /** Absolute path; also the working directory when the hook starts. */
  readonly charmDir: string;
  /** Of the agent: `3.6.2`. */
  readonly jujuVersion: string;
  readonly contextId: string;
  /** Absent on Kubernetes; `3`, or `0/lxd/1` for a container. */
  readonly machineId?: string;
  /** Absent on Kubernetes. */
  readonly availabilityZone?: string;
  /** Of a subordinate: the unit it is attached to. */
  readonly principalUnit?: UnitName;
  /** `host:port` of each controller. */
  readonly apiAddresses: readonly string[];
  readonly event: HookEvent;
}

/** The environment is none that Juju made. `variables` names what is missing or makes no sense. */
export class HookEnvironmentError extends Error {
  override readonly name = 'HookEnvironmentError';
  readonly variables: readonly string[];

  constructor(variables: readonly string[]) {
    super(`no environment of a Juju hook (${variables.join(', ')}): this is run by Juju, not by hand`);
    this.variables = variables;
  }
}

type Env = Readonly<Record<string, string | undefined>>;

const text = z.string().min(1);
/** Juju sets a variable to the empty string where it has nothing to say. */
const blankable = z
  .string()
  .optional()
  .transform((value) => value || undefined);
const unitName = z.custom<UnitName>((value) => typeof value === 'string' && isUnitName(value));
const blankableUnit = blankable.pipe(unitName.optional());

const Base = lazily(() =>
  z.object({
    JUJU_UNIT_NAME: unitName,
    JUJU_MODEL_NAME: text,
    JUJU_MODEL_UUID: text,
    JUJU_CHARM_DIR: text,
    JUJU_VERSION: text,
    JUJU_CONTEXT_ID: text,
    JUJU_MACHINE_ID: blankable,
    JUJU_AVAILABILITY_ZONE: blankable,
    JUJU_PRINCIPAL_UNIT: blankableUnit,
    JUJU_API_ADDRESSES: blankable,
    JUJU_HOOK_NAME: blankable,
    JUJU_ACTION_NAME: blankable,
  }),
);

const Relation = lazily(() =>
  z.object({
    JUJU_RELATION: text,
    JUJU_RELATION_ID: z
      .string()
      .regex(/(^|:)[0-9]+$/)
      .transform((id) => Number(id.slice(id.lastIndexOf(':') + 1))),
    JUJU_REMOTE_APP: blankable,
    JUJU_REMOTE_UNIT: blankableUnit,
    JUJU_DEPARTING_UNIT: blankableUnit,
  }),
);
const Joined = lazily(() => z.object({ JUJU_REMOTE_UNIT: unitName }));
const Secret = lazily(() => z.object({ JUJU_SECRET_ID: text, JUJU_SECRET_LABEL: blankable }));
const SecretRevision = lazily(() =>
  z.object({
    JUJU_SECRET_REVISION: z
      .string()
      .regex(/^[0-9]+$/)
      .transform(Number),
  }),
);
const Storage = lazily(() => z.object({ JUJU_STORAGE_ID: text, JUJU_STORAGE_LOCATION: blankable }));
const Workload = lazily(() => z.object({ JUJU_WORKLOAD_NAME: text }));
const Notice = lazily(() =>
  z.object({ JUJU_NOTICE_ID: text, JUJU_NOTICE_TYPE: text, JUJU_NOTICE_KEY: text }),
);
const Check = lazily(() => z.object({ JUJU_PEBBLE_CHECK_NAME: text }));
const Action = lazily(() => z.object({ JUJU_ACTION_NAME: text, JUJU_ACTION_UUID: text }));

/**
 * Reads what Juju says about this hook.
 * @param env - `process.env` in a charm
 * @throws {HookEnvironmentError} when Juju did not make this environment
 * @see juju/juju: worker/uniter/runner/context/env.go
 */
export function parseHookContext(env: Env): HookContext {
  const base = read(Base(), env);
  const { app, number } = parseUnitName(base.JUJU_UNIT_NAME);
  return {
    unit: base.JUJU_UNIT_NAME,
    app,
    unitNumber: number,
    modelName: base.JUJU_MODEL_NAME,
    modelUuid: base.JUJU_MODEL_UUID,
    charmDir: base.JUJU_CHARM_DIR,
    jujuVersion: base.JUJU_VERSION,
    contextId: base.JUJU_CONTEXT_ID,
    ...(base.JUJU_MACHINE_ID === undefined ? {} : { machineId: base.JUJU_MACHINE_ID }),
    ...(base.JUJU_AVAILABILITY_ZONE === undefined ? {} : { availabilityZone: base.JUJU_AVAILABILITY_ZONE }),
    ...(base.JUJU_PRINCIPAL_UNIT === undefined ? {} : { principalUnit: base.JUJU_PRINCIPAL_UNIT }),
    apiAddresses: base.JUJU_API_ADDRESSES?.split(' ').filter((address) => address !== '') ?? [],
    event: parseEvent(base.JUJU_HOOK_NAME, base.JUJU_ACTION_NAME, env),
  };
}

function parseEvent(hook: string | undefined, action: string | undefined, env: Env): HookEvent {
  if (action !== undefined) {
    const { JUJU_ACTION_NAME, JUJU_ACTION_UUID } = read(Action(), env);
    return { kind: 'action', action: JUJU_ACTION_NAME, actionId: JUJU_ACTION_UUID };
  }
  if (hook === undefined) return { kind: 'exec' };
  switch (hook) {
    case 'install':
    case 'start':
    case 'stop':
    case 'remove':
    case 'config-changed':
    case 'update-status':
    case 'upgrade-charm':
    case 'leader-elected':
    case 'leader-settings-changed':
      return { kind: hook };
    case 'secret-changed':
    case 'secret-rotate':
      return { kind: hook, ...secretFields(env) };
    case 'secret-remove':
    case 'secret-expired':
      return { kind: hook, ...secretFields(env), revision: read(SecretRevision(), env).JUJU_SECRET_REVISION };
    default:
      return parseNamedEvent(hook, env);
  }
}

// What stands before the kind may itself hold hyphens and dots, so hooks are told apart by how they end.
const namedHook =
  /^.+-(relation-(?:created|joined|changed|departed|broken)|storage-(?:attached|detaching)|pebble-(?:ready|custom-notice|check-failed|check-recovered))$/;

function parseNamedEvent(hook: string, env: Env): HookEvent {
  const kind = namedHook.exec(hook)?.[1];
  switch (kind) {
    case 'relation-created':
    case 'relation-broken':
      return { kind, ...relationFields(env) };
    case 'relation-joined':
      return { kind, ...relationFields(env), remoteUnit: read(Joined(), env).JUJU_REMOTE_UNIT };
    case 'relation-changed': {
      const { JUJU_REMOTE_UNIT: remoteUnit } = read(Relation(), env);
      return { kind, ...relationFields(env), ...(remoteUnit ? { remoteUnit } : {}) };
    }
    case 'relation-departed': {
      const { JUJU_REMOTE_UNIT: remoteUnit, JUJU_DEPARTING_UNIT: departingUnit } = read(Relation(), env);
      return {
        kind,
        ...relationFields(env),
        ...(remoteUnit ? { remoteUnit } : {}),
        ...(departingUnit ? { departingUnit } : {}),
      };
    }
    case 'storage-attached':
    case 'storage-detaching': {
      const { JUJU_STORAGE_ID: storageId, JUJU_STORAGE_LOCATION: location = '' } = read(Storage(), env);
      return { kind, storage: hook.slice(0, -kind.length - 1), storageId, location };
    }
    case 'pebble-ready':
      return { kind, workload: read(Workload(), env).JUJU_WORKLOAD_NAME };
    case 'pebble-custom-notice': {
      const notice = read(Notice(), env);
      return {
        kind,
        workload: read(Workload(), env).JUJU_WORKLOAD_NAME,
        noticeId: notice.JUJU_NOTICE_ID,
        noticeType: notice.JUJU_NOTICE_TYPE,
        noticeKey: notice.JUJU_NOTICE_KEY,
      };
    }
    case 'pebble-check-failed':
    case 'pebble-check-recovered':
      return {
        kind,
        workload: read(Workload(), env).JUJU_WORKLOAD_NAME,
        checkName: read(Check(), env).JUJU_PEBBLE_CHECK_NAME,
      };
    default:
      return { kind: 'unknown', hook };
  }
}

function relationFields(env: Env): { endpoint: string; relationId: number; remoteApp: string } {
  const relation = read(Relation(), env);
  const unit = relation.JUJU_REMOTE_UNIT;
  const remoteApp = relation.JUJU_REMOTE_APP ?? (unit ? parseUnitName(unit).app : '');
  return { endpoint: relation.JUJU_RELATION, relationId: relation.JUJU_RELATION_ID, remoteApp };
}

function secretFields(env: Env): { secretId: string; label: string } {
  const { JUJU_SECRET_ID: secretId, JUJU_SECRET_LABEL: label = '' } = read(Secret(), env);
  return { secretId, label };
}

function read<Schema extends z.ZodType>(schema: Schema, env: Env): z.infer<Schema> {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const variables = new Set(result.error.issues.map(({ path: [variable] }) => String(variable)));
  throw new HookEnvironmentError(
    [...variables].map((variable) =>
      env[variable] ? `${variable} makes no sense` : `${variable} is missing`,
    ),
  );
}
