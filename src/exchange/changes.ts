import { type Databag, type DatabagChanges, databagDiff } from '#lib/juju';

/**
 * The fewest changes that bring the keys named in `wanted` to what it says, `''` meaning absent. Other keys are
 * none of our business: Juju itself keeps addresses in unit databags.
 */
export function changesTo(current: Databag, wanted: DatabagChanges): DatabagChanges {
  const managed = Object.entries(current).filter(([key]) => Object.hasOwn(wanted, key));
  return databagDiff(Object.fromEntries(managed), wanted);
}
