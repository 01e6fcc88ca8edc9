import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from './refusal.ts';

/** Whose spans they are is said by a header. */
export interface Tenancy {
  /** Its name. Default: `x-tenant`, as in Jaeger. */
  readonly header?: string;
  /** Those that there are. Default: any that is not empty. */
  readonly tenants?: readonly string[];
}

/**
 * @returns '' where tenancy is off
 * @throws {Refusal} 401: no tenant is named; 403: one that is not known, or more than one
 */
export function tenantOf(headers: IncomingHttpHeaders, tenancy: Tenancy | undefined): string {
  if (tenancy === undefined) return '';
  const { header = 'x-tenant', tenants } = tenancy;
  const value = headers[header.toLowerCase()];
  const tenant = Array.isArray(value) ? value.join(', ') : (value ?? '');
  if (tenant === '') throw new Refusal(401, `missing tenant header ${header}`, { closes: true });
  // Node puts a comma between the values of a header that came twice.
  if (tenant.includes(', ') && !tenants?.includes(tenant))
    throw new Refusal(403, `extra tenant header ${header}`, { closes: true });
  if (tenants !== undefined && !tenants.includes(tenant))
    throw new Refusal(403, 'unknown tenant', { closes: true });
  return tenant;
}

/** The token of `Authorization: Bearer TOKEN`; undefined without one. */
export function bearerTokenOf({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)\s*$/i.exec(authorization)?.[1];
}
