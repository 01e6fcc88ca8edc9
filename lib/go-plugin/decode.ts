import { type DescMessage, fromBinary } from '@bufbuild/protobuf';

/** Reads messages of one type. Their bytes fields are views of what arrived, not copies. */
export function decoderOf(schema: DescMessage): (bytes: Buffer) => unknown {
  return (bytes) =>
    // A plain Uint8Array, or each bytes field would be a Buffer, whose `slice` and JSON differ from what its type says.
    // Fields that are not in the schema are of no use to a server: nothing passes them on.
    fromBinary(schema, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      readUnknownFields: false,
    });
}
