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

  /** One that could not be made is made anew the next time. */
  place(): Promise<ModelPlace> {
    this.#place ??= this.#make().catch((error: unknown) => {
      this.#place = undefined;
      throw error;
    });
    return this.#place;
  }

  /** Removes it, unless it is the caller's. */
  async remove(): Promise<void> {
    if (this.#given !== undefined) return;
    const place = await this.#place?.catch(() => undefined);
    if (place) await rm(place.directory, { recursive: true, force: true, maxRetries: 3 });
  }

  async #make(): Promise<ModelPlace> {
    const directory =
      this.#given === undefined ? await mkdtemp(join(tmpdir(), 'juju-local-')) : resolve(this.#given);
    try {
      return { directory, tools: await writeTools(directory) };
    } catch (error) {
      if (this.#given === undefined) await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }
}
