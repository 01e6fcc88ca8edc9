import { rm } from 'node:fs/promises';
import type { HookEvent } from '#lib/juju';
import { AgentSocket } from './agent-socket.ts';
import type { Charm } from './charm.ts';
import type { HookChannel } from './hook-channel.ts';
import type { ModelDirectory } from './model-directory.ts';
import { ToolChannel } from './tool-channel.ts';
import {
  type AgentSocketForm,
  createUnitDirectory,
  linkCharm,
  removeUnitDirectory,
  socketAddress,
  type UnitDirectory,
  unitDirectory,
} from './unit-directory.ts';

/** Where a hook finds itself. */
export interface HookPlace {
  /** Absolute: the charm's files. */
  readonly charm: string;
  /** Absolute: the executables named after the hook tools. */
  readonly tools: string;
  /** Of the agent's socket: a path, or `@` and a name in Linux's abstract space. */
  readonly socket: string;
  readonly channels: readonly HookChannel[];
}

/** A charm that is a function needs no files, and is given its tools directly. */
export function placeOfFunction({ folder }: Charm): HookPlace {
  return { charm: folder, tools: folder, socket: '', channels: [] };
}

/** What a unit has on disk, and the ways to its agent: made when a process of it is to run. */
export class UnitFiles {
  readonly #unit: string;
  readonly #model: ModelDirectory;
  readonly #agentSocket: AgentSocketForm;
  #directory: UnitDirectory | undefined;
  #channels: readonly HookChannel[] | undefined;
  #charmVersion = 0;
  /** The hook after stop runs in a new pod. */
  #losesFiles = false;

  constructor(unit: string, model: ModelDirectory, agentSocket: AgentSocketForm) {
    this.#unit = unit;
    this.#model = model;
    this.#agentSocket = agentSocket;
  }

  /** Directories, FIFOs and the charm's links are made when first needed, and links again for a new charm. */
  async prepare(charm: Charm, version: number, event: HookEvent): Promise<HookPlace> {
    const { directory: model, tools } = await this.#model.place();
    this.#directory ??= unitDirectory(model, this.#unit);
    const directory = this.#directory;
    this.#channels ??= await this.#open(directory, tools);
    if (this.#losesFiles && event.kind === 'upgrade-charm') {
      await rm(directory.charm, { recursive: true, force: true });
      this.#losesFiles = false;
      this.#charmVersion = 0;
    }
    const replaces = event.kind === 'install' || event.kind === 'upgrade-charm';
    if (this.#charmVersion === 0 || (replaces && this.#charmVersion !== version)) {
      await linkCharm(directory, charm);
      this.#charmVersion = version;
    }
    return {
      charm: directory.charm,
      tools: directory.tools,
      socket: socketAddress(directory, this.#agentSocket),
      channels: this.#channels,
    };
  }

  /** The next upgrade-charm runs in a place that holds nothing of the unit's. */
  lose(): void {
    this.#losesFiles = true;
  }

  close(): void {
    for (const channel of this.#channels ?? []) channel.close();
  }

  /** After {@link close}. The place is free when this returns. */
  remove(): Promise<void> {
    return this.#directory === undefined ? Promise.resolve() : removeUnitDirectory(this.#directory);
  }

  async #open(directory: UnitDirectory, toolDirectory: string): Promise<readonly HookChannel[]> {
    // A directory of the caller's may have been a model's before.
    await removeUnitDirectory(directory);
    await createUnitDirectory(directory, toolDirectory);
    const tools = new ToolChannel(directory.run);
    if (this.#agentSocket === 'none') return [tools];
    const socket = await AgentSocket.listen(socketAddress(directory, this.#agentSocket));
    return socket ? [tools, socket] : [tools];
  }
}
