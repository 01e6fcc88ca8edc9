import { setTimeout } from 'node:timers/promises';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { type Broker, GrpcBroker } from './broker.ts';
import { controllerService } from './controller.ts';
import type { ServerOptions } from './grpc-server.ts';
import { healthService, pluginNames } from './health.ts';
import type { SocketRules } from './listen.ts';
import type { AutoMtls } from './mtls.ts';
import { RunningCalls } from './running-calls.ts';
import { serverOf } from './server-of.ts';
import type { Service } from './service.ts';
import type { PrintedOutput } from './stdio.ts';
import { stdioService } from './stdio.ts';

/** What a plugin offers in one version of its protocol. */
export type PluginSet = readonly Service[] | ((plugin: { readonly broker: Broker }) => readonly Service[]);

export interface PluginServerOptions extends Omit<ServerOptions, 'running'> {
  readonly plugins: PluginSet;
  readonly rules: SocketRules;
  readonly output: PrintedOutput;
  readonly mtls?: AutoMtls | undefined;
  /** The host has asked for the plugin's end. */
  readonly onShutdown: () => void;
}

/** A server with a plugin's services and those that go-plugin adds to each, not bound yet. */
export class PluginServer {
  readonly server: Server;
  readonly credentials: ServerCredentials;
  readonly #running = new RunningCalls();
  readonly #broker: GrpcBroker;

  constructor({ plugins, rules, output, mtls, onShutdown, ...options }: PluginServerOptions) {
    this.credentials = mtls?.server ?? ServerCredentials.createInsecure();
    const own = { ...options, running: this.#running };
    this.#broker = new GrpcBroker({ rules, server: own, credentials: mtls });
    const services = typeof plugins === 'function' ? plugins({ broker: this.#broker }) : plugins;
    this.server = serverOf({
      ...own,
      services,
      added: [
        healthService(pluginNames),
        stdioService(output),
        this.#broker.service(),
        controllerService(onShutdown),
      ],
    });
  }

  /** Waits for the calls that are answered with one message, at most so long. Streams may have no end. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.#running.count === 0) return;
    await this.#running.idle(timeoutMs);
    // The last answer is handed over, and is on its way in a moment.
    await setTimeout(20);
  }

  /** Ends it at once: whoever still waits for an answer gets an error, and the signals of its calls are aborted. */
  close(): void {
    this.#broker.close();
    // Not `tryShutdown`: it waits for the host's streams, which end only with the plugin.
    this.server.forceShutdown();
  }
}
