/** What a store keeps, at most. What came first goes first, in steps of a few thousand spans. */
export interface Retention {
  /** How long spans are kept after they came, whatever their own times say. */
  readonly maxAgeMs?: number | undefined;
  /** Of each tenant's database, without its write-ahead log: pages in use. At least a few times 16 MiB. */
  readonly maxBytes?: number | undefined;
}

/** How the engine works, as its threads have to know. */
export interface EngineSettings {
  readonly durability: 'process' | 'power';
  readonly retention: Retention;
  /** Free space of the disk, in bytes, below which old spans go, or else writes are refused. */
  readonly minFreeBytes: number;
  /** A segment is sealed when it has so many spans. */
  readonly segmentSpans: number;
  /** ... or so many bytes. */
  readonly segmentBytes: number;
  /** The file grows to no more pages, of 4096 bytes. */
  readonly maxPages: number | undefined;
}
