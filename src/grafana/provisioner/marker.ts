import * as z from 'zod';
import { lazily } from '#lib/juju';
import { isDatasourceUid, isPlainUid } from './uid.ts';

/**
 * How a gateway tells its own datasources from all others, without any state of its own that could be lost: a
 * marker in `jsonData`. Every Viewer can read it, so it names keys of secrets and never their values.
 *
 * It also says which keys the gateway wrote: what an operator added by hand in Grafana's pages stays. It says which
 * datasource it belongs to, so that one into which somebody copied the `jsonData` of ours isn't taken for ours; and
 * for whom that was made, so that it isn't taken for forsaken while they can't be understood.
 */
export const markerKey = 'crosslink';

const MarkerSchema = lazily(() =>
  z.object({
    /** Which gateway this is; not `grafana_uid`, which two gateways of one Grafana may share. */
    gateway: z.string(),
    /** For which application, as the gateway's model calls it. Absent, like the uid, in earlier revisions' markers. */
    application: z.string().optional(),
    /** Of the datasource that it was put into. */
    uid: z.string().optional(),
    /** Keys of `jsonData` that the gateway wrote, the marker itself not among them. */
    keys: z.array(z.string()),
    /** Keys of `secureJsonData` that the gateway wrote. */
    secureKeys: z.array(z.string()),
    /**
     * Of what is in these, which Grafana never shows; absent without any. It stands here, so that it is written when
     * they are and only then. Its key is not in Grafana: nobody who reads it can find out what it was made of.
     */
    secureFingerprint: z.string().optional(),
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
  const marker = result.data;
  // Without the uid a copy can't be told from what it was copied from, but for a uid that we would never give. Nor
  // would we give one that is no part of a path.
  const isItsOwn = marker.uid === undefined ? isDatasourceUid(uid) : marker.uid === uid && isPlainUid(uid);
  return isItsOwn ? marker : undefined;
}

/** @returns the marker of a datasource that this gateway made and may change; undefined for all others */
export function ownMarker(datasource: Marked, gateway: string): Marker | undefined {
  const marker = readMarker(datasource);
  return marker?.gateway === gateway ? marker : undefined;
}
