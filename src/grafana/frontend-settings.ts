import * as z from 'zod';
import type { Http } from './http.ts';
import { LaxObject, LaxString } from './json.ts';
import { read } from './resource.ts';

/** The few frontend settings that help to explain a Grafana; the answer holds hundreds. */
export const FrontendSettings = z.object({
  appUrl: LaxString, // root_url as the operator set it; not unique, often http://localhost:3000/
  appSubUrl: LaxString,
  buildInfo: z.object({ version: LaxString, commit: LaxString, edition: LaxString }),
  featureToggles: LaxObject,
});
export type FrontendSettings = z.infer<typeof FrontendSettings>;

/** A large answer: ask once. @throws {GrafanaApiError} @see grafana/grafana: pkg/api/frontendsettings.go */
export async function frontendSettings(http: Http): Promise<FrontendSettings> {
  const call = { method: 'GET', path: '/api/frontend/settings' };
  return read(FrontendSettings, await http(call), call);
}
