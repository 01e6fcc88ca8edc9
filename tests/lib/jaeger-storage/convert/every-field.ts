import {
  clone,
  create,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';

/** A message in which every field has a value that is not its default; AnyValues are texts. */
export function everyField(schema: DescMessage): Message {
  const message = create(schema);
  const view = reflect(schema, message);
  for (const field of schema.fields) {
    if (schema.name === 'AnyValue' && field.number !== 1) continue;
    if (field.fieldKind === 'list') view.get(field).add(valueFor(field) as never);
    else view.set(field, valueFor(field) as never);
  }
  return message;
}

function valueFor(field: DescField): unknown {
  if (field.message !== undefined) return reflect(field.message, everyField(field.message));
  if (field.enum !== undefined) return 1;
  switch (field.scalar) {
    case ScalarType.STRING:
      return `the ${field.name}`;
    case ScalarType.BYTES:
      return new Uint8Array(field.name.endsWith('trace_id') ? 16 : 8).fill(field.number);
    case ScalarType.BOOL:
      return true;
    case ScalarType.DOUBLE:
      return 1.5;
    case ScalarType.INT64:
    case ScalarType.FIXED64:
      return 1_000_000n + BigInt(field.number);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
    case ScalarType.INT32:
      return 1;
    default:
      throw new Error(`no value for ${field}: say here which`);
  }
}

/** Each field of the message and of those in it, as a path such as `spans.references.ref_type`, cleared in a copy. */
export function* withoutEachField(
  schema: DescMessage,
  message: Message,
): Generator<{ path: string; copy: Message }> {
  for (const path of paths(schema, [])) {
    const copy = clone(schema, message);
    clearAt(reflect(schema, copy), path);
    yield { path: path.map(({ name }) => name).join('.'), copy };
  }
}

function* paths(schema: DescMessage, outer: DescField[]): Generator<DescField[]> {
  for (const field of schema.fields) {
    if (schema.name === 'AnyValue') continue;
    yield [...outer, field];
    if (field.message !== undefined) yield* paths(field.message, [...outer, field]);
  }
}

function clearAt(view: ReflectMessage, [field, ...rest]: DescField[]): void {
  if (field === undefined) return;
  if (rest.length === 0) view.clear(field);
  else if (field.fieldKind === 'list')
    for (const item of view.get(field)) clearAt(item as ReflectMessage, rest);
  else clearAt(view.get(field) as ReflectMessage, rest);
}
