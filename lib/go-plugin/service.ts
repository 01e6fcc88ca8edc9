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
import type { EncodedMessage } from './encoded-message.ts';

/**
 * What a method answers: a message, or a plain object of its shape, in which fields left out have their defaults; or its
 * bytes, where they are at hand.
 */
export type Answer<Out extends DescMessage> = MessageInitShape<Out> | EncodedMessage;

/**
 * What a method gets: the message; or its bytes as they came, valid or not, where `encodedRequests` of `implement` says
 * so. Those may lie in memory that other messages share: copy them, never transfer their buffer.
 */
export type Request<In extends DescMessage, Encoded extends boolean> = Encoded extends true
  ? Uint8Array<ArrayBuffer>
  : MessageShape<In>;

export type UnaryMethod<In extends DescMessage, Out extends DescMessage, Encoded extends boolean = false> = (
  request: Request<In, Encoded>,
  call: Call,
) => Answer<Out> | Promise<Answer<Out>>;

/**
 * Usually an async generator. It is asked for the next message when the client has room for it, and its `return()` is
 * called when the call ends early, so that `finally` blocks run. While it waits for something of its own, only
 * `call.signal` can tell it of that.
 */
export type ServerStreamingMethod<
  In extends DescMessage,
  Out extends DescMessage,
  Encoded extends boolean = false,
> = (request: Request<In, Encoded>, call: Call) => AsyncIterable<Answer<Out>>;

export type ClientStreamingMethod<
  In extends DescMessage,
  Out extends DescMessage,
  Encoded extends boolean = false,
> = (requests: AsyncIterable<Request<In, Encoded>>, call: Call) => Answer<Out> | Promise<Answer<Out>>;

export type BidiStreamingMethod<
  In extends DescMessage,
  Out extends DescMessage,
  Encoded extends boolean = false,
> = (requests: AsyncIterable<Request<In, Encoded>>, call: Call) => AsyncIterable<Answer<Out>>;

/** The function behind one method of a service, by its descriptor. */
export type Method<M, Encoded extends boolean = false> =
  M extends DescMethodUnary<infer In, infer Out>
    ? UnaryMethod<In, Out, Encoded>
    : M extends DescMethodServerStreaming<infer In, infer Out>
      ? ServerStreamingMethod<In, Out, Encoded>
      : M extends DescMethodClientStreaming<infer In, infer Out>
        ? ClientStreamingMethod<In, Out, Encoded>
        : M extends DescMethodBiDiStreaming<infer In, infer Out>
          ? BidiStreamingMethod<In, Out, Encoded>
          : never;

/** The functions behind a service, under the names that its descriptor gives them: `queryData` for `QueryData`. */
export type Methods<S extends DescService, Encoded = never> = {
  [K in keyof S['method']]: Method<S['method'][K], K extends Encoded ? true : false>;
};

/** A service and what is behind it, ready to be served. */
export interface Service {
  readonly descriptor: DescService;
  /** Only the methods that there are; the others are answered `UNIMPLEMENTED`. */
  readonly methods: readonly {
    readonly descriptor: DescMethod;
    readonly run: AnyMethod;
    /** Whether it is given requests as bytes. */
    readonly takesEncoded?: boolean;
  }[];
}

/** Any of the four kinds; the descriptor beside it tells which. */
export type AnyMethod = (input: never, call: Call) => unknown;

/**
 * Binds functions to a service.
 * @param methods - a class instance will do: methods are called on it
 * @param options.encodedRequests - the names of the methods that take their requests as bytes, undecoded
 */
export function implement<S extends DescService, const Encoded extends keyof S['method'] = never>(
  service: S,
  methods: Partial<Methods<S, Encoded>>,
  { encodedRequests = [] }: { readonly encodedRequests?: readonly Encoded[] } = {},
): Service {
  const functions = methods as Readonly<Record<string, AnyMethod | undefined>>;
  const encoded = new Set<PropertyKey>(encodedRequests);
  return {
    descriptor: service,
    methods: service.methods.flatMap((descriptor) => {
      const method = functions[descriptor.localName];
      if (method === undefined) return [];
      const run = method.bind(methods) as AnyMethod;
      return [{ descriptor, run, takesEncoded: encoded.has(descriptor.localName) }];
    }),
  };
}
