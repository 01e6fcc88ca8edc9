import { type DescMessage, fromBinary } from '@bufbuild/protobuf';

/** Reads messages of one type. Their bytes fields are views of what arrived, not copies. */
export function decoderOf(schema: DescMessage): (bytes: Buffer) => unknown {
  // Fields that are not in the schema are of no use to a server: nothing passes them on.
  return (bytes) => fromBinary(schema, plainBytes(bytes), { readUnknownFields: false });
}

/**
 * A view of the same bytes that is no Buffer: otherwise each bytes field would be one, too, whose `slice` and JSON differ
 * from what its type says.
 */
export function plainBytes({ buffer, byteOffset, byteLength }: Buffer): Uint8Array<ArrayBuffer> {
  // What grpc-js hands on lies in memory of Node's own, which is shared with no other thread.
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
