import assert from 'node:assert/strict';
import type { Attribute, TraceQuery } from '../../../../../lib/jaeger-storage/trace-store.ts';
import type { Value } from '../fixture-values.ts';
import { HOUR, MICROSECOND, MINUTE, SECOND, type SpanSpec } from '../fixtures.ts';
import type { ContractCase, ContractGroup, Trial } from '../trial.ts';

/** Yesterday's start of the day, and the moment at which most spans of Jaeger's fixtures start. */
const DAY = 86_400n * SECOND;
const YESTERDAY = (BigInt(Date.now()) / 86_400_000n - 1n) * DAY;
const START = YESTERDAY + 16n * HOUR + 46n * MINUTE + 31n * SECOND + 639_875n * MICROSECOND;
const WINDOW = { startMin: START - HOUR, startMax: START + HOUR };

const BLOB = Uint8Array.of(0, 0, 48, 57);
const TAGS = { tag1: 'sameplacevalue', tag2: 123n, tag3: 72.5, tag4: true } as const;

/** Some of the four attributes that most searches ask for. */
function some(...which: (keyof typeof TAGS)[]): Record<string, Value> {
  return Object.fromEntries(which.map((tag) => [`sameplace${tag}`, TAGS[tag]]));
}

function all(prefix: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(TAGS).map(([tag, value]) => [`${prefix}${tag.slice(3)}`, value]));
}

/** As they come from Jaeger, which turns all values into texts. */
function wanted(prefix = 'sameplacetag'): readonly Attribute[] {
  return Object.entries(all(prefix)).map(([key, value]) => ({ key, value: String(value) }));
}

const FOUR = all('sameplacetag');
const FOUR_AND_BLOB = { ...FOUR, blob: BLOB };
/** Two events at once, the second without anything. */
const QUIET = [{ time: START }, { time: START }];

function log(...attributes: Record<string, Value>[]): Pick<SpanSpec, 'events'> {
  const events = attributes.map((one) => ({ time: START, attributes: one }));
  return { events: [...events, ...QUIET].slice(0, 2) };
}

/** References to spans of other traces, one of them twice and in two ways. */
const LINKS = [
  { traceId: 'ff', spanId: 'ff', type: 'child_of' },
  { traceId: '1', spanId: '2', type: 'child_of' },
  { traceId: '1', spanId: '2', type: 'follows_from' },
] as const;

interface Search {
  readonly caption: string;
  readonly query?: Partial<TraceQuery>;
  /** The search asks for the operation queryNN-operation, which the spans have. */
  readonly operation?: true;
  /** Traces to be found; undefined: one, whose id has the digits of the case. */
  readonly traces?: readonly string[];
  /** The spans, which have the service queryNN-service. */
  readonly spans: readonly SpanSpec[];
  /** Only OTLP has where to put it. */
  readonly otlpOnly?: true;
}

const US = MICROSECOND;
const AROUND_5_US = { durationMin: 4500n, durationMax: 5500n };
const UP_TO_1_US = { durationMax: 1000n };
const UP_TO_2_US = { durationMax: 2000n };
const TAGGED = { attributes: wanted() };

/** Case by case what Jaeger's suites write, and search for. Case n is search n of both suites. */
const SEARCHES: readonly Search[] = [
  {
    caption: 'tags in one spot: tags',
    query: TAGGED,
    spans: [{ attributes: FOUR_AND_BLOB, duration: 7n * US }],
  },
  { caption: 'tags in one spot: logs', query: TAGGED, spans: [log(FOUR_AND_BLOB)] },
  {
    caption: 'tags in one spot: process',
    query: TAGGED,
    spans: [{ resource: FOUR_AND_BLOB, events: QUIET }],
  },
  {
    caption: 'tags in different spots',
    query: TAGGED,
    spans: [{ resource: some('tag1'), ...log(some('tag2')), attributes: some('tag3', 'tag4') }],
  },
  {
    caption: 'a trace that goes over the end of the day',
    query: { startMin: START - 16n * HOUR - 46n * MINUTE, startMax: START - 16n * HOUR - 39n * MINUTE },
    spans: [
      { start: START - 16n * HOUR - 43n * MINUTE, events: QUIET },
      { spanId: '2', start: START - 16n * HOUR - 50n * MINUTE, events: QUIET },
    ],
  },
  { caption: 'operation', operation: true, spans: [{ events: QUIET }] },
  {
    caption: 'operation, longest duration',
    operation: true,
    query: UP_TO_2_US,
    spans: [
      { spanId: '3', parentId: '2', duration: US },
      { spanId: '2', duration: 2n * US, events: QUIET },
    ],
  },
  {
    caption: 'operation, range of durations',
    operation: true,
    query: AROUND_5_US,
    spans: [{ events: QUIET }],
  },
  { caption: 'range of durations', query: AROUND_5_US, spans: [{ events: QUIET }] },
  { caption: 'longest duration', query: UP_TO_1_US, spans: [{ duration: US, events: QUIET }] },
  { caption: 'default', spans: [{ spanId: '3', name: '', duration: 100n * US, events: QUIET }] },
  {
    caption: 'tags, operation',
    operation: true,
    query: TAGGED,
    spans: [{ spanId: '4', attributes: FOUR_AND_BLOB, links: LINKS, duration: 2n * US }],
  },
  {
    caption: 'tags, operation, longest duration',
    operation: true,
    query: { ...TAGGED, ...UP_TO_2_US },
    spans: [
      {
        resource: FOUR_AND_BLOB,
        attributes: { tag1: 'value1' },
        ...log({ tag3: 'value3' }, { something: 'blah' }),
        duration: US,
      },
    ],
  },
  {
    caption: 'tags, operation, range of durations',
    operation: true,
    query: { ...TAGGED, ...AROUND_5_US },
    spans: [log(FOUR_AND_BLOB)],
  },
  {
    caption: 'tags, range of durations',
    query: { ...TAGGED, ...AROUND_5_US },
    spans: [{ attributes: FOUR_AND_BLOB, events: QUIET }],
  },
  {
    caption: 'tags, longest duration',
    query: { ...TAGGED, ...UP_TO_1_US },
    spans: [{ resource: FOUR_AND_BLOB, name: '', duration: US, events: QUIET }],
  },
  {
    caption: 'tags in several spots, operation',
    operation: true,
    query: TAGGED,
    spans: [{ resource: some('tag1'), attributes: some('tag3'), ...log(some('tag2'), some('tag4')) }],
  },
  {
    caption: 'tags in several spots, operation, longest duration',
    operation: true,
    query: { ...TAGGED, ...UP_TO_2_US },
    spans: [
      {
        attributes: some('tag1'),
        resource: some('tag3'),
        ...log(some('tag2'), { ...some('tag4'), blob: BLOB }),
        duration: US,
      },
    ],
  },
  {
    caption: 'tags in several spots, operation, range of durations',
    operation: true,
    query: { ...TAGGED, ...AROUND_5_US },
    spans: [
      { attributes: some('tag1'), resource: some('tag3', 'tag4'), ...log(some('tag2'), { blob: BLOB }) },
    ],
  },
  {
    caption: 'tags in several spots, range of durations',
    query: { ...TAGGED, ...AROUND_5_US },
    spans: [
      { attributes: some('tag2', 'tag4'), resource: { ...some('tag3'), blob: BLOB }, ...log(some('tag1')) },
    ],
  },
  {
    caption: 'tags in several spots, longest duration',
    query: { ...TAGGED, ...UP_TO_1_US },
    spans: [
      {
        attributes: some('tag1'),
        resource: some('tag3', 'tag4'),
        ...log(some('tag2'), { blob: BLOB }),
        duration: US,
      },
    ],
  },
  {
    caption: 'several traces',
    traces: ['221', '222', '223'],
    spans: ['221', '222', '223'].map((traceId) => ({
      traceId,
      name: '',
      duration: 100n * US,
      events: QUIET,
    })),
  },
  {
    caption: 'name and version of the scope',
    query: TAGGED,
    traces: ['224'],
    spans: [
      { attributes: FOUR_AND_BLOB, scope: { name: 'testing-library', version: '1.1.1' }, duration: US },
    ],
  },
  {
    caption: 'attributes of the scope',
    query: { attributes: wanted('sameplacescopeattribute') },
    traces: ['225'],
    spans: [
      {
        scope: {
          name: 'testing-library',
          version: '1.1.1',
          attributes: { ...all('sameplacescopeattribute'), scopeblob: BLOB },
        },
        attributes: { sameplacespanattribute1: 'sameplacevalue' },
        events: QUIET,
        duration: US,
      },
    ],
    otlpOnly: true,
  },
  {
    caption: 'attributes of links',
    query: { attributes: wanted('sameplacelinkattribute') },
    traces: ['226'],
    spans: [
      {
        spanId: '4',
        attributes: { sameplacespanattribute1: 'sameplacevalue' },
        links: [
          { ...LINKS[0], attributes: { ...all('sameplacelinkattribute'), linkblob: BLOB } },
          LINKS[1],
          LINKS[2],
        ],
        duration: 2n * US,
      },
    ],
    otlpOnly: true,
  },
];

/** All of its texts, filled in. */
function filledIn(
  search: Search,
  index: number,
): { service: string; operation: string; spans: SpanSpec[]; traces: readonly string[] } {
  const number = String(index + 1).padStart(2, '0');
  const [service, operation] = [`query${number}-service`, `query${number}-operation`];
  const traces = search.traces ?? [String(index + 1)];
  const spans = search.spans.map((span) => ({
    traceId: traces[0] as string,
    service,
    name: operation,
    start: START,
    duration: 5n * US,
    ...span,
  }));
  return { service, operation, traces, spans };
}

function caseOf(search: Search, index: number): ContractCase {
  const { service, operation, traces, spans } = filledIn(search, index);
  return {
    id: `B${index + 1}`,
    title: search.caption,
    ...(search.otlpOnly && { formats: ['otlp'], needs: ['otlp-attributes'] }),
    async run(trial) {
      const query = { ...WINDOW, service, ...(search.operation && { operation }), ...search.query };
      const found = await trial.find(query);
      assert.deepEqual(found.map(({ traceId }) => traceId).sort(), traces);
      for (const one of found) {
        trial.assertSpans(
          one,
          spans.filter(({ traceId }) => traceId === one.traceId),
        );
      }
    },
  };
}

/** A6 and C5: everything is there when each search is made. */
export const searches: ContractGroup = {
  name: 'searches of the suites of Jaeger',
  async setup(trial: Trial) {
    for (const [index, search] of SEARCHES.entries()) await trial.write(filledIn(search, index).spans);
  },
  cases: SEARCHES.map(caseOf),
};
