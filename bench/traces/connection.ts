import { Client, credentials, type ServiceError } from '@grpc/grpc-js';

/** Messages of any length, as encoded bytes both ways: what the bench costs the machine is not what it measures. */
export function connect(address: string): Client {
  return new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // A connection for each client: those of one process would share one.
    'grpc.use_local_subchannel_pool': 1,
  });
}

const asIs = (bytes: Buffer) => bytes;

export function unary(client: Client, path: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, request, (error: ServiceError | null, answer?: Buffer) => {
      if (error) reject(error);
      else resolve(answer as Buffer);
    });
  });
}

/** @returns the messages of the answer */
export async function serverStream(client: Client, path: string, request: Buffer): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  for await (const message of client.makeServerStreamRequest(path, asIs, asIs, request)) {
    messages.push(message as Buffer);
  }
  return messages;
}

/** Sends all of them, as fast as they are taken, and waits for the one answer. */
export async function clientStream(client: Client, path: string, requests: Iterable<Buffer>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const call = client.makeClientStreamRequest(path, asIs, asIs, (error: ServiceError | null) => {
    if (error) reject(error);
    else resolve();
  });
  for (const request of requests) {
    if (!call.write(request)) {
      await Promise.race([new Promise((drained) => call.once('drain', drained)), promise]);
    }
  }
  call.end();
  await promise;
}
