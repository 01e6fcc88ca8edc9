import { crc32 } from 'node:zlib';
import type { ClientCallOptions } from '#lib/go-plugin';
import type { StreamStatus } from '../datasource.ts';
import { decodeArrow } from '../frame/arrow-decode.ts';
import type { Frame } from '../frame/frame.ts';
import { decodeFrameJson } from '../frame/json-decode.ts';
import * as pb from '../proto/backend_pb.ts';

/** From where the calls of a test come. */
export interface TestFrom {
  /** The datasource's settings, as somebody has saved them. */
  readonly uid?: string;
  readonly url?: string;
  readonly jsonData?: unknown;
  readonly secureJsonData?: Readonly<Record<string, string>>;
  /** When they were saved; by default other settings have another time, so that they make another instance. */
  readonly updated?: Date;
  /** What Grafana forwards of the user's request: `Authorization`, `http_X-Panel-Id`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Grafana's own configuration: `GF_...`. */
  readonly grafana?: Readonly<Record<string, string>>;
  /** In which frames are asked for; Arrow by default. */
  readonly format?: 'arrow' | 'json';
  /** gRPC metadata, as `traceparent`. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface TestQuery {
  readonly refId: string;
  readonly queryType?: string;
  readonly maxDataPoints?: number;
  readonly intervalMs?: number;
  /** The last hour of 2023 by default: a test's answer should not depend on when it runs. */
  readonly timeRange?: { readonly from: Date; readonly to: Date };
  /** The rest is the query as the editor saved it. */
  readonly [key: string]: unknown;
}

/** What came of one query, as Grafana reads it. */
export interface TestAnswer {
  readonly frames: readonly Frame[];
  readonly status: number;
  /** Empty where nothing went wrong. */
  readonly error: string;
  readonly errorSource: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const statuses = ['ok', 'not-found', 'permission-denied'] as const;
const hour = { from: new Date('2023-12-31T23:00:00Z'), to: new Date('2024-01-01T00:00:00Z') };

export function streamStatus(status: number): StreamStatus {
  const known = statuses[status];
  if (known === undefined) throw new TypeError(`${status} is no status of a stream`);
  return known;
}

export function contextOf(pluginId: string, from: TestFrom) {
  const { uid = 'test', url = '', jsonData = {}, secureJsonData = {}, grafana = {} } = from;
  const updated = from.updated ?? new Date(crc32(JSON.stringify([url, jsonData, secureJsonData])));
  return {
    orgId: 1n,
    pluginId,
    user: { login: 'ann', name: 'Ann', email: 'ann@example.com', role: 'Editor' },
    dataSourceInstanceSettings: {
      uid,
      name: uid,
      url,
      jsonData: bytesOf(jsonData),
      decryptedSecureJsonData: { ...secureJsonData },
      lastUpdatedMS: BigInt(updated.getTime()),
    },
    grafanaConfig: { ...grafana },
  };
}

export function queryOf(query: TestQuery) {
  const {
    refId,
    queryType = '',
    maxDataPoints = 1000,
    intervalMs = 1000,
    timeRange = hour,
    ...model
  } = query;
  return {
    refId,
    queryType,
    maxDataPoints: BigInt(maxDataPoints),
    intervalMS: BigInt(intervalMs),
    timeRange: {
      fromEpochMS: BigInt(timeRange.from.getTime()),
      toEpochMS: BigInt(timeRange.to.getTime()),
    },
    json: bytesOf({ refId, queryType, maxDataPoints, intervalMs, ...model }),
  };
}

export async function answerOf({
  frames,
  format,
  status,
  error,
  errorSource,
}: pb.DataResponse): Promise<TestAnswer> {
  const decode = format === pb.DataFrameFormat.JSON ? decodeFrameJson : decodeArrow;
  return { frames: await Promise.all(frames.map((frame) => decode(frame))), status, error, errorSource };
}

export function callOptions({ signal, metadata }: TestFrom): ClientCallOptions {
  return { ...(signal === undefined ? {} : { signal }), ...(metadata === undefined ? {} : { metadata }) };
}

export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  return value === undefined ? new Uint8Array() : encoder.encode(JSON.stringify(value));
}

export function jsonOf(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? undefined : JSON.parse(decoder.decode(bytes));
}
