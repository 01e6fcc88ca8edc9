import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { WriteResult } from '../trace-store.ts';
import { spansFromJson } from './json.ts';
import type { Refusal } from './refusal.ts';

/** How a request's body is written, and the answer's with it. */
export interface Encoding {
  readonly contentType: string;
  /**
   * @param body - not empty of meaning even when empty: protobuf has no bytes for a request without spans
   * @returns `ExportTraceServiceRequest`, encoded
   * @throws {Refusal} it is not in this encoding
   */
  spans(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** `ExportTraceServiceResponse` */
  answer(result: WriteResult): Uint8Array | string;
  /** `google.rpc.Status` */
  status(refusal: Refusal): Uint8Array | string;
}

const protobuf: Encoding = {
  contentType: 'application/x-protobuf',
  spans: (body) => body,
  answer({ rejected, reason = '' }) {
    const writer = new BinaryWriter();
    if (rejected === 0 && reason === '') return writer.finish();
    writer.uint32(fieldOf(1, 2)).fork();
    if (rejected !== 0) writer.uint32(fieldOf(1, 0)).int64(rejected);
    if (reason !== '') writer.uint32(fieldOf(2, 2)).string(reason);
    return writer.join().finish();
  },
  status({ code, message }) {
    const writer = new BinaryWriter().uint32(fieldOf(1, 0)).int32(code);
    return writer.uint32(fieldOf(2, 2)).string(message).finish();
  },
};

const json: Encoding = {
  contentType: 'application/json',
  spans: spansFromJson,
  answer({ rejected, reason = '' }) {
    if (rejected === 0 && reason === '') return '{}';
    // 64 bits: text, in protobuf's JSON.
    return JSON.stringify({
      partialSuccess: {
        ...(rejected !== 0 && { rejectedSpans: String(rejected) }),
        ...(reason !== '' && { errorMessage: reason }),
      },
    });
  },
  status: ({ code, message }) => JSON.stringify({ code, message }),
};

/** @param contentType - the header, parameters included @returns undefined: none that OTLP has */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const [type = ''] = (contentType ?? '').split(';', 1);
  switch (type.trim().toLowerCase()) {
    case 'application/x-protobuf':
    case 'application/protobuf':
      return protobuf;
    case 'application/json':
      return json;
    default:
      return undefined;
  }
}

/** Of a field: its tag on the wire. */
function fieldOf(number: number, wireType: 0 | 2): number {
  return (number << 3) | wireType;
}
