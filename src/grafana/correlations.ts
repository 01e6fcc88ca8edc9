import * as z from 'zod';
import { unlessNotFound } from './datasources.ts';
import type { Http } from './http.ts';
import { LaxBoolean, LaxObject, LaxString, listOf } from './json.ts';
import { read, segment } from './resource.ts';

const Transformation = z.object({
  type: z.string(),
  expression: LaxString,
  field: LaxString,
  mapValue: LaxString,
});

/**
 * A correlation: a link from results of one datasource to a query of another.
 * @see grafana/grafana: pkg/services/correlations/models.go
 */
export const Correlation = z
  .object({
    uid: z.string(),
    sourceUID: z.string(),
    /** Empty for one that leads out of Grafana. */
    targetUID: LaxString,
    label: LaxString,
    description: LaxString,
    type: LaxString,
    /** Made by a provisioning file: it can't be changed here. */
    provisioned: LaxBoolean,
    config: z.object({
      type: LaxString, // where versions before 11.3 have it
      field: LaxString,
      target: LaxObject,
      transformations: z
        .array(Transformation)
        .nullish()
        .transform((list) => (list ?? []).map(withoutEmpty)),
    }),
  })
  .transform(({ config: { type: before, ...config }, ...rest }) => ({
    ...rest,
    type: rest.type === '' ? before : rest.type,
    config,
  }));
export type Correlation = z.infer<typeof Correlation>;

/** What Grafana leaves out when it is empty is left out here too. */
function withoutEmpty(all: z.infer<typeof Transformation>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** What a correlation says. All of it is written at once. */
export interface CorrelationContent {
  readonly label: string;
  readonly description: string;
  readonly config: {
    /** Of the source's results, where the link is shown. */
    readonly field: string;
    /** A query as the target's plugin has it, with `${variables}`. */
    readonly target: Readonly<Record<string, unknown>>;
    readonly transformations: readonly object[];
  };
}

const path = '/api/datasources/correlations';
const pageSize = 1000; // Grafana's limit
const mostPages = 100;

const Page = z.object({ correlations: listOf(Correlation, pageSize), totalCount: z.number() });
const Written = z.object({ result: Correlation });

export interface Correlations {
  /**
   * All correlations of the token's organisation.
   * @returns undefined where Grafana has no Correlations API, or that of a version before 10.2: it knows no
   *   transformations, and who lists it can't be sure to be told of all
   */
  listCorrelations(): Promise<Correlation[] | undefined>;
  /** @returns undefined when there is none of this uid from this datasource */
  getCorrelation(sourceUid: string, uid: string): Promise<Correlation | undefined>;
  /**
   * Grafana makes the uid, and as many equal ones as it is asked for: list them first.
   * @throws {GrafanaApiError} also `NOT_FOUND` (source or target), `READ_ONLY`, `QUOTA`, `REJECTED`
   */
  createCorrelation(sourceUid: string, targetUid: string, content: CorrelationContent): Promise<Correlation>;
  /**
   * Neither end can be changed.
   * @throws {GrafanaApiError} also `NOT_FOUND`, `READ_ONLY`, `REJECTED`
   */
  updateCorrelation(sourceUid: string, uid: string, content: CorrelationContent): Promise<Correlation>;
  /**
   * @returns false when it was gone already
   * @throws {GrafanaApiError} also `READ_ONLY`
   */
  deleteCorrelation(sourceUid: string, uid: string): Promise<boolean>;
}

/**
 * Calls of the Correlations API. Each throws `GrafanaApiError`.
 * @see grafana/grafana: pkg/services/correlations/api.go
 */
export function correlations(http: Http): Correlations {
  const write = async (method: 'POST' | 'PATCH', at: string, body: object) => {
    const answer = await http({ method, path: at, body });
    return read(Written, answer, { method, path: at }).result;
  };
  return {
    async listCorrelations() {
      const all: Correlation[] = [];
      for (let page = 1; page <= mostPages; page += 1) {
        const call = { method: 'GET', path: `${path}?limit=${pageSize}&page=${page}` };
        // Where there is no such route, it is the datasource with the numeric id `correlations` that is asked for.
        const answer = await http({ ...call, accepts: ({ status }) => status === 404 || status === 400 });
        if (answer.status !== 200 || !isPage(answer.json)) return undefined;
        const { correlations: some, totalCount } = read(Page, answer, call);
        all.push(...some);
        if (some.length === 0 || page * pageSize >= totalCount) break;
      }
      return all;
    },
    async getCorrelation(sourceUid, uid) {
      const call = { method: 'GET', path: one(sourceUid, uid) };
      const answer = await unlessNotFound(http(call));
      return answer && read(Correlation, answer, call);
    },
    createCorrelation: async (sourceUid, targetUID, content) =>
      write('POST', from(sourceUid), { targetUID, ...typed(content) }),
    updateCorrelation: async (sourceUid, uid, content) => write('PATCH', one(sourceUid, uid), typed(content)),
    async deleteCorrelation(sourceUid, uid) {
      const call = { method: 'DELETE', path: one(sourceUid, uid) };
      return (await unlessNotFound(http(call))) !== undefined;
    },
  };
}

/** Not the bare list of early versions. */
function isPage(answer: unknown): boolean {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'correlations' in answer &&
    Array.isArray(answer.correlations)
  );
}

/** Versions differ in where they have the type; each ignores the other place. */
function typed({ config, ...rest }: CorrelationContent) {
  return { ...rest, type: 'query', config: { type: 'query', ...config } };
}

function from(sourceUid: string): string {
  return `/api/datasources/uid/${segment(sourceUid)}/correlations`;
}

function one(sourceUid: string, uid: string): string {
  return `${from(sourceUid)}/${segment(uid)}`;
}
