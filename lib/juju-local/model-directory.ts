import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeTools } from './tool-directory.ts';

/** A model's place on disk. All absolute. */
export interface ModelPlace {
  /** Holds the units' directories. */
  readonly directory: string;
  /** The executables named after hook tools. */
  readonly tools: string;
}

/** Makes a model's place when it is first asked for: a model whose charms are all functions needs none. */
export class ModelDirectory {
  readonly #given: string | undefined;
  #place: Promise<ModelPlace> | undefined;

  /** @param given - the caller's, which stays; undefined for a temporary one */
  constructor(given: string | undefined) {
    this.#given = given;
  }

  place(): Promise<ModelPlace> {
    this.#place ??= this.#make();
    return this.#place;
  }

  /** Removes it, unless it is the caller's. */
  async remove(): Promise<void> {
    if (this.#given !== undefined) return;
    // One that could not be made is told of by whoever asked for it.
    const place = await this.#place?.catch(() => undefined);
    if (place) await rm(place.directory, { recursive: true, force: true, maxRetries: 3 });
  }

  async #make(): Promise<ModelPlace> {
    const directory =
      this.#given === undefined ? await mkdtemp(join(tmpdir(), 'juju-local-')) : resolve(this.#given);
    return { directory, tools: await writeTools(directory) };
  }
}
