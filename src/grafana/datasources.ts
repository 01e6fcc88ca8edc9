import * as z from 'zod';
import { GrafanaApiError } from './errors.ts';
import type { Http } from './http.ts';
import { LaxBoolean, LaxObject, LaxString, listOf } from './json.ts';
import { read, segment } from './resource.ts';

/**
 * A datasource as the list shows it. To learn `version` or which secrets are set, get it by uid.
 * @see grafana/grafana: pkg/api/dtos/datasource.go
 */
export const DatasourceListItem = z.object({
  id: z.number(), // by database; not stable when it is rebuilt
  uid: z.string(),
  orgId: z.number(),
  name: z.string(),
  type: z.string(), // plugin id; newer versions report the canonical id in place of an alias
  access: LaxString, // 'proxy' or 'direct'
  url: LaxString,
  user: LaxString,
  database: LaxString,
  basicAuth: LaxBoolean,
  isDefault: LaxBoolean,
  jsonData: LaxObject,
  readOnly: LaxBoolean,
});
export type DatasourceListItem = z.infer<typeof DatasourceListItem>;

/** One datasource in full. Values of secrets never leave Grafana; `secureJsonFields` names those that are set. */
export const Datasource = DatasourceListItem.extend({
  basicAuthUser: LaxString,
  withCredentials: LaxBoolean,
  secureJsonFields: LaxObject.transform(namesSet),
  version: z.number(), // counts writes, and goes back to 1 after a write that named no version
});
export type Datasource = z.infer<typeof Datasource>;

function namesSet(fields: Record<string, unknown>): Record<string, boolean> {
  return Object.fromEntries(Object.entries(fields).map(([name, isSet]) => [name, isSet === true]));
}

/** What to create. Fields left out are empty or false; Grafana makes a uid where none is given. */
export interface DatasourceCommand {
  name: string;
  /** Plugin id, e.g. `tempo`; ids that are not installed are accepted. */
  type: string;
  access: 'proxy' | 'direct';
  /** At most 40 of `[A-Za-z0-9_-]`. */
  uid?: string;
  url?: string;
  user?: string;
  database?: string;
  basicAuth?: boolean;
  basicAuthUser?: string;
  withCredentials?: boolean;
  /** True takes the flag away from every other datasource of the organisation. */
  isDefault?: boolean;
  /** Replaces what was there as a whole. Every Viewer can read it. */
  jsonData?: Readonly<Record<string, unknown>>;
  /** Merged by key with the stored secrets; an empty string unsets one. Write-only. */
  secureJsonData?: Readonly<Record<string, string>>;
}

/**
 * What a datasource becomes, as a whole: left-out booleans turn false, a left-out `jsonData` turns `{}`. Not so
 * `url` and `basicAuthUser`, which an empty or absent string leaves as they were.
 */
export interface DatasourceUpdate extends Omit<DatasourceCommand, 'uid'> {
  /** As read. Grafana refuses with `CONFLICT_VERSION` if somebody wrote since. */
  version: number;
}

const Written = z.object({ datasource: Datasource });
const path = '/api/datasources';
/** Four times as many as Grafana lists unless it is told to. */
const mostDatasources = 20_000;

export interface Datasources {
  /** All datasources of the token's organisation, by lower-cased name. */
  listDatasources(): Promise<DatasourceListItem[]>;
  /** @returns undefined when there is none with this uid */
  getDatasource(uid: string): Promise<Datasource | undefined>;
  /** @returns undefined when there is none with this name */
  getDatasourceByName(name: string): Promise<Datasource | undefined>;
  /** @throws {GrafanaApiError} also `CONFLICT_NAME`, `CONFLICT_UID`, `QUOTA`, `REJECTED` */
  createDatasource(command: DatasourceCommand): Promise<Datasource>;
  /** @throws {GrafanaApiError} also `NOT_FOUND`, `READ_ONLY`, `CONFLICT_NAME`, `CONFLICT_VERSION`, `REJECTED` */
  updateDatasource(uid: string, update: DatasourceUpdate): Promise<Datasource>;
  /**
   * @returns false when it was gone already
   * @throws {GrafanaApiError} also `READ_ONLY`
   */
  deleteDatasource(uid: string): Promise<boolean>;
}

/** Datasource calls. Each throws `GrafanaApiError`. @see grafana/grafana: pkg/api/datasources.go */
export function datasources(http: Http): Datasources {
  const getOne = async (at: string) => {
    const answer = await unlessNotFound(http({ method: 'GET', path: at }));
    return answer && read(Datasource, answer, { method: 'GET', path: at });
  };
  const write = async (method: 'POST' | 'PUT', at: string, body: DatasourceCommand) => {
    const secrets = Object.values(body.secureJsonData ?? {});
    const answer = await http({ method, path: at, body, secrets });
    return read(Written, answer, { method, path: at }).datasource;
  };
  return {
    async listDatasources() {
      const call = { method: 'GET', path };
      return read(listOf(DatasourceListItem, mostDatasources), await http(call), call);
    },
    getDatasource: async (uid) => getOne(byUid(uid)),
    getDatasourceByName: async (name) => getOne(`${path}/name/${segment(name)}`),
    createDatasource: async (command) => write('POST', path, command),
    // The uid is repeated in the body: versions up to 12.1 would take another one for a change of uid, later ones
    // refuse a body that differs from the path.
    updateDatasource: async (uid, update) => write('PUT', byUid(uid), { ...update, uid }),
    async deleteDatasource(uid) {
      return (await unlessNotFound(http({ method: 'DELETE', path: byUid(uid) }))) !== undefined;
    },
  };
}

function byUid(uid: string): string {
  return `${path}/uid/${segment(uid)}`;
}

/** @returns undefined where Grafana says that there is no such thing */
export async function unlessNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GrafanaApiError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
