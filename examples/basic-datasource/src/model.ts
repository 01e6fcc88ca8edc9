import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import * as z from 'zod';

// What the editors write and the backend reads. The frontend takes the types from here and no code, so that zod stays
// out of what browsers load.

export const kinds = ['time-series', 'table'] as const;
export type Kind = (typeof kinds)[number];

export const SineQuery = z.object({
  kind: z.enum(kinds).default('time-series'),
  points: z.int().min(1).max(1_000_000).default(100),
});

export const SineSettings = z.object({
  scale: z.number().default(1),
});

/** As it is while somebody edits it: what has a default may be missing, and Grafana adds fields of its own. */
export interface EditedQuery extends DataQuery, z.input<typeof SineQuery> {}
export interface EditedSettings extends DataSourceJsonData, z.input<typeof SineSettings> {}
