import { FIXED32, FIXED64, LENGTH, MAX_DEPTH, malformed, tagOf, VARINT, WireReader } from './wire.ts';

/**
 * What a message may hold, as far as its readers insist: they skip fields that they don't know, and refuse those that
 * they know in another wire type.
 */
interface Shape {
  readonly name: string;
  /** By field number: the tag it must have. 0: not known */
  readonly tags: readonly number[];
  /** By field number: where it is a message itself. */
  readonly children: readonly (Shape | undefined)[];
}

interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly child?: Shape;
}

const varint = (number: number): Field => ({ number, wireType: VARINT });
const fixed64 = (number: number): Field => ({ number, wireType: FIXED64 });
const fixed32 = (number: number): Field => ({ number, wireType: FIXED32 });
const bytes = (...numbers: number[]): Field[] => numbers.map((number) => ({ number, wireType: LENGTH }));
const message = (number: number, child: Shape): Field => ({ number, wireType: LENGTH, child });

function shape(name: string, fields: readonly Field[]): Shape {
  const made = { name, tags: [] as number[], children: [] as (Shape | undefined)[] };
  fill(made, fields);
  return made;
}

function fill(made: { tags: number[]; children: (Shape | undefined)[] }, fields: readonly Field[]): void {
  const size = Math.max(...fields.map(({ number }) => number)) + 1;
  for (let number = 0; number < size; number++) {
    const field = fields.find((one) => one.number === number);
    made.tags.push(field === undefined ? 0 : tagOf(number, field.wireType));
    made.children.push(field?.child);
  }
}

// An AnyValue holds lists of AnyValues: it is there before what it holds.
const anyValue = { name: 'AnyValue', tags: [] as number[], children: [] as (Shape | undefined)[] };
const keyValue = shape('KeyValue', [...bytes(1), message(2, anyValue)]);
fill(anyValue, [
  ...bytes(1, 7),
  varint(2),
  varint(3),
  fixed64(4),
  message(5, shape('ArrayValue', [message(1, anyValue)])),
  message(6, shape('KeyValueList', [message(1, keyValue)])),
]);

export const RESOURCE: Shape = shape('Resource', [message(1, keyValue), varint(2)]);

export const SCOPE: Shape = shape('InstrumentationScope', [...bytes(1, 2), message(3, keyValue), varint(4)]);

export const OTLP_SPAN: Shape = shape('Span', [
  ...bytes(1, 2, 3, 4, 5),
  varint(6),
  fixed64(7),
  fixed64(8),
  message(9, keyValue),
  varint(10),
  message(11, shape('Event', [fixed64(1), ...bytes(2), message(3, keyValue), varint(4)])),
  varint(12),
  message(13, shape('Link', [...bytes(1, 2, 3), message(4, keyValue), varint(5), fixed32(6)])),
  varint(14),
  message(15, shape('Status', [...bytes(2), varint(3)])),
  fixed32(16),
]);

const time = shape('Timestamp', [varint(1), varint(2)]);
const tag = shape('KeyValue', [...bytes(1, 3, 7), varint(2), varint(4), varint(5), fixed64(6)]);

export const JAEGER_SPAN: Shape = shape('Span', [
  ...bytes(1, 2, 3, 11, 12),
  message(4, shape('SpanRef', [...bytes(1, 2), varint(3)])),
  varint(5),
  message(6, time),
  message(7, time),
  message(8, tag),
  message(9, shape('Log', [message(1, time), message(2, tag)])),
  message(10, shape('Process', [...bytes(1), message(2, tag)])),
]);

/**
 * Makes sure that a message and all messages in it can be decoded, by us when somebody asks for its attributes, and by
 * Jaeger, which throws away the whole trace when one span in it can't be.
 * @param depth - how many messages it is in
 * @throws TraceStoreError code INVALID
 */
export function checkWire(data: Uint8Array, from: number, to: number, expected: Shape, depth: number): void {
  if (depth > MAX_DEPTH) throw malformed(`more than ${MAX_DEPTH} messages in each other`);
  const { tags, children } = expected;
  const field = new WireReader(data, from, to);
  while (field.next()) {
    const number = field.tag >>> 3;
    if (number >= tags.length) continue;
    const known = tags[number];
    if (known !== field.tag) {
      if (known === 0) continue;
      throw malformed(`field ${number} of ${expected.name} has wire type ${field.tag & 7}`);
    }
    const child = children[number];
    if (child !== undefined) checkWire(data, field.from, field.to, child, depth + 1);
  }
}
