/** A span as OTLP's protobuf has it, with the resource that it came with. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 3 client. */
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  /** 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message: string };
  readonly resource: Readonly<Record<string, unknown>>;
}

/**
 * Reads the body of an export request, by the numbers of its fields and independent of the SDK that wrote it.
 * @see open-telemetry/opentelemetry-proto: opentelemetry/proto/trace/v1/trace.proto
 */
export function decodeTraces(body: Uint8Array): OtlpSpan[] {
  return messages(body, 1).flatMap((resourceSpans) => {
    const resource = attributes(messages(resourceSpans, 1).flatMap((one) => messages(one, 1)));
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => decodeSpan(span, resource));
  });
}

function decodeSpan(span: Uint8Array, resource: OtlpSpan['resource']): OtlpSpan {
  const [status = new Uint8Array()] = messages(span, 15);
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: Number(number(span, 6)),
    startTimeUnixNano: number(span, 7),
    endTimeUnixNano: number(span, 8),
    attributes: attributes(messages(span, 9)),
    events: messages(span, 11).map((event) => ({
      name: text(event, 2),
      attributes: attributes(messages(event, 3)),
    })),
    status: { code: Number(number(status, 3)), message: text(status, 2) },
    resource,
  };
}

function attributes(pairs: readonly Uint8Array[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [value = new Uint8Array()] = messages(pair, 2);
      return [text(pair, 1), anyValue(value)];
    }),
  );
}

function anyValue(value: Uint8Array): unknown {
  for (const { field, value: found } of fields(value)) {
    if (field === 1 && typeof found !== 'bigint') return new TextDecoder().decode(found);
    if (field === 2) return found === 1n;
    if (field === 3) return Number(found);
  }
  throw new TypeError('an attribute of a kind that this reader does not know');
}

function messages(message: Uint8Array, wanted: number): Uint8Array[] {
  return fields(message).flatMap(({ field, value }) =>
    field === wanted && typeof value !== 'bigint' ? [value] : [],
  );
}

const hex = (message: Uint8Array, field: number) =>
  Buffer.from(messages(message, field)[0] ?? []).toString('hex');
const text = (message: Uint8Array, field: number) => new TextDecoder().decode(messages(message, field)[0]);

function number(message: Uint8Array, wanted: number): bigint {
  const found = fields(message).find(({ field, value }) => field === wanted && typeof value === 'bigint');
  return (found?.value as bigint | undefined) ?? 0n;
}

function fields(message: Uint8Array): { field: number; value: bigint | Uint8Array }[] {
  const found: { field: number; value: bigint | Uint8Array }[] = [];
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const varint = (): bigint => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    switch (tag & 7) {
      case 0:
        found.push({ field, value: varint() });
        break;
      case 1:
        found.push({ field, value: view.getBigUint64(at, true) });
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        if (at + length > message.length) throw new RangeError('a message that ends too early');
        found.push({ field, value: message.subarray(at, at + length) });
        at += length;
        break;
      }
      case 5:
        found.push({ field, value: BigInt(view.getUint32(at, true)) });
        at += 4;
        break;
      default:
        throw new TypeError(`wire type ${tag & 7}`);
    }
  }
  return found;
}
