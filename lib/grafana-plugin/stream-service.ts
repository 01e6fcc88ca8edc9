import type { MessageInitShape } from '@bufbuild/protobuf';
import { implement, type Service } from '#lib/go-plugin';
import type {
  PluginRequest,
  Publication,
  StreamPacket,
  StreamRequest,
  StreamStatus,
  Subscription,
} from './datasource.ts';
import { encodePacket } from './frame-format.ts';
import { observe, observeEach } from './observe.ts';
import { jsonFrom } from './plugin-context.ts';
import * as pb from './proto/backend_pb.ts';
import { noSuchMethod, type Runtime } from './runtime.ts';
import { forwardedScope } from './scope-of.ts';
import { withMore } from './with-more.ts';

type Packet = MessageInitShape<typeof pb.StreamPacketSchema>;

// The same three under the same numbers, and yet two types.
const Subscribed = pb.SubscribeStreamResponse_Status;
const subscribed = {
  ok: Subscribed.OK,
  'not-found': Subscribed.NOT_FOUND,
  'permission-denied': Subscribed.PERMISSION_DENIED,
} as const satisfies Record<StreamStatus, unknown>;
const Published = pb.PublishStreamResponse_Status;
const published = {
  ok: Published.OK,
  'not-found': Published.NOT_FOUND,
  'permission-denied': Published.PERMISSION_DENIED,
} as const satisfies Record<StreamStatus, unknown>;

export function streamService(runtime: Runtime): Service {
  return implement(pb.Stream, {
    subscribeStream: (message, call) =>
      observe(runtime, forwardedScope('subscribeStream', call, message, runtime), async (request) => {
        const instance = await runtime.instance(request.context);
        if (instance.subscribeStream === undefined) throw noSuchMethod('subscribeStream');
        const { status, initialData } = subscription(
          await instance.subscribeStream(withPath(request, message)),
        );
        return { status: numberOf(subscribed, status), data: packetBytes(initialData) };
      }),

    publishStream: (message, call) =>
      observe(runtime, forwardedScope('publishStream', call, message, runtime), async (request) => {
        const instance = await runtime.instance(request.context);
        if (instance.publishStream === undefined) throw noSuchMethod('publishStream');
        const { status, data } = publication(await instance.publishStream(withPath(request, message)));
        return { status: numberOf(published, status), data: packetBytes(data) };
      }),

    runStream: (message, call) =>
      observeEach(runtime, forwardedScope('runStream', call, message, runtime), async (request) => {
        const instance = await runtime.instance(request.context);
        if (instance.runStream === undefined) throw noSuchMethod('runStream');
        return packets(instance.runStream(withPath(request, message)));
      }),
  });
}

/** A number that is left out is 0, and 0 is OK: what is misspelt must not let anybody in. */
function numberOf<N>(numbers: Readonly<Record<StreamStatus, N>>, status: StreamStatus): N {
  if (Object.hasOwn(numbers, status)) return numbers[status];
  throw new TypeError(`${String(status)} is no status of a stream: use ${Object.keys(numbers).join(', ')}`);
}

async function* packets(stream: AsyncIterable<StreamPacket>): AsyncGenerator<Packet> {
  for await (const packet of stream) yield { data: encodePacket(packet) };
}

function packetBytes(packet: StreamPacket | undefined): Uint8Array {
  return packet === undefined ? new Uint8Array() : encodePacket(packet);
}

function subscription(answer: Subscription): Exclude<Subscription, StreamStatus> {
  return typeof answer === 'string' ? { status: answer } : answer;
}

function publication(answer: Publication): Exclude<Publication, StreamStatus> {
  return typeof answer === 'string' ? { status: answer } : answer;
}

function withPath(
  request: PluginRequest,
  { path, data }: { readonly path: string; readonly data: Uint8Array },
): StreamRequest {
  return withMore(request, {
    path,
    get data() {
      return data.length === 0 ? undefined : jsonFrom(data, `what came with stream ${path}`);
    },
  });
}
