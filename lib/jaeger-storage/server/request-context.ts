import { type Call, RpcError } from '#lib/go-plugin';
import type { Tenancy } from '../otlp/tenant.ts';
import type { RequestContext } from '../trace-store.ts';

/** In which Jaeger passes on the token of the user who asks, without the word Bearer. */
const tokenKey = 'bearer.token';

/**
 * On whose behalf a call is made, as its metadata say.
 * @throws {RpcError} with the codes and words of Jaeger's own server: UNAUTHENTICATED where no tenant is named;
 *   PERMISSION_DENIED where it is not known, or there are several; UNAUTHENTICATED where there are several tokens
 * @see jaegertracing/jaeger: internal/tenancy/grpc.go, internal/auth/bearertoken/grpc.go
 */
export function requestContext(
  { metadata, signal }: Pick<Call, 'metadata' | 'signal'>,
  tenancy: Tenancy | undefined,
): RequestContext {
  const tokens = valuesOf(metadata, tokenKey);
  if (tokens.length > 1) throw new RpcError('UNAUTHENTICATED', 'malformed token: multiple tokens found');
  return { tenant: tenantOf(metadata, tenancy), bearerToken: tokens[0], signal };
}

function tenantOf(metadata: Call['metadata'], tenancy: Tenancy | undefined): string {
  if (tenancy === undefined) return '';
  const { header = 'x-tenant', tenants } = tenancy;
  const [tenant = '', ...others] = valuesOf(metadata, header, tenants);
  if (others.length > 0) throw new RpcError('PERMISSION_DENIED', 'extra tenant header');
  if (tenant === '') throw new RpcError('UNAUTHENTICATED', 'missing tenant header');
  if (tenants !== undefined && !tenants.includes(tenant))
    throw new RpcError('PERMISSION_DENIED', 'unknown tenant');
  return tenant;
}

/** Node puts a comma between the values of a header that came twice; those that are `known` may have one of their own. */
function valuesOf(
  metadata: Call['metadata'],
  name: string,
  known: readonly string[] = [],
): readonly string[] {
  return metadata.getAll(name).flatMap((value) => (known.includes(value) ? [value] : value.split(', ')));
}
