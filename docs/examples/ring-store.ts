import {
  encodeTrace,
  matches,
  type RequestContext,
  readSpans,
  type SpanRecord,
  type TraceStore,
  TraceStoreError,
} from 'crosslink/jaeger-storage';

/** Keeps the spans that came last, and looks at each of them for every question. */
export function ringStore(mostSpans: number): TraceStore {
  /** By {@link contentOf}: what comes again, byte for byte, is there already. */
  const tenants = new Map<string, Map<string, SpanRecord>>();
  let isClosed = false;

  /** Those of the tenant who asks, in the order in which they came. */
  const spansOf = ({ tenant, signal }: RequestContext): readonly SpanRecord[] => {
    if (isClosed) throw new TraceStoreError('CLOSED', 'the store is closed: open it again');
    signal.throwIfAborted();
    return [...(tenants.get(tenant)?.values() ?? [])];
  };
  return {
    async write({ format, bytes }, context) {
      spansOf(context);
      const reasons: string[] = [];
      // Records are views of the bytes that they are read from, which are the caller's.
      const records = readSpans({ format, bytes: bytes.slice() }, (reason) => reasons.push(reason));
      const ring = tenants.get(context.tenant) ?? new Map<string, SpanRecord>();
      tenants.set(context.tenant, ring);
      for (const record of records) ring.set(contentOf(record), record);
      for (const content of [...ring.keys()].slice(0, Math.max(ring.size - mostSpans, 0)))
        ring.delete(content);
      const [reason] = reasons;
      const rejected = reasons.length;
      return { accepted: records.length, rejected, ...(reason !== undefined && { reason }) };
    },

    async *traces(wanted, context) {
      const byTrace = Map.groupBy(spansOf(context), ({ traceId }) => hex(traceId));
      for (const id of new Set(wanted.map(({ traceId }) => hex(traceId)))) {
        const spans = byTrace.get(id);
        if (spans !== undefined) yield partOf(spans);
      }
    },

    async *findTraces(query, context) {
      yield* this.traces(await this.findTraceIds(query, context), context);
    },

    async findTraceIds(query, context) {
      if (!Number.isSafeInteger(query.limit) || query.limit < 1)
        throw new TraceStoreError('INVALID', `can't find ${query.limit} traces`);
      const found = spansOf(context).filter((span) => !span.isFirehose && matches(span, query));
      const newest = found.toSorted((a, b) => order(b.startNs, a.startNs));
      const ids = new Map(newest.map(({ traceId }) => [hex(traceId), traceId]));
      return [...ids.values()].slice(0, query.limit).map((traceId) => ({ traceId }));
    },

    async services(context) {
      return [...new Set(searchable(spansOf(context)).map(({ resource }) => resource.service))].sort();
    },

    async operations({ service, kind }, context) {
      const spans = searchable(spansOf(context)).filter(
        (span) => span.resource.service === service && (kind === undefined || span.kind === kind),
      );
      const all = new Map(spans.map(({ operation: name, kind }) => [`${name}\0${kind}`, { name, kind }]));
      return [...all.values()].sort((a, b) => order(a.name, b.name) || order(a.kind, b.kind));
    },

    async dependencies({ startMin, startMax }, context) {
      const links = new Map<string, { parent: string; child: string; callCount: bigint }>();
      // Of several spans with one id, the first that came is the parent.
      const spans = spansOf(context).toReversed();
      const byId = new Map(spans.map((span) => [`${hex(span.traceId)}${hex(span.spanId)}`, span]));
      for (const { traceId, parentSpanId, startNs, resource } of spans) {
        if (parentSpanId === undefined) continue;
        if (startNs < (startMin ?? startNs) || startNs > (startMax ?? startNs)) continue;
        const parent = byId.get(`${hex(traceId)}${hex(parentSpanId)}`)?.resource.service;
        if (parent === undefined) continue;
        const link = links.get(`${parent}\0${resource.service}`);
        const callCount = (link?.callCount ?? 0n) + 1n;
        links.set(`${parent}\0${resource.service}`, { parent, child: resource.service, callCount });
      }
      return [...links.values()].sort((a, b) => order(a.parent, b.parent) || order(a.child, b.child));
    },

    async close() {
      isClosed = true;
      tenants.clear();
    },
  };
}

/** Spans as they are kept become spans as they travel. */
function partOf(spans: readonly SpanRecord[]) {
  const stored = spans.map(({ format, resource, scope, bytes }) => ({
    ...{ format, bytes },
    ...{ resource: resource.bytes, scope: scope.bytes },
  }));
  return { traceId: spans[0]?.traceId ?? new Uint8Array(16), spans: encodeTrace(stored) };
}

function contentOf({ format, resource, scope, bytes }: SpanRecord): string {
  return [format, hex(resource.bytes), hex(scope.bytes), hex(bytes)].join(' ');
}

/** Its sender may want a span kept, and found by nobody who does not know its trace. */
const searchable = (spans: readonly SpanRecord[]) => spans.filter(({ isFirehose }) => !isFirehose);
const hex = (id: Uint8Array) => Buffer.from(id).toString('hex');
const order = <T extends string | bigint>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);
