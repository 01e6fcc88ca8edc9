import type { Metadata } from '@grpc/grpc-js';

/** What came with a call besides its message: HTTP/2 headers, read when they are asked for. */
export interface RequestMetadata {
  /** The first value of a text header; undefined where it is absent. Names are looked up in lower case. */
  get(name: string): string | undefined;
  getAll(name: string): readonly string[];
  /** The first value of a header whose name ends in '-bin'. */
  getBinary(name: string): Uint8Array | undefined;
  /** In the order in which they arrived by name, in lower case; '-bin' ones included. */
  names(): readonly string[];
}

export class GrpcRequestMetadata implements RequestMetadata {
  readonly #metadata: Metadata;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  get(name: string): string | undefined {
    const [value] = this.#metadata.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  getAll(name: string): readonly string[] {
    return this.#metadata.get(name).filter((value) => typeof value === 'string');
  }

  getBinary(name: string): Uint8Array | undefined {
    const [value] = this.#metadata.get(name);
    return typeof value === 'string' || value === undefined ? undefined : new Uint8Array(value);
  }

  names(): readonly string[] {
    return Object.keys(this.#metadata.getMap());
  }
}
