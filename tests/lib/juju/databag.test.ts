import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';
import { databagDiff, decodeDatabag, encodeDatabag, json, jsonUpTo, stableJson } from '#lib/juju';

const Schema = z.object({
  uid: z.string().optional(),
  items: json.pipe(z.array(z.object({ name: z.string() }))).optional(),
});
const bag = fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), {
  noNullPrototype: true,
});

suite('databags', () => {
  test('a databag is read by its schema; empty strings are absent', () => {
    assert.deepEqual(decodeDatabag(Schema, { uid: '', items: '[{"name":"a","more":1}]', other: 'x' }), {
      ok: true,
      value: { items: [{ name: 'a' }] },
    });
  });

  const bad: readonly [string, string, string][] = [
    ['[', '', 'not JSON'],
    ['[{"name":1}]', '0.name', 'Invalid input: expected string, received number'],
    ['{}', '', 'Invalid input: expected array, received object'],
  ];
  for (const [items, path, message] of bad) {
    test(`items ${items} is an issue at '${path}'`, () => {
      assert.deepEqual(decodeDatabag(Schema, { items }), {
        ok: false,
        issues: [{ key: 'items', path, message }],
      });
    });
  }

  test('decoding never throws, whatever stands in the databag', () => {
    const values = fc.oneof(fc.string(), fc.json(), fc.constant('['.repeat(100_000)));
    const keys = fc.oneof(fc.constantFrom('uid', 'items', '__proto__', 'constructor'), fc.string());
    fc.assert(
      fc.property(fc.dictionary(keys, values), (databag) => {
        assert.equal(typeof decodeDatabag(Schema, databag).ok, 'boolean');
      }),
    );
  });

  test('a recursive schema on data nested too deep is an issue', () => {
    interface Tree {
      readonly next?: Tree | undefined;
    }
    const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ next: Tree.optional() }));
    const deep = `${'{"next":'.repeat(50_000)}{}${'}'.repeat(50_000)}`;
    assert.equal(decodeDatabag(z.object({ tree: json.pipe(Tree) }), { tree: deep }).ok, false);
  });

  test('JSON over its bound is not parsed', () => {
    const result = decodeDatabag(z.object({ a: jsonUpTo(4) }), { a: '[1,2]' });
    assert.equal(result.ok, false);
  });

  test('__proto__ in JSON sets nobody’s prototype', () => {
    const result = decodeDatabag(z.object({ a: json.pipe(z.record(z.string(), z.unknown())) }), {
      a: '{"__proto__":{"admin":true}}',
    });
    assert.ok(result.ok);
    assert.equal(Object.getPrototypeOf(result.value.a), Object.prototype);
    assert.equal((result.value.a as { admin?: unknown }).admin, undefined);
  });

  test('equal values give equal text, and read back the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = stableJson(value);
        assert.equal(stableJson(JSON.parse(text)), text);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      }),
    );
    assert.equal(stableJson({ b: [{ d: 1, c: 2 }], a: null }), '{"a":null,"b":[{"c":2,"d":1}]}');
    assert.throws(() => stableJson(undefined), TypeError);
  });

  test('what is undefined or empty is left out of a databag', () => {
    const items: unknown[] = [];
    assert.deepEqual(encodeDatabag({ items, uid: 'x', a: undefined, b: '' }), { items: '[]', uid: 'x' });
  });

  test('a difference, applied as Juju does, gives what was wanted, and is empty for equals', () => {
    fc.assert(
      fc.property(bag, bag, (current, wanted) => {
        const juju = new Map(Object.entries(current).filter(([, value]) => value !== ''));
        const full = [...Object.entries(wanted).filter(([, value]) => value !== '')];
        for (const [key, value] of Object.entries(databagDiff(current, wanted))) {
          assert.notEqual(current[key], value);
          if (value === '') juju.delete(key);
          else juju.set(key, value);
        }
        assert.deepEqual(juju, new Map(full));
        assert.deepEqual(databagDiff(wanted, wanted), {});
      }),
    );
  });
});
