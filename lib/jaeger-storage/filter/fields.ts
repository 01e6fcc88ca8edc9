/** What a built-in field holds. The last two hold one of few words, see {@link fieldWords}: texts that have no order. */
export type FieldType = 'string' | 'duration' | 'timestamp' | 'kind' | 'status';

/**
 * All built-in fields, by level. Names and types are part of Jaeger's query API; a name that is not here is refused.
 * Reading them is the affair of span-view.ts.
 * @see jaegertracing/jaeger-idl: query/expression/v1/fields.go
 */
export const builtInFields = {
  span: {
    traceID: 'string',
    spanID: 'string',
    parentSpanID: 'string',
    traceState: 'string',
    name: 'string',
    kind: 'kind',
    startTime: 'timestamp',
    endTime: 'timestamp',
    duration: 'duration',
    status: 'status',
    statusMessage: 'string',
  },
  resource: { service: 'string', schemaURL: 'string' },
  scope: { name: 'string', version: 'string', schemaURL: 'string' },
  event: { name: 'string', time: 'timestamp', timeSinceStart: 'duration' },
  link: { traceID: 'string', spanID: 'string', traceState: 'string' },
} as const satisfies Record<string, Record<string, FieldType>>;

/** The same as the levels of attributes: see spans/span-record.ts. */
export type Level = keyof typeof builtInFields;

type Fields = typeof builtInFields;
export type FieldNameOf<Of extends Level> = keyof Fields[Of] & string;
export type FieldName = { [Of in Level]: FieldNameOf<Of> }[Level];

/** undefined: there is no such field */
export function fieldType(level: Level, name: string): FieldType | undefined {
  const fields: Readonly<Record<string, FieldType>> = builtInFields[level];
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export const fieldWords = {
  kind: ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'],
  status: ['unset', 'ok', 'error'],
} as const;
