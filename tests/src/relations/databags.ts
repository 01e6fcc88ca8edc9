import fc from 'fast-check';

/** UUID of the model that the examples are from. */
export const U = '11111111-2222-4333-8444-555555555555';

/** Any JSON at all as text, with keys that name properties of every object. */
export const anyJsonText: fc.Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.json({ stringUnit: 'binary' }),
  fc
    .array(fc.tuple(anyKey(), fc.json({ maxDepth: 1 })), { maxLength: 5 })
    .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(',')}}`),
  fc.nat({ max: 20_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.nat({ max: 20_000 }).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
);

function anyKey(): fc.Arbitrary<string> {
  return fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'type',
    'uid',
    'grafana_uid',
    'model',
    'model_uuid',
    'application',
    'extra_fields',
    'secure_extra_fields',
    'tempo/0',
  );
}

/** A databag with anything in it, most often under the keys of these interfaces. */
export const anyDatabag: fc.Arbitrary<Record<string, string>> = fc.oneof(
  fc.dictionary(fc.string(), fc.string({ unit: 'binary' })),
  fc
    .array(
      fc.tuple(
        fc.constantFrom(
          'grafana_source_data',
          'grafana_source_host',
          'grafana_source_app_host',
          'grafana_uid',
          'datasource_uids',
          'app_datasource_uid',
          'grafana_base_url',
          'datasources',
          '__proto__',
          'constructor',
        ),
        fc.oneof(anyJsonText, fc.string({ unit: 'binary' }), fc.constantFrom('', 'null', '[]', '{}', '""')),
      ),
    )
    .map((entries) => Object.fromEntries(entries)),
);

/** JSON text of something nested `depth` deep, under `key` of an object. */
export function nested(depth: number): string {
  return `${'{"a": '.repeat(depth)}1${'}'.repeat(depth)}`;
}
