import * as z from 'zod';
import type { Databag } from '#lib/juju';

// Juju's values are text; YAML that somebody edited may have made numbers of them.
const Bag = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable())
  .nullish()
  .transform((bag): Databag => {
    const entries = Object.entries(bag ?? {}).map(([key, value]) => [key, String(value ?? '')]);
    return Object.fromEntries(entries);
  });

const UnitBag = z.object({ 'in-scope': z.boolean().default(false), data: Bag });

/** One relation of one unit. `application-data` is what the *other* application wrote. */
export const RelationRow = z.object({
  /** Not before Juju 2.9. */
  'relation-id': z.number().int().optional(),
  endpoint: z.string(),
  'related-endpoint': z.string().default(''),
  'cross-model': z.boolean().optional(),
  'application-data': Bag,
  'local-unit': UnitBag.optional(),
  'related-units': z.record(z.string(), UnitBag).nullish(),
});
export type RelationRow = z.infer<typeof RelationRow>;

/**
 * What `juju show-unit --format json UNIT...` prints. Rows are read later, and only those of interest: a unit has
 * many relations.
 * @see juju/juju: cmd/juju/application/showunit.go
 */
export const JujuShowUnit = z.record(
  z.string().regex(/^[a-z][a-z0-9-]*\/\d+$/, 'is no unit name'),
  z.object({
    leader: z.boolean().optional(),
    'relation-info': z.array(z.unknown()).nullish(),
  }),
);
export type JujuShowUnit = z.infer<typeof JujuShowUnit>;
