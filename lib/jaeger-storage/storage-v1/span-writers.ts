import { implement, RpcError, type Service } from '#lib/go-plugin';
import {
  ArchiveSpanWriterPlugin,
  SpanWriterPlugin,
  StreamingSpanWriterPlugin,
} from '../proto/storage_v1_pb.ts';
import type { Backend } from '../server/service-options.ts';
import type { RequestContext, TraceStore } from '../trace-store.ts';
import { writeStream } from './write-stream.ts';

export function spanWriter({ traces, context }: Backend): Service {
  return implement(
    SpanWriterPlugin,
    {
      writeSpan: (bytes, call) => writeOne(traces, bytes, context(call)),
      // One client of possibly many wants what it wrote to be safe, which it is.
      close: () => ({}),
    },
    { encodedRequests: ['writeSpan'] },
  );
}

export function archiveSpanWriter({ traces, context }: Backend): Service {
  return implement(
    ArchiveSpanWriterPlugin,
    { writeArchiveSpan: (bytes, call) => writeOne(traces, bytes, context(call)) },
    { encodedRequests: ['writeArchiveSpan'] },
  );
}

export function streamingSpanWriter({ traces, context, log }: Backend): Service {
  return implement(
    StreamingSpanWriterPlugin,
    {
      async writeSpanStream(requests, call) {
        await writeStream(requests, { traces, log, context: context(call) });
        return {};
      },
    },
    { encodedRequests: ['writeSpanStream'] },
  );
}

/** @throws {RpcError} INVALID_ARGUMENT: the span can't be stored, or there is none; or what the store throws */
async function writeOne(
  traces: TraceStore,
  bytes: Uint8Array<ArrayBuffer>,
  context: RequestContext,
): Promise<Record<never, never>> {
  const { accepted, rejected, reason } = await traces.write({ format: 'jaeger', bytes }, context);
  if (rejected > 0) throw new RpcError('INVALID_ARGUMENT', `the span can't be stored: ${reason}`);
  if (accepted === 0) throw new RpcError('INVALID_ARGUMENT', 'the request has no span');
  return {};
}
