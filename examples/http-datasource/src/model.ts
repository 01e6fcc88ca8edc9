import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import * as z from 'zod';

// What the editors write and the backend reads. The frontend takes the types from here and no code, so that zod stays
// out of what browsers load.

export const HttpQuery = z.object({
  /** Below the datasource's URL. */
  path: z.string(),
});

/** What the other side answers. */
export const Points = z.array(
  z.object({
    /** Unix milliseconds. */
    time: z.number(),
    value: z.number(),
  }),
);
export type Points = z.infer<typeof Points>;

/** As it is while somebody edits it: a new one is empty, and Grafana adds fields of its own. */
export interface EditedQuery extends DataQuery, Partial<z.input<typeof HttpQuery>> {}

/** Under the names that the SDK reads as well, so that the backend need not look at them. */
export interface EditedSettings extends DataSourceJsonData {
  tlsSkipVerify?: boolean;
}

/** Grafana keeps them encrypted and gives them to the backend alone. */
export interface EditedSecrets {
  token?: string;
}
