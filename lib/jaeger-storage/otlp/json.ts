import { fromJson, type JsonObject, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { ExportTraceServiceRequestSchema } from '../proto/otlp_trace_service_pb.ts';
import { Refusal } from './refusal.ts';

/**
 * Translates OTLP's JSON, which is protobuf's but for ids: those are in hex, where protobuf has base64.
 * @param body - UTF-8
 * @returns `ExportTraceServiceRequest`, encoded
 * @throws {Refusal} 400: no such JSON; the message says where
 * @see open-telemetry/opentelemetry-proto: docs/specification.md, JSON Protobuf Encoding
 */
export function spansFromJson(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const value = parse(body);
  try {
    idsToBase64(value);
    const request = fromJson(ExportTraceServiceRequestSchema, value, { ignoreUnknownFields: true });
    return toBinary(ExportTraceServiceRequestSchema, request);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(400, `the body is not OTLP in JSON: ${why}`, { cause: error });
  }
}

/** A number with more digits than a double keeps, as times in nanoseconds have. */
const longNumber = /[:[,]\s*-?\d{16,}/;
const integer = /^-?\d{16,}$/;
/** Half a character, perhaps: a text that was cut off in an emoji. */
const surrogate = /\\u[dD][89a-fA-F]/;

function parse(body: Uint8Array): JsonValue {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    // Looking at each value costs time: only who needs it pays for it.
    const needsCare = longNumber.test(text) || surrogate.test(text);
    return needsCare ? JSON.parse(text, withCare) : JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(400, `the body is not JSON: ${why}`, { cause: error });
  }
}

/** 64-bit numbers should be text; senders that write them as numbers mean every digit. */
function withCare(_key: string, value: JsonValue, context?: { readonly source?: string }): JsonValue {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return integer.test(context.source) ? context.source : value;
}

/** Changes them where they stand. What else is wrong is protobuf's to complain about. */
function idsToBase64(request: JsonValue): void {
  for (const [i, resource] of objects(request, 'resourceSpans')) {
    for (const [j, scope] of objects(resource, 'scopeSpans')) {
      for (const [k, span] of objects(scope, 'spans')) {
        const path = `resourceSpans[${i}].scopeSpans[${j}].spans[${k}]`;
        for (const key of ['traceId', 'spanId', 'parentSpanId']) toBase64(span, key, path);
        for (const [l, link] of objects(span, 'links')) {
          for (const key of ['traceId', 'spanId']) toBase64(link, key, `${path}.links[${l}]`);
        }
      }
    }
  }
}

/** Those in a list, each with its place there. */
function* objects(holder: JsonValue, key: string): Iterable<[index: number, JsonObject]> {
  const list = isObject(holder) ? holder[key] : undefined;
  if (!Array.isArray(list)) return;
  for (const [index, entry] of list.entries()) if (isObject(entry)) yield [index, entry];
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const hex = /^(?:[0-9a-fA-F]{2})*$/;

function toBase64(holder: JsonObject, key: string, path: string): void {
  const id = holder[key];
  if (typeof id !== 'string') return;
  if (!hex.test(id)) throw new Refusal(400, `the body is not OTLP in JSON: ${path}.${key} is not in hex`);
  holder[key] = Buffer.from(id, 'hex').toString('base64');
}
