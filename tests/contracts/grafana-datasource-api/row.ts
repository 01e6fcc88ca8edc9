import { randomBytes } from 'node:crypto';

/** One line of the contract: a request, and what comes back. */
export interface Row {
  title: string;
  /** Datasources that are there before the request, made with POST. */
  given?: Json[];
  /** Requests before the one that is looked at; each must succeed. */
  steps?: [method: string, path: string, body: Json][];
  /** The first version that behaves so, and the first that no longer does. */
  from?: string;
  until?: string;
  /** Why no other Grafana can run this row. */
  embeddedOnly?: string;
  method: string;
  path: string;
  as?: 'admin' | 'viewer' | 'nobody' | 'stranger';
  contentType?: string | null;
  body?: Json | string;
  status: number;
  /** The answer's `message`. */
  message?: string | RegExp;
  /** Looks at the answer's JSON. */
  check?: (json: Json) => void;
  /** Looks at what a GET of this path answers afterwards. */
  afterwards?: { path: string; status?: number; check?: (json: Json) => void };
}

export type Json = Record<string, unknown>;

// Names and uids of this run; nobody else's datasources are touched.
export const run = `crosslink-contract-${randomBytes(4).toString('hex')}`;
export const one = { name: `${run} One`, uid: `${run}-1` };
export const two = { name: `${run} Two/b ü`, uid: `${run}-2` };
export const locked = { name: `${run} Locked`, uid: `${run}-locked` }; // there all the time, last in the list
export const base = { type: 'tempo', access: 'proxy', url: 'http://tempo:3200' };
export const list = '/api/datasources';
export const byUid = (uid: string) => `${list}/uid/${encodeURIComponent(uid)}`;
export const byName = (name: string) => `${list}/name/${encodeURIComponent(name)}`;

export const notFound = { status: 404, message: 'Data source not found' };
export const badRequest = { status: 400, message: 'bad request data' };
export const stale = { status: 409, message: /^Datasource has already been updated by someone else/ };

/** The items of a list that this run made. */
export function ours(json: Json): Json[] {
  const items: unknown[] = Object.values(json);
  return items.filter(isJson).filter(({ name }) => String(name).startsWith(run));
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
