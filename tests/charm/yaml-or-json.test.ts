import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { parseYamlOrJson } from '../../charm/yaml-or-json.ts';

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

suite('charm: what may be YAML or JSON', () => {
  const good: [text: string, value: unknown][] = [
    ['{"a": [1, null, true, "x"]}', { a: [1, null, true, 'x'] }],
    ['a:\n  - 1\n  - null\n  - true\n  - x\n', { a: [1, null, true, 'x'] }],
    ['', null],
    ['just words', 'just words'],
    ['a: &a {b: 1}\nc: *a', { a: { b: 1 }, c: { b: 1 } }],
    // Only as a key is it more than a word.
    ['a: __proto__', { a: '__proto__' }],
    ['{"a": "\\"__proto__\\":"}', { a: '"__proto__":' }],
    // Numbers and dates as in YAML 1.2: what is no number there is text.
    ['a: 2020-01-01\nb: yes\nc: 0x1F', { a: '2020-01-01', b: 'yes', c: 31 }],
  ];
  for (const [text, value] of good) {
    test(`${JSON.stringify(text)} is read`, async () => {
      assert.deepEqual(await parseYamlOrJson(text), { value });
    });
  }

  test('any JSON is read as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (value) => {
        // A key of that name is refused, with or without something in it.
        fc.pre(!JSON.stringify(value).includes('"__proto__":'));
        const expected: unknown = JSON.parse(JSON.stringify(value));
        assert.deepEqual(await parseYamlOrJson(JSON.stringify(value)), { value: expected });
      }),
    );
  });

  const syntax = 'neither YAML nor JSON';
  const proto = 'may not set __proto__';
  const alias = 'has an alias that leads nowhere, or too many';
  const deep = 'is nested deeper than 100 levels';
  const bad: [what: string, text: string, problem: string][] = [
    ['a list without end', 'a: [1', `${syntax}, line 1`],
    ['JSON that ends too early', '{"a": {\n"b": 1', `${syntax}, line 2`],
    ['a mistake further down', 'a: 1\nb: 2\nc: [}', `${syntax}, line 3`],
    ['a key twice', 'a: 1\na: 2', `${syntax}, line 2`],
    ['two documents', 'a: 1\n---\nb: 2', `${syntax}, line 2`],
    ['__proto__ in JSON', '{"__proto__": {"x": 1}}', proto],
    ['__proto__ in YAML', '__proto__: {x: 1}', proto],
    ['__proto__ further down', 'a: [{b: {"__proto__": 1}}]', proto],
    ['__proto__ by a merge key', '<<: {__proto__: 1}', proto],
    ['a list in itself', 'a: &a [*a]', 'refers to itself'],
    ['an object in itself', 'a: &a {b: {c: *a}}', 'refers to itself'],
    ['an alias of nothing', 'a: *b', alias],
    [
      'aliases that double, and double',
      [
        'a: &a [x]',
        ...'bcdefgh'.split('').map((it, i) => `${it}: &${it} [*${'abcdefg'[i]}, *${'abcdefg'[i]}]`),
      ].join('\n'),
      alias,
    ],
    ['lists in lists', nested(101), deep],
    ['lists in lists that no stack holds', nested(30_000), deep],
    ['YAML in YAML', `a: ${'{b: '.repeat(101)}x${'}'.repeat(101)}`, deep],
  ];
  for (const [what, text, problem] of bad) {
    test(`${what}: ${problem}`, async () => assert.deepEqual(await parseYamlOrJson(text), { problem }));
  }

  test('as deep as is allowed is read', async () => {
    const text = nested(100);
    assert.deepEqual(await parseYamlOrJson(text), { value: JSON.parse(text) });
  });

  test('a problem never quotes the text', async () => {
    const marker = 'zq7xk';
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      '"',
      ': ',
      '\n',
      '  - ',
      '&a ',
      '*a ',
      '*',
      '!',
      '!!binary ',
      '|\n ',
      '%',
      '@',
      '#',
      '\t',
      '? ',
      '__proto__',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(pieces, { maxLength: 10 }),
        fc.array(pieces, { maxLength: 10 }),
        async (a, b) => {
          const parsed = await parseYamlOrJson([...a, marker, ...b].join(''));
          if ('problem' in parsed) assert.ok(!parsed.problem.includes(marker), parsed.problem);
          else assert.ok(!isCyclic(parsed.value));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('says nothing beside it: no warning of the parser goes to the log', async () => {
    const module = join(import.meta.dirname, '../../charm/yaml-or-json.ts');
    const texts = ['!!nothing secret', '? [secret]\n: x', '? {a: secret}\n: x', '%FOO secret\n---\na'];
    const script = `const { parseYamlOrJson } = await import(${JSON.stringify(module)});
      for (const text of ${JSON.stringify(texts)}) await parseYamlOrJson(text);`;
    const out = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    assert.deepEqual([out.stdout, out.stderr], ['', '']);
  });
});

function isCyclic(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return false;
  } catch {
    return true;
  }
}
