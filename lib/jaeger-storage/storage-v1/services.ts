import { implement, type Service } from '#lib/go-plugin';
import { PluginCapabilities } from '../proto/storage_v1_pb.ts';
import { backendOf, type ServiceOptions } from '../server/service-options.ts';
import type { TraceStore } from '../trace-store.ts';
import { archiveSpanReader, dependenciesReader, type NoKind, spanReader } from './span-readers.ts';
import { archiveSpanWriter, spanWriter, streamingSpanWriter } from './span-writers.ts';

export interface StorageV1Options extends ServiceOptions {
  /** Where archived traces are kept. Absent: there is no archive, and Jaeger's UI offers none. */
  readonly archive?: TraceStore | undefined;
  /**
   * Whether clients may write by streams, which is faster; they hear of no trouble before a stream's end, and a stream is
   * one tenant's for ever. Where unsaid: where there is no tenancy.
   */
  readonly streaming?: boolean | undefined;
  /** Where unsaid: '', as Jaeger has it from 1.65 on. Before, it was 'unspecified'. */
  readonly noKind?: NoKind;
}

/** jaeger.storage.v1: what Jaeger 1.x speaks to plugins and remote storages, and 2.0 to 2.5 to remote storages. */
export function storageV1Services(options: StorageV1Options): readonly Service[] {
  const { archive, streaming = options.tenancy === undefined, noKind = '' } = options;
  const backend = backendOf(options);
  const archived = archive && backendOf({ ...options, traces: archive });
  const offered = {
    archiveSpanReader: archived !== undefined,
    archiveSpanWriter: archived !== undefined,
    streamingSpanWriter: streaming,
  };
  return [
    spanReader(backend, noKind),
    spanWriter(backend),
    dependenciesReader(backend),
    implement(PluginCapabilities, { capabilities: () => offered }),
    ...(streaming ? [streamingSpanWriter(backend)] : []),
    ...(archived === undefined ? [] : [archiveSpanReader(archived), archiveSpanWriter(archived)]),
  ];
}
