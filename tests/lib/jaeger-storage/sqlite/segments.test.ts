import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteWriter } from '../../../../lib/jaeger-storage/sqlite/byte-writer.ts';
import {
  decodeFragment,
  encodeFragment,
  type FragmentSpan,
} from '../../../../lib/jaeger-storage/sqlite/fragment.ts';
import { fragmentOfSpan, OpenSegment } from '../../../../lib/jaeger-storage/sqlite/open-segment.ts';
import {
  bucketOf,
  encodePostings,
  findPosting,
  intersect,
  readPosting,
} from '../../../../lib/jaeger-storage/sqlite/posting.ts';
import { decodeColumns, encodeColumns } from '../../../../lib/jaeger-storage/sqlite/segment-columns.ts';

/** Terms of each span; few hashes near each other, and some anywhere. */
const hash = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 0xffffffff }));
const spansTerms = fc.array(fc.array(hash, { maxLength: 30 }), { maxLength: 200 });

function spansWith(spans: readonly (readonly number[])[], term: number): number[] {
  return spans.flatMap((terms, span) => (terms.includes(term) ? [span] : []));
}

function segmentOf(spans: readonly (readonly number[])[]): OpenSegment {
  const segment = new OpenSegment(1, 1);
  segment.addFragment(new Uint8Array(16), 0);
  for (const terms of spans) {
    segment.addSpan(0, 0);
    for (const term of terms) segment.addTerm(term);
  }
  return segment;
}

suite('the index of a segment', () => {
  test('finds the spans of each term, sealed and open', () => {
    fc.assert(
      fc.property(spansTerms, fc.array(hash), (spans, others) => {
        const segment = segmentOf(spans);
        const { bits, buckets } = encodePostings(segment.hashes, segment.ordinals, segment.terms);
        for (const term of new Set([...spans.flat(), ...others])) {
          const entries = buckets.find(({ bucket }) => bucket === bucketOf(term, bits))?.entries;
          const found = entries && findPosting(entries, term);
          const expected = spansWith(spans, term);
          assert.deepEqual(found === undefined ? [] : [...readPosting(found)], expected);
          assert.deepEqual([...segment.find(term)], expected);
        }
      }),
    );
  });

  test('finds what two lists have in common', () => {
    const list = fc.uniqueArray(fc.nat(60)).map((all) => Uint32Array.from(all).sort());
    fc.assert(
      fc.property(list, list, (one, other) => {
        assert.deepEqual(
          [...intersect(one, other)],
          [...one].filter((value) => other.includes(value)),
        );
      }),
    );
  });

  test('is the same in the copy for searches, however the spans came', () => {
    const commits = fc.array(fc.array(fc.array(hash, { maxLength: 20 }), { maxLength: 20 }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(commits, (all) => {
        const segment = new OpenSegment(7, 100);
        const copy = new OpenSegment(7, 100);
        for (const [n, spans] of all.entries()) {
          const mark = segment.mark();
          segment.addFragment(new Uint8Array(16).fill(n), 10);
          for (const terms of spans) {
            segment.addSpan(n, 1);
            segment.addTerms(Uint32Array.from(terms));
          }
          copy.append(segment.since(mark));
        }
        assert.deepEqual(encodeColumns(copy), encodeColumns(segment));
        for (const term of new Set(all.flat(2))) assert.deepEqual(copy.find(term), segment.find(term));
      }),
    );
  });

  test('keeps its columns to the bit, absurd times included', () => {
    const time = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(-6.21355968e19, 2.5e20, 0, 1.8e19));
    const fragments = fc.array(fc.array(fc.tuple(time, time), { maxLength: 5, minLength: 1 }), {
      maxLength: 50,
    });
    fc.assert(
      fc.property(fragments, (all) => {
        const segment = new OpenSegment(1, 5);
        for (const [n, spans] of all.entries()) {
          segment.addFragment(new Uint8Array(16).fill(n), 1);
          for (const [start, duration] of spans) segment.addSpan(start, duration);
        }
        const { starts, durations, traceIds, firstFragment, ...rest } = decodeColumns(
          encodeColumns(segment),
          5,
        );
        assert.equal(firstFragment, 5);
        assert.deepEqual(
          [...starts],
          all.flat().map(([start]) => start),
        );
        assert.deepEqual(
          [...durations],
          all.flat().map(([, duration]) => duration),
        );
        const columns = { starts, durations, traceIds, firstFragment, ...rest };
        const owners = all.flatMap((spans, n) => spans.map(() => n));
        assert.deepEqual(
          owners.map((_, span) => fragmentOfSpan(columns, span)),
          owners,
        );
        assert.deepEqual(
          owners.map((_, span) => traceIds[fragmentOfSpan(columns, span) * 16]),
          owners,
        );
      }),
    );
  });
});

suite('a fragment', () => {
  const span: fc.Arbitrary<FragmentSpan> = fc.record(
    {
      format: fc.constantFrom('otlp' as const, 'jaeger' as const),
      resource: fc.integer({ min: 1, max: 2 ** 40 }),
      scope: fc.integer({ min: 1, max: 3 }),
      bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
    },
    { noNullPrototype: true },
  );

  test('gives back what was put into it', () => {
    fc.assert(
      fc.property(fc.array(span), (spans) => {
        const body = encodeFragment(spans, 0, spans.length, new ByteWriter(1));
        assert.deepEqual(decodeFragment(body), spans);
      }),
    );
  });

  test('that is cut off is told, and not read as something else', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1 }), fc.nat(), (spans, at) => {
        const body = encodeFragment(spans, 0, spans.length, new ByteWriter());
        const cut = body.slice(0, at % body.length);
        try {
          const read = decodeFragment(cut);
          assert.deepEqual(read, spans.slice(0, read.length), 'cut between two runs');
        } catch (error) {
          assert.equal((error as Error).name, 'DamagedError');
        }
      }),
    );
  });
});
