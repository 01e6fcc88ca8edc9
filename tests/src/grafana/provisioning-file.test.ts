import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ProvisionedDatasource, provisioningYaml } from '../../../src/grafana/provisioning-file.ts';
import { readProvisioning as read } from './provisioning-loader.ts';

const loki: ProvisionedDatasource = {
  name: 'Loki',
  uid: 'loki',
  type: 'loki',
  access: 'proxy',
  url: 'http://loki:3100',
};

const awkward = [
  '$',
  '$$',
  '${__value.raw}',
  '{ $__tags }',
  'y',
  'on',
  'no',
  '1:30',
  '0o17',
  '0123',
  '1e3',
  '~',
  'null',
];
const moreAwkward = [
  '<<',
  '=',
  '2020-01-01',
  '#',
  ': ',
  '- ',
  '\u2028',
  '\u0085',
  '\ufeff',
  '\u007f',
  '\n',
  '\t',
  '"',
  '\\',
  '',
];
const anyText = fc.oneof(
  fc.constantFrom(...awkward, ...moreAwkward),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...awkward, ...moreAwkward, 'a', ' ', '{', '}')).map((parts) => parts.join('')),
);
const anyKey = anyText.filter((key) => key !== '__proto__');
const { json: anyJson } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    anyText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(anyKey, tie('json'), { maxKeys: 4 }),
  ),
}));
const anyDatasource = fc.record(
  {
    name: anyText,
    uid: anyText,
    type: anyText,
    access: fc.constantFrom('proxy', 'direct'),
    url: anyText,
    orgId: fc.nat(),
    user: anyText,
    basicAuth: fc.boolean(),
    isDefault: fc.boolean(),
    jsonData: fc.dictionary(anyKey, anyJson, { maxKeys: 6 }),
  },
  { requiredKeys: ['name', 'uid', 'type', 'access', 'url'] },
);

/** Objects with the usual prototype, which fast-check's and the parser's need not have. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

suite('a provisioning file', () => {
  test('gives Grafana back what was put in', () => {
    fc.assert(
      fc.property(fc.array(anyDatasource, { maxLength: 3 }), (datasources) => {
        const file = read(provisioningYaml(datasources));
        assert.deepEqual(plain(file), plain({ apiVersion: 1, datasources }));
      }),
      { numRuns: 500 },
    );
  });

  test('holds no character that is none to YAML, and no line that its reader would break', () => {
    fc.assert(
      fc.property(anyDatasource, (datasource) => {
        assert.doesNotMatch(
          provisioningYaml([datasource]),
          /[^\n\x20-\x7e\u00a0-\uffff]|[\u2028\u2029\ufeff\ufffe\uffff]/,
        );
      }),
    );
  });

  test('has the fields in the order in which people write them, and none that was not given', () => {
    const yaml = provisioningYaml([{ jsonData: { maxLines: 10 }, orgId: 2, ...loki }]);
    assert.equal(
      yaml,
      `apiVersion: 1
datasources:
  - name: "Loki"
    uid: "loki"
    type: "loki"
    access: "proxy"
    url: "http://loki:3100"
    orgId: 2
    jsonData:
      maxLines: 10
`,
    );
  });

  test('doubles dollars, which Grafana takes for variables otherwise', () => {
    const jsonData = { derivedFields: [{ url: '${__value.raw}' }], query: '{ $__tags }', twice: '$$' };
    const yaml = provisioningYaml([{ ...loki, jsonData }]);
    assert.match(yaml, /url: "\$\$\{__value\.raw\}"\n/);
    assert.match(yaml, /query: "\{ \$\$__tags \}"\n/);
    assert.match(yaml, /twice: "\$\$\$\$"\n/);
  });

  test('leaves the dollars of keys, which Grafana does not expand', () => {
    assert.deepEqual(read(provisioningYaml([{ ...loki, jsonData: { $a: 1 } }])), {
      apiVersion: 1,
      datasources: [{ ...loki, jsonData: { $a: 1 } }],
    });
  });

  test('puts half a surrogate pair in as what stands for any broken character', () => {
    const [held] =
      Object.values(read(provisioningYaml([{ ...loki, jsonData: { a: '\ud800' } }])) ?? {})[1] ?? [];
    assert.deepEqual(held.jsonData, { a: '\ufffd' });
  });

  test('says which secrets it lacks, as a comment, whatever they are called', () => {
    const yaml = provisioningYaml([
      { ...loki, secureJsonKeys: ['basicAuthPassword', 'a\nb: c'] },
      { ...loki, uid: 'b' },
    ]);
    assert.match(yaml, /^ +# secureJsonData:\n +# +a\?b: c: \.\.\.\n +# +basicAuthPassword: \.\.\.$/m);
    assert.deepEqual(read(yaml), { apiVersion: 1, datasources: [loki, { ...loki, uid: 'b' }] });
  });

  test('says where something that may be secret was taken out', () => {
    const yaml = provisioningYaml([{ ...loki, takenOut: ['url', 'jsonData.a\nb'] }]);
    assert.match(yaml, /^ +# Put back .*\n +# +url\n +# +jsonData\.a\?b$/m);
    assert.deepEqual(read(yaml), { apiVersion: 1, datasources: [loki] });
  });

  test('may be without any datasource', () => {
    assert.deepEqual(read(provisioningYaml([])), { apiVersion: 1, datasources: [] });
  });
});
