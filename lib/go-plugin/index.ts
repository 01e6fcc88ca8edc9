import { env } from 'node:process';
import { holdOutput } from './output.ts';

export type { Broker, BrokeredConnection, BrokeredServer } from './broker.ts';
export type { Call } from './call.ts';
export { type Client, type ClientCallOptions, clientOf } from './client.ts';
export { type Effects, processEffects } from './effects.ts';
export { EncodedMessage } from './encoded-message.ts';
export { type ErrorDetail, errorDetail, messageOf, type RpcCode, RpcError } from './errors.ts';
export type { Interceptor } from './interceptor.ts';
export { PluginStartError } from './listen.ts';
export type { LogFields, Logger, LoggerOptions, LogLevel } from './log.ts';
export { createLogger } from './logger.ts';
export type { RequestMetadata } from './metadata.ts';
export {
  createRpcServer,
  type RpcServer,
  RpcServerError,
  type RpcServerOptions,
  type RpcServerTls,
} from './rpc-server.ts';
export { type PluginSet, type RunningPlugin, type ServeOptions, serve } from './serve.ts';
export {
  type Answer,
  type BidiStreamingMethod,
  type ClientStreamingMethod,
  implement,
  type Method,
  type Methods,
  type Request,
  type ServerStreamingMethod,
  type Service,
  type UnaryMethod,
} from './service.ts';
export { type StandaloneOptions, serveStandalone } from './standalone.ts';

// Whatever is loaded next may print, and a host takes the first line for the handshake. It sets this variable always.
if (env.PLUGIN_PROTOCOL_VERSIONS !== undefined) holdOutput();
