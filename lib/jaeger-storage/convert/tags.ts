import { create } from '@bufbuild/protobuf';
import { type KeyValue as Tag, ValueType } from '../proto/model_pb.ts';
import { type AnyValue, AnyValueSchema, type KeyValue, KeyValueSchema } from '../proto/otlp_common_pb.ts';
import type { AttributeValue } from '../spans/span-record.ts';

/** Tags of a span, of which some become fields: the first of a name, where equal names are. */
export class TagsToTake {
  readonly #left: Tag[];

  constructor(tags: readonly Tag[]) {
    this.#left = [...tags];
  }

  find(key: string): AttributeValue | undefined {
    const tag = this.#left.find((one) => one.key === key);
    return tag === undefined ? undefined : tagValue(tag);
  }

  /** Without taking it; undefined where it is of another type. */
  seeText(key: string): string | undefined {
    const value = this.find(key);
    return value?.type === 'string' ? value.value : undefined;
  }

  /** Takes it; where it is of another type it stays, and the answer is undefined. */
  text(key: string): string | undefined {
    const text = this.seeText(key);
    if (text !== undefined) this.remove(key);
    return text;
  }

  remove(key: string): void {
    const at = this.#left.findIndex((one) => one.key === key);
    if (at >= 0) this.#left.splice(at, 1);
  }

  rest(): readonly Tag[] {
    return this.#left;
  }
}

/** The type alone says which field counts. */
function tagValue(tag: Tag): AttributeValue {
  switch (tag.vType) {
    case ValueType.BOOL:
      return { type: 'bool', value: tag.vBool };
    case ValueType.INT64:
      return { type: 'int', value: tag.vInt64 };
    case ValueType.FLOAT64:
      return { type: 'double', value: tag.vFloat64 };
    case ValueType.BINARY:
      return { type: 'bytes', value: tag.vBinary };
    default:
      return { type: 'string', value: tag.vStr };
  }
}

export function attributeOf(tag: Tag): KeyValue {
  return create(KeyValueSchema, {
    key: tag.key,
    value: create(AnyValueSchema, { value: anyValueOf(tagValue(tag)) }),
  });
}

function anyValueOf(value: AttributeValue): AnyValue['value'] {
  switch (value.type) {
    case 'bool':
      return { case: 'boolValue', value: value.value };
    case 'int':
      return { case: 'intValue', value: value.value };
    case 'double':
      return { case: 'doubleValue', value: value.value };
    case 'bytes':
      return { case: 'bytesValue', value: value.value };
    default:
      return { case: 'stringValue', value: value.value };
  }
}

export const textValue = (text: string) =>
  create(AnyValueSchema, { value: { case: 'stringValue', value: text } });
