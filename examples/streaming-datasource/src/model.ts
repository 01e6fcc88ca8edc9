import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import * as z from 'zod';

// What the editors write and the backend reads. The frontend takes the types from here and no code, so that zod stays
// out of what browsers load.

/** There is one stream, and nothing to choose. */
export const StreamQuery = z.object({});

export const StreamSettings = z.object({
  /** Between two values; 0 is as fast as it goes, which is for benchmarks. */
  intervalMs: z.int().min(0).max(60_000).default(1_000),
});

export type EditedQuery = DataQuery;

/** As it is while somebody edits it: what has a default may be missing, and Grafana adds fields of its own. */
export interface EditedSettings extends DataSourceJsonData, z.input<typeof StreamSettings> {}
