import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Call } from './call.ts';

/** Answers may be plain objects of the message's shape: fields left out have their defaults. */
export type UnaryMethod<In extends DescMessage, Out extends DescMessage> = (
  request: MessageShape<In>,
  call: Call,
) => MessageInitShape<Out> | Promise<MessageInitShape<Out>>;

/**
 * Usually an async generator. It is asked for the next message when the client has room for it, and its `return()` is
 * called when the call ends early, so that `finally` blocks run. While it waits for something of its own, only
 * `call.signal` can tell it of that.
 */
export type ServerStreamingMethod<In extends DescMessage, Out extends DescMessage> = (
  request: MessageShape<In>,
  call: Call,
) => AsyncIterable<MessageInitShape<Out>>;

export type ClientStreamingMethod<In extends DescMessage, Out extends DescMessage> = (
  requests: AsyncIterable<MessageShape<In>>,
  call: Call,
) => MessageInitShape<Out> | Promise<MessageInitShape<Out>>;

export type BidiStreamingMethod<In extends DescMessage, Out extends DescMessage> = (
  requests: AsyncIterable<MessageShape<In>>,
  call: Call,
) => AsyncIterable<MessageInitShape<Out>>;

/** The function behind one method of a service, by its descriptor. */
export type Method<M> =
  M extends DescMethodUnary<infer In, infer Out>
    ? UnaryMethod<In, Out>
    : M extends DescMethodServerStreaming<infer In, infer Out>
      ? ServerStreamingMethod<In, Out>
      : M extends DescMethodClientStreaming<infer In, infer Out>
        ? ClientStreamingMethod<In, Out>
        : M extends DescMethodBiDiStreaming<infer In, infer Out>
          ? BidiStreamingMethod<In, Out>
          : never;

/** The functions behind a service, under the names that its descriptor gives them: `queryData` for `QueryData`. */
export type Methods<S extends DescService> = { [K in keyof S['method']]: Method<S['method'][K]> };

/** A service and what is behind it, ready to be served. */
export interface Service {
  readonly descriptor: DescService;
  /** Only the methods that there are; the others are answered `UNIMPLEMENTED`. */
  readonly methods: readonly { readonly descriptor: DescMethod; readonly run: AnyMethod }[];
}

/** Any of the four kinds; the descriptor beside it tells which. */
export type AnyMethod = (input: never, call: Call) => unknown;

/**
 * Binds functions to a service.
 * @param methods - a class instance will do: methods are called on it
 */
export function implement<S extends DescService>(service: S, methods: Partial<Methods<S>>): Service {
  const functions = methods as Readonly<Record<string, AnyMethod | undefined>>;
  return {
    descriptor: service,
    methods: service.methods.flatMap((descriptor) => {
      const method = functions[descriptor.localName];
      if (method === undefined) return [];
      return [{ descriptor, run: method.bind(methods) as AnyMethod }];
    }),
  };
}
