import type { DescMethod } from '@bufbuild/protobuf';
import {
  type ChannelOptions,
  Server,
  type ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { type Call, LiveCall } from './call.ts';
import { decoderOf, plainBytes } from './decode.ts';
import { asBuffer, type Encoder, encoderOf } from './encode.ts';
import { EncodedMessage } from './encoded-message.ts';
import { RpcError, statusOf } from './errors.ts';
import { type Interceptor, intercepted } from './interceptor.ts';
import { keepUntilSent } from './keep-until-sent.ts';
import type { Logger } from './log.ts';
import type { RunningCalls } from './running-calls.ts';
import type { Service } from './service.ts';
import { requestsOf } from './stream-in.ts';
import { type StreamingCall, sendAll } from './stream-out.ts';

export interface ServerOptions {
  readonly log: Logger;
  readonly interceptors?: readonly Interceptor[];
  /** Longest message that is taken, in bytes; 16 MiB where unsaid, as in Grafana's SDK. */
  readonly maxReceiveMessageBytes?: number | undefined;
  /** Told of each call that is answered with one message, so that a graceful stop can wait for those. */
  readonly running?: RunningCalls;
  /** When aborted, streams of clients end, so that their methods answer with what they have got. */
  readonly draining?: AbortSignal;
}

export interface NewServerOptions {
  readonly maxReceiveMessageBytes?: number | undefined;
  /**
   * Whoever reaches the port, or the host that started this process, as where unsaid. Of anyone else Node's guard against
   * floods of cancelled calls stays in force, and connections are looked after: who is gone without a word is noticed.
   */
  readonly peer?: 'host' | 'anyone';
}

/** A server of grpc-js without services, set up for plugins: hosts send and take what they want. */
export function newServer({
  maxReceiveMessageBytes = 16 * 1024 * 1024,
  peer = 'host',
}: NewServerOptions): Server {
  const options: ChannelOptions = {
    'grpc.max_receive_message_length': maxReceiveMessageBytes,
    'grpc.max_send_message_length': -1,
    // channelz stays on, though nobody asks for it: without, `forceShutdown` leaves connections open (grpc-js 1.14).
  };
  if (peer === 'host') return withoutResetLimit(new Server(options));
  return new Server({ ...options, 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 20_000 });
}

/**
 * Node takes a peer that cancels a thousand calls at once, or 33 a second, for an attacker, and then ends its
 * connection with all calls that it has. Here the peer is the host that started this process, with one connection for
 * everything; it cancels whenever a user leaves a dashboard. grpc-js has no option for it, and keeps what it gives to
 * node:http2 in a member that is its own: where that is gone one day, the limit is back, and nothing worse.
 */
function withoutResetLimit(server: Server): Server {
  const options: unknown = Reflect.get(server, 'commonServerOptions');
  const unlimited = 2 ** 31;
  if (typeof options === 'object' && options !== null) {
    Object.assign(options, { streamResetBurst: unlimited, streamResetRate: unlimited });
  }
  return server;
}

/**
 * Binds where `target` says, in grpc-js's words: 'unix:/path' or 'host:port'.
 * @returns the port; a meaningless number for a socket
 */
export function bind(server: Server, target: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(target, credentials, (error, port) => {
      if (error) {
        reject(error);
        return;
      }
      keepUntilSent(server);
      resolve(port);
    });
  });
}

/** @throws {TypeError} where two services have the same name */
export function addServices(server: Server, services: readonly Service[], options: ServerOptions): void {
  for (const { descriptor, methods } of services) {
    for (const { descriptor: method, run, takesEncoded = false } of methods) {
      const path = `/${descriptor.typeName}/${method.name}`;
      const { handler, type } = handlerOf(method, run as Run, options);
      const decode = takesEncoded ? plainBytes : decoderOf(method.input);
      const added = server.register(path, handler, (bytes: Buffer) => bytes, decode, type);
      if (!added)
        throw new TypeError(`${descriptor.typeName} is served twice: ${method.name} is already there`);
    }
  }
}

type Run = (input: unknown, call: Call) => unknown;
type Handler = Parameters<typeof Server.prototype.register<unknown, Buffer>>[1];

function handlerOf(method: DescMethod, run: Run, options: ServerOptions): { handler: Handler; type: string } {
  const encode = passing(encoderOf(method.output));
  switch (method.methodKind) {
    case 'unary':
      return { handler: unary(method, run, encode, options), type: 'unary' };
    case 'client_streaming':
      return { handler: clientStreaming(method, run, encode, options), type: 'clientStream' };
    case 'server_streaming':
      return { handler: serverStreaming(method, run, encode, options), type: 'serverStream' };
    case 'bidi_streaming':
      return { handler: bidiStreaming(method, run, encode, options), type: 'bidi' };
  }
}

/** Answers that are encoded already are left as they are. */
function passing(encode: Encoder): Encoder {
  return (answer) => (answer instanceof EncodedMessage ? answer : encode(answer));
}

function unary(method: DescMethod, run: Run, encode: Encoder, options: ServerOptions) {
  return (call: ServerUnaryCall<unknown, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const live = new LiveCall(method, call);
    answerOnce(live, () => run(call.request, live), encode, callback, options);
  };
}

function clientStreaming(method: DescMethod, run: Run, encode: Encoder, options: ServerOptions) {
  return (call: ServerReadableStream<unknown, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const live = new LiveCall(method, call);
    answerOnce(live, () => run(requestsOf(call, live, options.draining), live), encode, callback, options);
  };
}

/** Answers with the one message that `run` gives. Not `async`: a method that answers at once costs no promise. */
function answerOnce(
  live: LiveCall,
  run: () => unknown,
  encode: Encoder,
  callback: sendUnaryData<Buffer>,
  { interceptors = [], log, running }: ServerOptions,
): void {
  running?.began();
  let answer: Buffer | undefined;
  const keep = (message: unknown) => {
    // Here and not in grpc-js, which would hide what is wrong with the message.
    answer = asBuffer(encode(message));
  };
  const succeed = () => {
    running?.ended();
    live.finish();
    callback(null, answer);
  };
  const fail = (error: unknown) => {
    running?.ended();
    callback(failure(live, error, log));
  };

  if (interceptors.length === 0) {
    let output: unknown;
    try {
      output = run();
      if (!isPromise(output)) keep(output);
    } catch (error) {
      fail(error);
      return;
    }
    if (isPromise(output)) output.then(keep).then(succeed, fail);
    else succeed();
    return;
  }

  underInterceptors(interceptors, live, async () => keep(await run())).then(succeed, fail);
}

function serverStreaming(method: DescMethod, run: Run, encode: Encoder, options: ServerOptions) {
  return (call: ServerWritableStream<unknown, Buffer>): void => {
    const live = new LiveCall(method, call);
    answerWithStream(call, live, () => run(call.request, live), encode, options);
  };
}

function bidiStreaming(method: DescMethod, run: Run, encode: Encoder, options: ServerOptions) {
  return (call: ServerDuplexStream<unknown, Buffer>): void => {
    const live = new LiveCall(method, call);
    answerWithStream(call, live, () => run(requestsOf(call, live, options.draining), live), encode, options);
  };
}

function answerWithStream(
  call: StreamingCall,
  live: LiveCall,
  run: () => unknown,
  encode: Encoder,
  { interceptors = [], log }: ServerOptions,
): void {
  const send = async () => {
    await sendAll(run() as AsyncIterable<unknown>, { call, live, encode, log });
  };
  underInterceptors(interceptors, live, send).then(
    () => {
      live.finish();
      call.end();
    },
    // This is how grpc-js is told of a stream's failure; what was written before is sent first.
    (error) => call.emit('error', failure(live, error, log)),
  );
}

/** What the method failed with counts also where an interceptor swallows it: there is no answer to give instead. */
async function underInterceptors(
  interceptors: readonly Interceptor[],
  live: LiveCall,
  run: () => Promise<void>,
): Promise<void> {
  if (interceptors.length === 0) return run();
  let outcome: { error?: unknown } | undefined;
  await intercepted(interceptors, live, async () => {
    try {
      await run();
      outcome = {};
    } catch (error) {
      outcome = { error };
      throw error;
    }
  });
  if (outcome === undefined) {
    throw new RpcError(
      'INTERNAL',
      `an interceptor ended ${live.service}/${live.method} without running or failing it`,
    );
  }
  if ('error' in outcome) throw outcome.error;
}

/** The status for what a method threw. What the method did not mean to say goes to the log with its stack. */
function failure(live: LiveCall, error: unknown, log: Logger): Partial<StatusObject> {
  // After a cancellation nobody hears the answer, and an AbortError is what a well-behaved method throws.
  const { cancelled } = live;
  live.finish();
  if (!(error instanceof RpcError)) {
    const fields = { service: live.service, method: live.method, error };
    if (cancelled) log.debug('a cancelled call ended with an error', fields);
    else log.error('a call failed', fields);
  }
  const { code, details, metadata } = statusOf(error);
  return metadata === null ? { code, details } : { code, details, metadata };
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
