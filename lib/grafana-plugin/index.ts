export type { Call, LogFields, Logger } from '#lib/go-plugin';
export type {
  Admission,
  AdmissionHandlers,
  AdmissionRequest,
  Conversion,
  ConversionRequest,
  Mutation,
  RawObject,
  StatusResult,
} from './admission.ts';
export { type BuildInfo, buildInfo } from './build-info.ts';
export type {
  App,
  Awaitable,
  CreateApp,
  CreateDatasource,
  Datasource,
  Health,
  InstanceContext,
  PluginRequest,
  Publication,
  Query,
  QueryChunk,
  QueryDataRequest,
  QueryResponse,
  QueryResult,
  QueryResults,
  StreamPacket,
  StreamRequest,
  StreamStatus,
  Subscription,
  TimeRange,
} from './datasource.ts';
export { createFetch, datasourceFetch } from './datasource-fetch.ts';
export {
  DatasourceError,
  downstreamError,
  type ErrorSource,
  sourceOf,
  sourceOfStatus,
  statusOf,
} from './errors.ts';
export { decodeArrow } from './frame/arrow-decode.ts';
export { encodeArrow } from './frame/arrow-encode.ts';
export { packBits } from './frame/bitmap.ts';
export { FrameError, type FrameErrorCode } from './frame/errors.ts';
export type {
  Field,
  FieldOf,
  FieldOptions,
  FieldType,
  FieldValue,
  JsonValue,
  Labels,
} from './frame/field.ts';
export type { DataLink, EnumConfig, FieldConfig, Thresholds, ValueMapping } from './frame/field-config.ts';
export {
  booleanField,
  enumField,
  type FieldInput,
  field,
  jsonField,
  numberField,
  type PackedFieldOptions,
  stringField,
  timeField,
} from './frame/fields.ts';
export { createFrame, type Frame, type FrameParts, rowCount } from './frame/frame.ts';
export type { FrameKind, FrameMeta, Notice, QueryStat } from './frame/frame-meta.ts';
export { type Column, frameFromRows } from './frame/from-rows.ts';
export { decodeFrameJson } from './frame/json-decode.ts';
export { encodeFrameJson, type FrameInclude, frameToJson } from './frame/json-encode.ts';
export { type TimeValue, toNanoseconds } from './frame/nanoseconds.ts';
export { type GraphEdge, type GraphNode, type NodeGraph, nodeGraphFrames } from './frame/node-graph.ts';
export {
  type Fill,
  longToWide,
  type TimeSeriesSchema,
  timeSeriesSchema,
  wideToLong,
} from './frame/time-series.ts';
export { GrafanaConfig } from './grafana-config.ts';
export type {
  FetchOptions,
  HttpOptions,
  PluginFetch,
  PluginRequestInit,
  SecureSocksProxy,
  TlsOptions,
} from './http/options.ts';
export { httpOptionsFrom } from './http/settings.ts';
export { datasourceChannel, formatChannel, type LiveChannel, parseChannel } from './live-channel.ts';
export { byQueryType, perQuery } from './per-query.ts';
export type { AppSettings, DatasourceSettings, PluginContext, User } from './plugin-context.ts';
export { type ResourceCall, type RouteParams, router } from './resource-router.ts';
export type { Schema } from './schema.ts';
export {
  type AppOptions,
  type DatasourceOptions,
  type PluginOptions,
  serveApp,
  serveDatasource,
} from './serve.ts';
export { tracer, withSpan } from './tracing/tracer.ts';
