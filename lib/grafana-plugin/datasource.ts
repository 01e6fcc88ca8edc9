import type { Logger } from '#lib/go-plugin';
import type { Frame } from './frame/frame.ts';
import type { AppSettings, DatasourceSettings, PluginContext } from './plugin-context.ts';

export type Awaitable<T> = T | PromiseLike<T>;

/**
 * What a datasource can do. Leave out what it can't: Grafana is told that there is no such thing.
 *
 * Throw or reject to say that something went wrong, with a {@link DatasourceError} to say what and whose fault; neither
 * ever ends the process.
 */
export interface Datasource {
  /**
   * Answer the queries of a panel, an alert rule or Explore. {@link perQuery} makes this of a function that answers one.
   * @returns by refId; a refId that is left out has no data
   */
  queryData?(request: QueryDataRequest): Awaitable<QueryResults>;
  /** Answer queries piece by piece: experimental in Grafana, which falls back on queryData where this is left out. */
  queryChunkedData?(request: QueryDataRequest): AsyncIterable<QueryChunk>;
  /** The button "Save & test". A throw is an answer too: status ERROR with the error's message. */
  checkHealth?(request: PluginRequest): Awaitable<Health>;
  /**
   * Answer what editors and others ask at `/api/datasources/uid/<uid>/resources/<path>`. {@link router} makes this of
   * functions by method and path.
   * @param request - its URL has the path behind a host that means nothing: `http://plugin/<path>?<query>`
   */
  callResource?(request: Request, call: PluginRequest): Awaitable<Response>;
  /** May this user follow this path, once per subscriber. */
  subscribeStream?(request: StreamRequest): Awaitable<Subscription>;
  /** A subscriber sent something. */
  publishStream?(request: StreamRequest): Awaitable<Publication>;
  /**
   * What all subscribers of a path get: one run for all of them, in the name of the first. It ends when nobody
   * listens any more: `request.signal` is aborted, and the generator is returned, so that its `finally` runs. To
   * return ends the stream for good, until the next one subscribes; to throw makes Grafana call again.
   */
  runStream?(request: StreamRequest): AsyncIterable<StreamPacket>;
  /** Settings have changed, or the process ends: close what is open. The calls that still run have had 5 s to end. */
  dispose?(): Awaitable<void>;
}

/** One call of Grafana's. */
export interface PluginRequest {
  readonly context: PluginContext;
  /** What Grafana forwards of the user's request, as `Authorization` and `Cookie` where the datasource is set up so. */
  readonly headers: Headers;
  /** Aborted when nobody waits for the answer any more. Give it to whatever takes one. */
  readonly signal: AbortSignal;
  /** Says with each line which datasource, which user and which trace it belongs to. */
  readonly log: Logger;
}

export interface QueryDataRequest extends PluginRequest {
  readonly queries: readonly Query[];
}

/** One query, as the editor saved it. */
export interface Query<Model = unknown> {
  /** `A`, `B`, ...: unique within its request. */
  readonly refId: string;
  readonly queryType: string;
  /** As many as the panel is wide, in pixels. */
  readonly maxDataPoints: number;
  readonly intervalMs: number;
  readonly timeRange: TimeRange;
  /** The whole of it, the fields above among it. */
  readonly model: Model;
}

export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

export type QueryResults = Readonly<Record<string, QueryResult>> | ReadonlyMap<string, QueryResult>;

/** The frames, or what went wrong, or frames with what went wrong nevertheless. */
export type QueryResult = Frame | readonly Frame[] | Error | QueryResponse;

export interface QueryResponse {
  readonly frames?: readonly Frame[];
  readonly error?: Error;
  /** As HTTP's; by default 200, or what {@link statusOf} says of the error. */
  readonly status?: number;
}

/** A piece of a frame: the first with its frameId says what the fields are, later ones add rows. */
export type QueryChunk =
  | { readonly refId: string; readonly frameId: string; readonly frame: Frame }
  | { readonly refId: string; readonly error: Error; readonly status?: number };

export interface Health {
  readonly status: 'ok' | 'error' | 'unknown';
  /** For whoever pressed the button. */
  readonly message: string;
  /** An object of JSON; `verboseMessage` is shown below the message. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface StreamRequest extends PluginRequest {
  /** What follows the datasource's UID in the channel `ds/<uid>/<path>`. */
  readonly path: string;
  /** What the subscriber or publisher sent along: JSON, or undefined where it sent nothing. */
  readonly data: unknown;
}

export type StreamStatus = 'ok' | 'not-found' | 'permission-denied';

export type Subscription =
  | StreamStatus
  | {
      readonly status: StreamStatus;
      /** What this subscriber gets at once, a frame or any JSON: the fields, and what has been said before. */
      readonly initialData?: StreamPacket;
    };

export type Publication =
  | StreamStatus
  | {
      readonly status: StreamStatus;
      /** What all subscribers get; nothing by default. */
      readonly data?: StreamPacket;
    };

/**
 * A frame goes out whole, fields and rows. With `include`, only its rows (`data`: to subscribers that have the fields)
 * or only its fields (`schema`).
 */
export type StreamPacket =
  | Frame
  | { readonly frame: Frame; readonly include: 'all' | 'schema' | 'data' }
  | { readonly json: unknown };

/** What a new instance may want beside its settings. */
export interface InstanceContext {
  readonly context: PluginContext;
  readonly log: Logger;
}

export type CreateDatasource<JsonData> = (
  settings: DatasourceSettings<JsonData>,
  about: InstanceContext,
) => Awaitable<Datasource>;

export type CreateApp<JsonData> = (settings: AppSettings<JsonData>, about: InstanceContext) => Awaitable<App>;

/** What the backend of an app plugin can do. */
export type App = Datasource;
