import type { DescService, MessageInitShape } from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  Client as GrpcClient,
  credentials as grpcCredentials,
  ServerCredentials,
} from '@grpc/grpc-js';
import { type Client, clientOf } from './client.ts';
import { RpcError } from './errors.ts';
import { addServices, newServer, type ServerOptions } from './grpc-server.ts';
import { type Listening, listen, type SocketRules } from './listen.ts';
import { type ConnInfo, type ConnInfoSchema, GRPCBroker } from './proto/broker_pb.ts';
import { implement, type Service } from './service.ts';

/** How long either side waits for the other, as in Go. */
const expiryMs = 5000;

/**
 * Further connections between host and plugin, for example where a message names a callback. A number says which one is
 * meant: one side picks it with `nextId`, tells the other in a message of their own, and each number serves once.
 */
export interface Broker {
  /** A number that this side has not given out yet. The host counts its own. */
  nextId(): number;
  /** Serves services on a socket of their own to whoever dials `id` in the host. */
  accept(id: number, services: readonly Service[]): Promise<BrokeredServer>;
  /**
   * Connects to what the host accepts under `id`.
   * @throws {RpcError} `DEADLINE_EXCEEDED`: the host did not offer it within 5 s
   */
  dial(id: number): Promise<BrokeredConnection>;
}

export interface BrokeredServer extends Listening {
  close(): void;
}

export interface BrokeredConnection {
  client<S extends DescService>(service: S): Client<S>;
  close(): void;
}

export interface BrokerOptions {
  readonly rules: SocketRules;
  readonly server: ServerOptions;
  /** Those of AutoMTLS, where the host asked for it; otherwise nothing is encrypted. */
  readonly credentials?:
    | { readonly server: ServerCredentials; readonly client: ChannelCredentials }
    | undefined;
  readonly expiryMs?: number;
}

type Outgoing = MessageInitShape<typeof ConnInfoSchema>;

/** go-plugin's broker, over a socket for each number. */
export class GrpcBroker implements Broker {
  readonly #options: BrokerOptions;
  readonly #expiryMs: number;
  #lastId = 0;
  /** What the host offers and nobody has dialled yet, or what was dialled and the host has not offered yet. */
  readonly #offers = new Map<number, PromiseWithResolvers<ConnInfo>>();
  /** Waiting for the host to take it; it opens its stream right after it has connected. */
  readonly #outgoing: Outgoing[] = [];
  #wake: (() => void) | undefined;
  readonly #open = new Set<{ close(): void }>();

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#expiryMs = options.expiryMs ?? expiryMs;
  }

  nextId(): number {
    this.#lastId++;
    return this.#lastId;
  }

  async accept(id: number, services: readonly Service[]): Promise<BrokeredServer> {
    const { rules, server: options, credentials } = this.#options;
    const server = newServer(options);
    addServices(server, services, options);
    const at = await listen(server, credentials?.server ?? ServerCredentials.createInsecure(), rules);
    const brokered = {
      ...at,
      close: () => {
        this.#open.delete(brokered);
        server.forceShutdown();
      },
    };
    this.#open.add(brokered);
    this.#outgoing.push({ serviceId: id, network: at.network, address: at.address });
    this.#wake?.();
    return brokered;
  }

  async dial(id: number): Promise<BrokeredConnection> {
    const offer = this.#offer(id);
    const timer = setTimeout(() => {
      offer.reject(
        new RpcError(
          'DEADLINE_EXCEEDED',
          `the host has not offered connection ${id} within ${this.#expiryMs} ms`,
        ),
      );
    }, this.#expiryMs);
    try {
      const { network, address } = await offer.promise;
      const target = network === 'unix' ? `unix:${address}` : address;
      const connection = new GrpcClient(
        target,
        this.#options.credentials?.client ?? grpcCredentials.createInsecure(),
        {
          'grpc.max_receive_message_length': -1,
          // The certificate of AutoMTLS names this host, whatever the address.
          'grpc.ssl_target_name_override': 'localhost',
          // A proxy for the plugin's requests to the outside is not meant for the host.
          'grpc.enable_http_proxy': 0,
        },
      );
      const brokered = {
        client: <S extends DescService>(service: S) => clientOf(service, connection),
        close: () => {
          this.#open.delete(brokered);
          connection.close();
        },
      };
      this.#open.add(brokered);
      return brokered;
    } finally {
      clearTimeout(timer);
      this.#offers.delete(id);
    }
  }

  close(): void {
    for (const brokered of [...this.#open]) brokered.close();
  }

  service(): Service {
    const broker = this;
    return implement(GRPCBroker, {
      async *startStream(requests, { signal }) {
        void broker.#take(requests);
        // Its own: where no host owns the process, another one may have attached by now.
        let wake: (() => void) | undefined;
        const onAbort = () => wake?.();
        signal.addEventListener('abort', onAbort, { once: true });
        while (!signal.aborted) {
          const next = broker.#outgoing.shift();
          if (next !== undefined) yield next;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
              broker.#wake = resolve;
            });
          }
        }
      },
    });
  }

  async #take(requests: AsyncIterable<ConnInfo>): Promise<void> {
    try {
      for await (const info of requests) {
        // Knocks belong to multiplexing, which the handshake has refused.
        if (info.knock !== undefined) continue;
        const { serviceId } = info;
        this.#offer(serviceId).resolve(info);
        setTimeout(() => this.#offers.delete(serviceId), this.#expiryMs).unref();
      }
    } catch {
      // The host is gone, and the stream that answers it ends by itself.
    }
  }

  #offer(id: number): PromiseWithResolvers<ConnInfo> {
    let offer = this.#offers.get(id);
    if (offer === undefined) {
      offer = Promise.withResolvers<ConnInfo>();
      this.#offers.set(id, offer);
    }
    return offer;
  }
}
