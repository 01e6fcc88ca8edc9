import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, Client as GrpcClient } from '@grpc/grpc-js';
import type { ServeOptions } from '#lib/go-plugin';
import { tester } from './tester.ts';

export const options: ServeOptions = {
  name: 'The test plugin',
  cookie: { key: 'COOKIE', value: 'yes' },
  versions: { 1: ({ broker }) => [tester(broker)] },
};

export function connect(address: string): GrpcClient {
  const target = address.startsWith('/') ? `unix:${address}` : address;
  return new GrpcClient(target, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
}

export async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'crosslink-'));
}
