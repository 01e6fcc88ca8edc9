import * as z from 'zod';

/**
 * How a gateway tells its own datasources from all others, without any state of its own that could be lost: a
 * marker in `jsonData`. Every Viewer can read it, so it names keys of secrets and never their values.
 *
 * It also says which keys the gateway wrote: what an operator added by hand in Grafana's pages stays.
 */
export const markerKey = 'crosslink';

export const Marker = z.object({
  /** Which gateway this is; not `grafana_uid`, which two gateways of one Grafana may share. */
  gateway: z.string(),
  /** Keys of `jsonData` that the gateway wrote, the marker itself not among them. */
  keys: z.array(z.string()),
  /** Keys of `secureJsonData` that the gateway wrote. */
  secureKeys: z.array(z.string()),
});
export type Marker = z.infer<typeof Marker>;

/** @returns the marker, or undefined for a datasource that no gateway made */
export function readMarker(jsonData: Readonly<Record<string, unknown>>): Marker | undefined {
  const result = Marker.safeParse(Object.hasOwn(jsonData, markerKey) ? jsonData[markerKey] : undefined);
  return result.success ? result.data : undefined;
}
