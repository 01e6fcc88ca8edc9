import type { Server } from '@grpc/grpc-js';
import { addServices, type NewServerOptions, newServer, type ServerOptions } from './grpc-server.ts';
import { reflectionServices } from './reflection.ts';
import type { Service } from './service.ts';

export interface ServerOfOptions extends ServerOptions, NewServerOptions {
  readonly services: readonly Service[];
  /** What comes with it; interceptors, and what waits for calls, are the business of `services` alone. */
  readonly added: readonly Service[];
  readonly reflection?: boolean;
}

/** A server of grpc-js with services and what comes with them, not bound yet. */
export function serverOf({ services, added, reflection = true, ...options }: ServerOfOptions): Server {
  const server = newServer(options);
  addServices(server, services, options);
  // Streams here last for as long as the connection, and would only be in the way of interceptors and of `running`.
  const { running: _, ...rest } = options;
  const plain: ServerOptions = { ...rest, interceptors: [] };
  addServices(server, added, plain);
  if (reflection) addServices(server, reflectionServices([...services, ...added]), plain);
  return server;
}
