import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { TraceStoreError } from '../errors.ts';
import type { DependencyLink, FoundTrace, Operation, TimeRange, TraceQuery } from '../trace-store.ts';
import { copyDatabase } from './backup.ts';
import { DatabaseReader } from './database-reader.ts';
import type { PackedPart, PackedParts } from './protocol.ts';
import { storeError } from './sqlite-error.ts';
import { type Cancellable, type Methods, serve } from './thread-calls.ts';
import type { AdditionMessage } from './writer-thread.ts';

/** How long a search goes on before others get their turn. */
const turnMs = 3;
/** One answer of a stream has about so many bytes. */
const answerBytes = 3 * 1024 * 1024;

interface Stream {
  readonly file: string;
  readonly parts: Generator<PackedPart | undefined>;
}

const databases = new Map<number, { readonly file: string; readonly reader: DatabaseReader }>();
/** Of databases that are not open here yet. */
const early = new Map<number, AdditionMessage[]>();
const streams = new Map<number, Stream>();
let lastStream = 0;

const { writers } = workerData as { writers: MessagePort };

export const readerMethods = {
  open({ database, file }: { database: number; file: string }): void {
    const reader = new DatabaseReader(file);
    databases.set(database, { file, reader });
    catchUp();
    for (const { addition } of early.get(database) ?? []) reader.add(addition);
    early.delete(database);
  },

  services: (params: { database: number }): string[] => ask(params.database, (reader) => reader.services()),

  operations: (params: { database: number; service: string; kind: string | undefined }): Operation[] =>
    ask(params.database, (reader) => reader.operations(params.service, params.kind)),

  dependencies: (params: { database: number; range: TimeRange }): DependencyLink[] =>
    ask(params.database, (reader) => reader.dependencies(params.range)),

  async findTraceIds(
    params: { database: number; query: TraceQuery },
    call: Cancellable,
  ): Promise<FoundTrace[]> {
    const { file, reader } = opened(params.database);
    try {
      const searching = reader.search(params.query);
      for (let turn = newTurn(); ; ) {
        const next = searching.next();
        if (next.done) return next.value.map(({ traceId }) => ({ traceId }));
        if (isOver(turn)) turn = await nextTurn();
        if (call.isCancelled) return [];
      }
    } catch (error) {
      throw storeError(error, file);
    }
  },

  traces(
    { database, ids }: { database: number; ids: readonly Uint8Array[] },
    call: Cancellable,
  ): Promise<PackedParts> {
    const { file, reader } = opened(database);
    return begin({ file, parts: tracesOf(reader, ids) }, call);
  },

  findTraces(params: { database: number; query: TraceQuery }, call: Cancellable): Promise<PackedParts> {
    const { file, reader } = opened(params.database);
    return begin({ file, parts: foundTraces(reader, params.query) }, call);
  },

  next({ stream }: { stream: number }, call: Cancellable): Promise<PackedParts> {
    const known = streams.get(stream);
    if (known === undefined) throw new TraceStoreError('CLOSED', 'the answer was given up');
    return answer(stream, known, call);
  },

  end({ stream }: { stream: number }): void {
    streams.delete(stream);
  },

  backup({ database, to }: { database: number; to: string }): Promise<void> {
    return copyDatabase(opened(database).file, to);
  },

  close({ database }: { database: number }): void {
    databases.get(database)?.reader.close();
    databases.delete(database);
    early.delete(database);
  },
} satisfies Methods;

function* tracesOf(reader: DatabaseReader, ids: readonly Uint8Array[]): Generator<PackedPart> {
  for (const id of ids) yield* reader.trace(id);
}

function* foundTraces(reader: DatabaseReader, query: TraceQuery): Generator<PackedPart | undefined> {
  const found = yield* reader.search(query);
  for (const { traceId } of found) yield* reader.trace(traceId);
}

function begin(stream: Stream, call: Cancellable): Promise<PackedParts> {
  lastStream += 1;
  streams.set(lastStream, stream);
  return answer(lastStream, stream, call);
}

async function answer(id: number, { file, parts }: Stream, call: Cancellable): Promise<PackedParts> {
  const answered: PackedPart[] = [];
  let bytes = 0;
  try {
    for (let turn = newTurn(); bytes < answerBytes; ) {
      const next = parts.next();
      if (next.done) {
        streams.delete(id);
        return { parts: answered, stream: undefined };
      }
      if (next.value !== undefined) {
        answered.push(next.value);
        for (const spans of next.value.spans) bytes += spans.bytes.length;
      }
      if (isOver(turn)) turn = await nextTurn();
      if (call.isCancelled) {
        streams.delete(id);
        return { parts: [], stream: undefined };
      }
    }
    return { parts: answered, stream: id };
  } catch (error) {
    streams.delete(id);
    throw storeError(error, file);
  }
}

function ask<T>(database: number, question: (reader: DatabaseReader) => T): T {
  const { file, reader } = opened(database);
  try {
    return question(reader);
  } catch (error) {
    throw storeError(error, file);
  }
}

function opened(database: number): { readonly file: string; readonly reader: DatabaseReader } {
  const known = databases.get(database);
  if (known === undefined) throw new TraceStoreError('CLOSED', 'the store was closed');
  catchUp();
  return known;
}

/** What was committed before a question was asked is in the port by then, whether or not this thread was told yet. */
function catchUp(): void {
  for (let next = receiveMessageOnPort(writers); next !== undefined; next = receiveMessageOnPort(writers)) {
    take(next.message as AdditionMessage);
  }
}

function take(message: AdditionMessage): void {
  const known = databases.get(message.database);
  if (known !== undefined) known.reader.add(message.addition);
  else early.set(message.database, [...(early.get(message.database) ?? []), message]);
}

const newTurn = () => performance.now();
const isOver = (turn: number) => performance.now() - turn > turnMs;

async function nextTurn(): Promise<number> {
  await new Promise(setImmediate);
  return newTurn();
}

writers.on('message', take);
if (parentPort !== null) serve(parentPort, readerMethods);
