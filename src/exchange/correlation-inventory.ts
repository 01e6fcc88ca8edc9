import { ownCorrelationKind, ownMarker, readCorrelationMarker } from '#src/grafana/provisioner';
import type { View } from './view.ts';

/** One correlation of the Grafana that this application is the gateway of. */
export interface CorrelationItem {
  readonly uid: string;
  readonly label: string;
  /** UIDs of the two datasources; `to` is empty for one that leads out of Grafana. */
  readonly from: string;
  readonly to: string;
  /** Null for one that no gateway made. */
  readonly kind: string | null;
  /** `operator`: made by hand, by a provisioning file or by another program. */
  readonly owner: 'this-gateway' | 'other-gateway' | 'operator';
}

/** @returns null where nobody looked: for all but a gateway that makes some, or has to remove them */
export function correlationInventory({ gateway }: View): CorrelationItem[] | null {
  const { grafana, correlations } = gateway?.work ?? {};
  if (!gateway || grafana?.state !== 'ok' || correlations?.state !== 'ok') return null;
  const owned = new Set(
    grafana.datasources.filter((one) => ownMarker(one, gateway.marker) !== undefined).map(({ uid }) => uid),
  );
  return correlations.held.map((held) => {
    const { uid, label, sourceUID: from, targetUID: to, description, provisioned } = held;
    const isOurs = owned.has(from) && ownCorrelationKind(held, gateway.marker) !== undefined;
    const marker = provisioned ? undefined : readCorrelationMarker(description);
    const isOthers = marker !== undefined && marker.gateway !== gateway.marker;
    const owner = isOurs ? 'this-gateway' : isOthers ? 'other-gateway' : 'operator';
    return { uid, label, from, to, kind: owner === 'operator' ? null : (marker?.kind ?? null), owner };
  });
}
