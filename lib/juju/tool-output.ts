import * as z from 'zod';
import { HookToolError } from './errors.ts';
import type { ActionValue, Port } from './hook-tools.ts';
import { lazily } from './lazily.ts';
import { comparePorts, parsePort } from './ports.ts';
import { compareUnitNames, isUnitName, type UnitName } from './unit-name.ts';

/**
 * What hook tools print with `--format=json`, and what this library makes of it.
 * @see juju/juju: worker/uniter/runner/jujuc
 */

/**
 * Reads a tool's JSON.
 * @throws {HookToolError} FAILED when it is not what the schema says; values are not shown, they may be secret
 */
export function parseOutput<Schema extends z.ZodType>(
  tool: string,
  schema: Schema,
  stdout: string,
): z.infer<Schema> {
  const result = schema.safeParse(fromJson(tool, stdout));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw new HookToolError(`unexpected output of ${tool}${at}`, { code: 'FAILED', tool, exitCode: 0 });
}

function fromJson(tool: string, stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    // The parser's message quotes the text.
    throw new HookToolError(`output of ${tool} is no JSON`, { code: 'FAILED', tool, exitCode: 0 });
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Not `z.record`, which leaves out a key called `__proto__`. */
const recordOf = <T>(isMember: (value: unknown) => value is T) =>
  z.custom<Record<string, T>>((value) => isObject(value) && Object.values(value).every(isMember));
const isString = (value: unknown): value is string => typeof value === 'string';
const isAny = (_value: unknown): _value is ActionValue => true;

/** Juju leaves lists out, or says null, when they are empty. */
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
/** `state-get` says null when there is no state at all. */
export const strings = lazily(() =>
  recordOf(isString)
    .nullable()
    .transform((values) => values ?? {}),
);
const text = lazily(() =>
  z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
);
const unitName = lazily(() => z.custom<UnitName>((value) => isString(value) && isUnitName(value)));

/** `["db:10","db:2"]`: Juju sorts as strings. */
export const relationIds = lazily(() =>
  list(z.string().regex(/(^|:)[0-9]+$/)).transform((ids) =>
    ids.map((id) => Number(id.slice(id.lastIndexOf(':') + 1))).sort((a, b) => a - b),
  ),
);
export const unitNames = lazily(() => list(unitName()).transform((names) => names.sort(compareUnitNames)));
export const string = lazily(() => z.string());
export const boolean = lazily(() => z.boolean());
export const stringList = lazily(() => list(z.string()));
export const sortedStrings = lazily(() => stringList().transform((values) => values.sort()));
export const model = lazily(() => z.object({ uuid: z.string() }));
export const actionParameters = lazily(() =>
  recordOf(isAny)
    .nullable()
    .transform((values) => values ?? {}),
);

type ConfigValue = string | number | boolean;
/** Options without a value may come as null. */
export const config = lazily(() =>
  recordOf(
    (value): value is ConfigValue | null =>
      value === null || ['string', 'number', 'boolean'].includes(typeof value),
  )
    .nullable()
    .transform((options) =>
      Object.fromEntries(
        Object.entries(options ?? {}).filter((option): option is [string, ConfigValue] => option[1] !== null),
      ),
    ),
);

export const status = lazily(() =>
  z.object({
    // A later Juju may know more of them.
    status: z.enum(['active', 'waiting', 'blocked', 'maintenance', 'unknown', 'error']).catch('unknown'),
    message: text(),
  }),
);
/** Units stand inside `application-status`, not beside it. */
export const applicationStatus = lazily(() =>
  z
    .object({
      'application-status': z.object({
        ...status().shape,
        units: z
          .record(unitName(), status())
          .nullish()
          .transform((units) => units ?? {}),
      }),
    })
    .transform((output) => output['application-status']),
);

const goals = <Key extends z.ZodType<string, string>>(key: Key) =>
  z
    .record(key, z.object({ status: text(), since: text() }))
    .nullish()
    .transform((entries) => entries ?? {});
export const goalState = lazily(() =>
  z.object({
    units: goals(unitName()),
    relations: z
      .record(z.string(), goals(z.string()))
      .nullish()
      .transform((relations) => relations ?? {}),
  }),
);

export const credential = lazily(() =>
  z
    .object({
      type: z.string(),
      name: z.string(),
      region: z.string().optional(),
      endpoint: z.string().optional(),
      credential: z.object({ 'auth-type': z.string(), attrs: strings().optional() }).optional(),
    })
    .transform(({ type, name, region, endpoint, credential: inner }) => ({
      type,
      name,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(inner ? { credential: { authType: inner['auth-type'], attrs: inner.attrs ?? {} } } : {}),
    })),
);

const address = lazily(() => z.object({ hostname: text(), value: text(), cidr: text() }));
const bindAddress = lazily(() =>
  z
    .object({ 'mac-address': text(), 'interface-name': text(), addresses: list(address()) })
    .transform((output) => ({
      macAddress: output['mac-address'],
      interfaceName: output['interface-name'],
      addresses: output.addresses,
    })),
);
export const network = lazily(() =>
  z
    .object({
      'bind-addresses': list(bindAddress()),
      'ingress-addresses': list(z.string()),
      'egress-subnets': list(z.string()),
    })
    .transform((output) => ({
      bindAddresses: output['bind-addresses'],
      ingressAddresses: output['ingress-addresses'],
      egressSubnets: output['egress-subnets'],
    })),
);

/** `80/tcp (*)`, or `80/tcp (db, web)` where it is open for these endpoints only. */
const openedPort = lazily(() =>
  z
    .string()
    .regex(/^(icmp|[0-9]+(-[0-9]+)?\/(tcp|udp))( \(.*\))?$/)
    .transform((line): Port => {
      const [, port = '', endpoints = '*'] = /^(\S+)(?: \((.*)\))?$/.exec(line) ?? [];
      if (endpoints === '*') return parsePort(port);
      return { ...parsePort(port), endpoints: endpoints.split(/, */).sort() };
    }),
);
export const openedPorts = lazily(() => list(openedPort()).transform((ports) => ports.sort(comparePorts)));

const secret = lazily(() =>
  z.object({
    revision: z.number(),
    label: text(),
    owner: z.enum(['application', 'unit', 'model']),
    description: z.string().optional(),
    rotation: z.string().optional(),
    expiry: z.string().optional(),
  }),
);
/** By bare id; one entry. */
export const secretInfo = lazily(() =>
  z.record(z.string(), secret()).transform((secrets) =>
    Object.entries(secrets).map(([id, { description, rotation, expiry, ...info }]) => ({
      id,
      ...info,
      ...(description ? { description } : {}),
      ...(rotation ? { rotation } : {}),
      ...(expiry ? { expiry } : {}),
    })),
  ),
);

export const storage = lazily(() => z.object({ kind: z.string(), location: z.string() }));
