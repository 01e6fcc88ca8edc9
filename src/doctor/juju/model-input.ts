import type * as z from 'zod';
import { UsageError } from '#src/local';
import { type Interface, interfaces } from '../deployment.ts';
import { JujuShowUnit, RelationRow } from './show-unit.ts';
import { applicationOf, JujuStatus } from './status.ts';

/** One model as Juju prints it, of which only what is of interest. */
export interface ModelInput {
  readonly status: JujuStatus;
  /** By unit name; of the relations only those over an interface that the doctor knows. */
  readonly units: ReadonlyMap<string, readonly RelationRow[]>;
}

/** Something that was read and parsed, and where it came from: a file, or a command. */
export interface Source {
  readonly from: string;
  readonly value: unknown;
}

/** @throws {UsageError} it is not what `juju status` prints */
export function readStatus({ from, value }: Source): JujuStatus {
  const result = JujuStatus.safeParse(value);
  if (result.success) return result.data;
  throw notWhat(from, 'juju status --format json', result.error);
}

/** @throws {UsageError} it is not what `juju show-unit` prints */
export function readModel(status: JujuStatus, shown: readonly Source[]): ModelInput {
  const units = new Map<string, readonly RelationRow[]>();
  for (const { from, value } of shown) {
    // It prints nothing at all, `null` or `{}`, for no units.
    const result = JujuShowUnit.safeParse(value ?? {});
    if (!result.success) throw notWhat(from, 'juju show-unit --format json', result.error);
    for (const [unit, { 'relation-info': rows }] of Object.entries(result.data)) {
      const app = applicationOf(unit);
      const ofInterest = (rows ?? []).filter((row) => {
        const endpoint = endpointOf(row);
        // One without an endpoint is none of Juju's, and is refused below.
        return endpoint === undefined || interfaceOf(status, app, endpoint) !== undefined;
      });
      units.set(
        unit,
        ofInterest.map((row) => {
          const read = RelationRow.safeParse(row);
          if (!read.success) throw notWhat(from, 'juju show-unit --format json', read.error, unit);
          return read.data;
        }),
      );
    }
  }
  return { status, units };
}

/** Read without a schema: of the rows of a large model most are of no interest. */
function endpointOf(row: unknown): string | undefined {
  const isObject = typeof row === 'object' && row !== null && 'endpoint' in row;
  return isObject && typeof row.endpoint === 'string' ? row.endpoint : undefined;
}

function notWhat(from: string, command: string, error: z.ZodError, below = ''): UsageError {
  const [issue] = error.issues;
  const path = [below, ...(issue?.path ?? [])].filter((part) => part !== '').map(String);
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return new UsageError(`${from}: not what ${command} prints${where}: ${issue?.message ?? ''}`);
}

/** What the charms call their endpoints, for a Juju that does not tell the interface. */
const wellKnown: ReadonlyMap<string, Interface> = new Map([
  ['grafana-source', 'grafana_datasource'],
  ['datasources', 'grafana_datasource'],
  ['send-datasource', 'grafana_datasource_exchange'],
  ['receive-datasource', 'grafana_datasource_exchange'],
]);

/** @returns the interface of an application's endpoint, or undefined for one that is of no interest here */
export function interfaceOf(status: JujuStatus, app: string, endpoint: string): Interface | undefined {
  const application = status.applications?.[app] ?? status['application-endpoints']?.[app];
  const named = application?.relations?.[endpoint]?.find((related) => related.interface !== undefined);
  if (named?.interface === undefined) return wellKnown.get(endpoint);
  return isOfInterest(named.interface) ? named.interface : undefined;
}

function isOfInterest(name: string): name is Interface {
  return interfaces.some((known) => known === name);
}

/** @returns the units whose databags have to be read */
export function unitsOfInterest(status: JujuStatus, all: readonly string[]): string[] {
  const apps = new Set(
    Object.entries(status.applications ?? {})
      .filter(([app, { relations }]) =>
        Object.keys(relations ?? {}).some((endpoint) => interfaceOf(status, app, endpoint) !== undefined),
      )
      .map(([app]) => app),
  );
  return all.filter((unit) => apps.has(applicationOf(unit)));
}
