import * as z from 'zod';
import type { Http } from './http.ts';
import { read } from './resource.ts';

/** The organisation that the credentials act in. */
export const Org = z.object({ id: z.number(), name: z.string() });
export type Org = z.infer<typeof Org>;

/** The cheapest call that needs credentials. @throws {GrafanaApiError} @see grafana/grafana: pkg/api/org.go */
export async function org(http: Http): Promise<Org> {
  const call = { method: 'GET', path: '/api/org' };
  return read(Org, await http(call), call);
}
