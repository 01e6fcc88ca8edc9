import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { filterCapabilities } from '../../../../lib/jaeger-storage/filter/capabilities.ts';
import { conditionFromProto } from '../../../../lib/jaeger-storage/filter/from-proto.ts';
import { type Call, ExpressionSchema } from '../../../../lib/jaeger-storage/proto/expression_pb.ts';
import { attr, call, field, list, nested, scalar } from './expressions.ts';

const named = call('eq', field('span.name'), 'x');

function nestedDeep(depth: number): Call {
  return depth === 1 ? named : call('not', nestedDeep(depth - 1));
}

/** Filters that make no sense, and what is said of them. */
const SENSELESS: readonly (readonly [string, Call, RegExp])[] = [
  ['no operator', call('', named, named), /no operator ''; there are and, or, not/],
  ['an unknown operator', call('like', attr('a'), 'x'), /no operator 'like'/],
  ['an operator named like a method', call('constructor', attr('a'), 'x'), /no operator 'constructor'/],
  ['too few predicates', call('and', named), /'and' takes at least 2 arguments, got 1/],
  ['a constant as predicate', call('or', named, 'x'), /'or' takes predicates, got a constant/],
  ['two predicates for not', call('not', named, named), /'not' takes 1 argument, got 2/],
  ['exists of a constant', call('exists', 'x'), /'exists' takes a reference, got a constant/],
  ['exists of all events', call('exists', nested('event')), /only the first argument of 'some'/],
  ['one operand', call('eq', attr('a')), /'eq' takes 2 arguments, got 1/],
  [
    'a predicate as operand',
    call('eq', attr('a'), named),
    /compares references and constants, got a predicate/,
  ],
  ['a list as operand', call('eq', attr('a'), list(['x'], 'string')), /got a list/],
  ['events as operand', call('eq', nested('event'), 'x'), /only the first argument of 'some'/],
  ['an empty argument', call('eq', attr('a'), create(ExpressionSchema)), /got nothing/],
  ['an attribute without a key', call('exists', attr('')), /has no key/],
  ['an unknown level', call('exists', attr('a', 'trace')), /no level 'trace'; there are span, resource/],
  ['a level named like a method', call('exists', attr('a', 'toString')), /no level 'toString'/],
  ['a field without a level', call('exists', field('.name')), /field 'name' has no level/],
  [
    'an unknown field',
    call('exists', field('span.color')),
    /no field 'color' at level 'span'; there are traceID/,
  ],
  ['a field named like a method', call('exists', field('span.valueOf')), /no field 'valueOf'/],
  [
    'a field of another level',
    call('exists', field('event.duration')),
    /no field 'duration' at level 'event'/,
  ],
  ['no list for in', call('in', attr('a'), 'x'), /takes a list as its second argument, got a constant/],
  ['an empty list', call('in', field('span.name'), list([])), /at least one element/],
  ['a list of no type', call('in', attr('a'), list(['x'])), /states the type of its elements/],
  ['an element of another type', call('in', attr('a'), list(['1', 'x'], 'int')), /'x' is no int/],
  [
    'a list of another kind',
    call('in', field('span.name'), list(['1'], 'int')),
    /holds a string, with a list of int/,
  ],
  [
    'a list of words',
    call('not_in', field('span.kind'), list(['server', 'SERVER'])),
    /'SERVER' is no kind: those are/,
  ],
  ['a list of unknown type', call('in', attr('a'), list(['x'], 'date')), /no type 'date'/],
  ['an unknown type', call('eq', attr('a'), scalar('x', 'date')), /no type 'date'; there are string, int/],
  ['no int', call('eq', attr('a'), scalar('1.5', 'int')), /'1.5' is no int/],
  ['an int of 65 bits', call('eq', attr('a'), scalar('9223372036854775808', 'int')), /is no int/],
  ['no double', call('eq', attr('a'), scalar('one', 'double')), /'one' is no double/],
  ['no bool', call('eq', attr('a'), scalar('yes', 'bool')), /'yes' is no bool/],
  ['no duration', call('gt', field('span.duration'), 'banana'), /'banana' is no duration, such as '2s'/],
  ['a duration without a unit', call('gt', field('span.duration'), '5'), /'5' is no duration/],
  ['no time', call('gt', field('span.startTime'), 'yesterday'), /'yesterday' is no time, such as/],
  [
    'no such status',
    call('eq', field('span.status'), 'failed'),
    /'failed' is no status: those are unset, ok, error/,
  ],
  ['a word said to be a string', call('eq', field('span.kind'), scalar('x', 'string')), /'x' is no kind/],
  [
    'a number for a name',
    call('eq', field('span.name'), scalar('1', 'int')),
    /span.name, a text, with '1', a number/,
  ],
  [
    'a number for a duration',
    call('gt', field('span.duration'), scalar('1', 'int')),
    /a duration, with '1', a number/,
  ],
  [
    'a duration and a name',
    call('eq', field('span.duration'), field('span.name')),
    /a duration, with span.name, a text/,
  ],
  ['an order of kinds', call('gt', field('span.kind'), 'server'), /have an order, and span.kind has none/],
  ['an order of bools', call('gt', attr('a'), scalar('true', 'bool')), /have an order/],
  ['some of a span', call('some', nested('span'), named), /'event' or 'link', got level 'span'/],
  [
    'some of an attribute',
    call('some', attr('a'), named),
    /takes events or links first, got a reference to an attribute/,
  ],
  ['some without a predicate', call('some', nested('event'), 'x'), /'some' takes predicates, got a constant/],
  [
    'some event inside some event',
    call('some', nested('event'), call('some', nested('link'), call('some', nested('event'), named))),
    /inside another one about 'event'/,
  ],
  ['regex without a pattern', call('regex', attr('a')), /'regex' takes 2 arguments, got 1/],
  ['regex of a constant', call('regex', 'a', 'b'), /'regex' takes a reference, got a constant/],
  ['regex of all events', call('regex', nested('event'), 'x'), /only the first argument of 'some'/],
  [
    'regex of an unknown field',
    call('regex', field('span.color'), 'red'),
    /no field 'color' at level 'span'; there are traceID/,
  ],
  [
    'regex of a duration',
    call('regex', field('span.duration'), '2s'),
    /'regex' matches text, and span.duration holds a duration/,
  ],
  [
    'regex of a time',
    call('regex', field('event.time'), '2026-.*'),
    /'regex' matches text, and event.time holds a timestamp/,
  ],
  [
    'a reference as pattern',
    call('regex', attr('a'), attr('b')),
    /takes a string as its pattern, got a reference to an attribute/,
  ],
  [
    'a number as pattern',
    call('regex', attr('a'), scalar('1', 'int')),
    /takes a string as its pattern, got a constant of type 'int'/,
  ],
  ['an anchored pattern', call('regex', field('span.name'), '^GET'), /the pattern has no anchors/],
  [
    'a pattern that is none',
    call('regex', attr('a'), '(a'),
    /RE2 syntax, and '\(a' is none: missing closing/,
  ],
  ['a long pattern', call('regex', attr('a'), 'x'.repeat(1001)), /at most 1000 characters, got 1001/],
  [
    'very many patterns',
    call('or', ...Array.from({ length: 17 }, (_, index) => call('regex', attr('a'), `x${index}`))),
    /more than 16 patterns; join some of them with \|/,
  ],
  ['calls in calls without end', nestedDeep(21), /more than 20 deep/],
  ['very many terms', call('and', ...Array.from({ length: 4000 }, () => named)), /more than 10000 terms/],
  [
    'a very long list',
    call('in', field('span.name'), list(Array.from({ length: 10_001 }, String))),
    /more than 10000/,
  ],
];

suite('conditionFromProto', () => {
  for (const [what, filter, message] of SENSELESS) {
    test(`${what} is refused`, () => {
      assert.throws(
        () => conditionFromProto(filter),
        (error: Error) => {
          assert.deepEqual({ ...error, name: error.name }, { name: 'TraceStoreError', code: 'INVALID' });
          assert.match(error.message, /^can't use the filter: /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  test('what is refused is refused wherever it stands', () => {
    const regex = call('regex', field('span.name'), 'GET (');
    for (const filter of [
      regex,
      call('and', named, call('not', regex)),
      call('some', nested('event'), regex),
    ]) {
      assert.throws(() => conditionFromProto(filter), { code: 'INVALID', message: /in RE2 syntax/ });
    }
  });

  test('as deep and as long as allowed is fine', () => {
    assert.doesNotThrow(() => conditionFromProto(nestedDeep(20)));
    assert.doesNotThrow(() =>
      conditionFromProto(call('in', field('span.name'), list(Array.from({ length: 9_000 }, String)))),
    );
  });

  test('the same pattern may be asked of any number of values', () => {
    assert.doesNotThrow(() =>
      conditionFromProto(
        call('or', ...Array.from({ length: 100 }, (_, index) => call('regex', attr(`a${index}`), 'x'))),
      ),
    );
  });

  test('a pattern is a text, with or without its type, so that a condition can be sent to another thread', () => {
    const condition = {
      op: 'regex',
      subject: { kind: 'attribute', level: 'span', key: 'http.route' },
      pattern: '/api/.*',
    };
    for (const pattern of ['/api/.*', scalar('/api/.*', 'string')]) {
      const read = conditionFromProto(call('regex', attr('http.route', 'span'), pattern));
      assert.deepEqual(read, condition);
      assert.deepEqual(structuredClone(read), condition);
    }
  });

  test('constants are read as what they stand beside, and stand on the right', () => {
    assert.deepEqual(conditionFromProto(call('lt', '2s', field('span.duration'))), {
      op: 'gt',
      left: { kind: 'field', level: 'span', name: 'duration' },
      right: { kind: 'constant', type: 'duration', value: 2_000_000_000n },
    });
    assert.deepEqual(conditionFromProto(call('eq', attr('a'), '2s')), {
      op: 'eq',
      left: { kind: 'attribute', level: undefined, key: 'a' },
      right: { kind: 'constant', type: 'any', value: '2s' },
    });
    assert.deepEqual(conditionFromProto(call('in', field('span.duration'), list(['1ms']))), {
      op: 'in',
      subject: { kind: 'field', level: 'span', name: 'duration' },
      values: [{ kind: 'constant', type: 'duration', value: 1_000_000n }],
    });
  });
});

suite('filterCapabilities', () => {
  test('every operator that is declared is read, and every level', () => {
    const filters: Readonly<Record<string, Call>> = {
      and: call('and', named, named),
      or: call('or', named, named),
      not: call('not', named),
      exists: call('exists', attr('a')),
      some: call('some', nested('event'), named),
      in: call('in', attr('a'), list(['x'], 'string')),
      not_in: call('not_in', attr('a'), list(['x'], 'string')),
      ...Object.fromEntries(
        ['eq', 'ne', 'gt', 'lt', 'gte', 'lte', 'regex'].map((op) => [op, call(op, attr('a'), 'x')]),
      ),
    };
    assert.deepEqual([...filterCapabilities.operators].sort(), Object.keys(filters).sort());
    for (const filter of Object.values(filters)) assert.equal(conditionFromProto(filter).op, filter.op);
    assert.deepEqual(filterCapabilities.levels, ['span', 'resource', 'scope', 'event', 'link']);
    for (const level of filterCapabilities.levels) {
      assert.doesNotThrow(() => conditionFromProto(call('exists', attr('a', level))));
    }
  });
});
