import * as z from 'zod';
import { lazily } from '#lib/juju';

/**
 * How a gateway tells its own datasources from all others, without any state of its own that could be lost: a
 * marker in `jsonData`. Every Viewer can read it, so it names keys of secrets and never their values.
 *
 * It also says which keys the gateway wrote: what an operator added by hand in Grafana's pages stays. And it says
 * which datasource it belongs to, so that one into which somebody copied the `jsonData` of ours isn't taken for ours.
 */
export const markerKey = 'crosslink';

const MarkerSchema = lazily(() =>
  z.object({
    /** Which gateway this is; not `grafana_uid`, which two gateways of one Grafana may share. */
    gateway: z.string(),
    /** Of the datasource that it was put into. Absent in markers that earlier revisions of this charm wrote. */
    uid: z.string().optional(),
    /** Keys of `jsonData` that the gateway wrote, the marker itself not among them. */
    keys: z.array(z.string()),
    /** Keys of `secureJsonData` that the gateway wrote. */
    secureKeys: z.array(z.string()),
  }),
);
export type Marker = z.infer<ReturnType<typeof MarkerSchema>>;

/** A datasource in Grafana, as far as it says who made it. */
interface Marked {
  readonly uid: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

/** @returns the marker; undefined for a datasource that no gateway made, or that somebody copied from one it made */
export function readMarker({ uid, jsonData }: Marked): Marker | undefined {
  const result = MarkerSchema().safeParse(
    Object.hasOwn(jsonData, markerKey) ? jsonData[markerKey] : undefined,
  );
  if (!result.success) return undefined;
  return result.data.uid === undefined || result.data.uid === uid ? result.data : undefined;
}

/** @returns the marker of a datasource that this gateway made and may change; undefined for all others */
export function ownMarker(datasource: Marked, gateway: string): Marker | undefined {
  const marker = readMarker(datasource);
  return marker?.gateway === gateway ? marker : undefined;
}
