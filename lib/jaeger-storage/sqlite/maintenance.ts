import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { TraceStoreError } from '../errors.ts';
import type { DatabaseWriter } from './database-writer.ts';
import type { EngineSettings } from './settings.ts';

const msPerHour = 3_600_000;

/** Free pages that are kept for the spans to come, at most; of more, some are given back. */
const keptPages = 8192;
/** Given back in one step: 4 MiB, a few milliseconds. */
const shrinkPages = 1024;
/** What is free on the disk is asked so often. */
const freeSpaceMs = 500;

/** Keeps a database within the limits of its store, one small step at a time, between writes. */
export class Maintenance {
  readonly #writer: DatabaseWriter;
  readonly #settings: EngineSettings;
  #isLow = false;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(writer: DatabaseWriter, settings: EngineSettings) {
    this.#writer = writer;
    this.#settings = settings;
  }

  /** @throws {TraceStoreError} code FULL: there is no room, and nothing that may be thrown away for it */
  checkRoom(): void {
    if (!this.#isDiskLow() || this.#isLimited()) return;
    const { free } = this.#writer.pages();
    // Pages that are free in the file already take no room.
    if (free > shrinkPages * 2) return;
    throw new TraceStoreError(
      'FULL',
      `less than ${Math.round(this.#settings.minFreeBytes / 2 ** 20)} MiB are free on the disk of ${this.#writer.file}: free some, or limit the age or size of what is kept`,
    );
  }

  /** @returns whether something was done, so that there may be more to do */
  step(): boolean {
    const { maxAgeMs, maxBytes } = this.#settings.retention;
    const now = Date.now();
    if (maxAgeMs !== undefined) {
      // Spans go with their whole segment: one that takes days to fill would keep them for days too long.
      this.#writer.sealIfOlder(now - Math.min(msPerHour, maxAgeMs / 8));
      if (this.#writer.expireOldest(now - maxAgeMs)) return true;
    }
    const { used, free, pageBytes } = this.#writer.pages();
    if (maxBytes !== undefined && used * pageBytes > maxBytes && this.#expire()) return true;
    const isLow = this.#isDiskLow();
    if (isLow && this.#isLimited() && free < shrinkPages && this.#expire()) return true;
    if (free > 0 && (isLow || free > Math.max(keptPages, (used + free) / 4))) {
      this.#writer.shrink(shrinkPages);
      this.#askedAt = Number.NEGATIVE_INFINITY;
      return true;
    }
    return false;
  }

  #expire(): boolean {
    if (this.#writer.expireOldest()) return true;
    // All there is is in the open segment.
    const { spans } = this.#writer.counts();
    this.#writer.sealIfOlder(Number.POSITIVE_INFINITY);
    return spans > 0 && this.#writer.expireOldest();
  }

  #isLimited(): boolean {
    const { maxAgeMs, maxBytes } = this.#settings.retention;
    return maxAgeMs !== undefined || maxBytes !== undefined;
  }

  #isDiskLow(): boolean {
    const now = performance.now();
    if (now - this.#askedAt >= freeSpaceMs) {
      const { bavail, bsize } = statfsSync(dirname(this.#writer.file));
      this.#isLow = bavail * bsize < this.#settings.minFreeBytes;
      this.#askedAt = now;
    }
    return this.#isLow;
  }
}
