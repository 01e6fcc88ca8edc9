import * as z from 'zod';
import { json } from '#lib/juju';

const SecretPart = z.looseObject({
  extra_fields: z.record(z.string(), z.unknown()).nullish().catch(null),
  secure_extra_fields: z.unknown(),
});
const Data = json.pipe(SecretPart);

/** @returns names of the fields of `secure_extra_fields` that hold a secret, sorted */
export function secretFields(grafanaSourceData: string | undefined): string[] {
  const data = Data.safeParse(grafanaSourceData).data;
  const secure = asObject(data?.secure_extra_fields);
  return Object.entries(secure)
    .filter(([name, value]) => !isHarmless(name, value, data?.extra_fields ?? {}))
    .map(([name]) => name)
    .toSorted();
}

function asObject(secure: unknown): object {
  if (typeof secure === 'string') return asObject(json.safeParse(secure).data ?? null);
  return typeof secure === 'object' && secure !== null ? secure : {};
}

/**
 * Mimir and Loki want a tenant in a header, and Canonical's charms send the one that everybody has: no secret, but
 * Grafana has values of headers nowhere else. What was redacted was a secret.
 */
export function isHarmless(
  name: string,
  value: unknown,
  extraFields: Readonly<Record<string, unknown>>,
): boolean {
  if (value === '') return true;
  const [, n] = /^httpHeaderValue(\d{1,3})$/.exec(name) ?? [];
  const header = n === undefined ? undefined : extraFields[`httpHeaderName${n}`];
  return typeof header === 'string' && header.toLowerCase() === 'x-scope-orgid' && value === 'anonymous';
}
