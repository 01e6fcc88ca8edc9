import {
  type DescField,
  type DescMessage,
  fromBinary,
  type MessageShape,
  ScalarType,
} from '@bufbuild/protobuf';
import { lengthField } from '../spans/ids.ts';
import { concat, LENGTH, malformed, WireReader } from '../spans/wire.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Decodes a message for translation. Text that is no UTF-8, which senders in Go do not mind, is read with U+FFFD in it.
 * @throws {TraceStoreError} code INVALID
 */
export function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes);
  } catch {
    // Either there is such text in it, or it is no such message: then it is not for the second time.
    return decodeWellFormed(schema, bytes);
  }
}

function decodeWellFormed<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  const wellFormed = withWellFormedText(schema, bytes);
  try {
    return fromBinary(schema, wellFormed);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

function withWellFormedText(message: DescMessage, bytes: Uint8Array): Uint8Array {
  const fields = new Map(message.fields.map((field) => [field.number, field]));
  const parts: Uint8Array[] = [];
  const reader = new WireReader(bytes);
  while (reader.next()) {
    const number = reader.tag >>> 3;
    const field = fields.get(number);
    const value = bytes.subarray(reader.from, reader.to);
    if (field === undefined || (reader.tag & 7) !== LENGTH)
      parts.push(bytes.subarray(reader.start, reader.to));
    else if (isText(field)) parts.push(lengthField(number, Buffer.from(utf8.decode(value))));
    else if (field.message !== undefined)
      parts.push(lengthField(number, withWellFormedText(field.message, value)));
    else parts.push(bytes.subarray(reader.start, reader.to));
  }
  return concat(parts);
}

const isText = (field: DescField) =>
  (field.fieldKind === 'scalar' || field.fieldKind === 'list') && field.scalar === ScalarType.STRING;
