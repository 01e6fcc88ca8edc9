import { compareUnitNames, isUnitName, type UnitName } from '#lib/juju';
import { type HeldDatasource, ownMarker, readMarker } from '#src/grafana/provisioner';
import { assignedUids, readAnswer } from '#src/relations/grafana-datasource';
import { byRelation } from './by-relation.ts';
import type { GatewayView, SourceRelation } from './gateway-view.ts';
import type { View } from './view.ts';

/** A relation over which a datasource in Grafana was asked for. */
export interface Asker {
  readonly relation: number;
  readonly app: string;
  /** Whose datasource it is; empty: the application's as a whole. */
  readonly units: readonly UnitName[];
}

/** Whose a datasource in Grafana is, by its marker. */
export type Owner =
  /** `askers` is empty while no relation has been told of it. */
  | { readonly kind: 'this-gateway'; readonly askers: readonly Asker[] }
  | { readonly kind: 'other-gateway'; readonly gateway: string }
  /** Made by hand, by a provisioning file or by another program. */
  | { readonly kind: 'operator' };

/** One datasource of the Grafana that this application is the gateway of. */
export interface InventoryItem {
  readonly name: string;
  readonly uid: string;
  readonly type: string;
  /** Without user and password, should somebody have put them in. */
  readonly url: string;
  readonly readOnly: boolean;
  readonly owner: Owner;
}

/** One datasource that this application is, in one Grafana. */
export interface OwnDatasource {
  /** Null: that Grafana does not say who it is. */
  readonly grafanaUid: string | null;
  readonly baseUrl: string | null;
  /** The application that answers for that Grafana. */
  readonly grafanaApp: string;
  readonly relation: number;
  /** Null while there is no answer. */
  readonly uid: string | null;
  readonly type: string;
}

/**
 * Every datasource of the gateway's Grafana.
 * @returns by name, as Grafana lists them; null where Grafana could not be asked
 */
export function inventory({ gateway, sources }: View): InventoryItem[] | null {
  if (gateway?.work?.grafana.state !== 'ok') return null;
  return gateway.work.grafana.datasources.map((held) => ({
    name: held.name,
    uid: held.uid,
    type: held.type,
    url: withoutCredentials(held.url),
    readOnly: held.readOnly,
    owner: ownerOf(held, gateway, sources ?? []),
  }));
}

function ownerOf(held: HeldDatasource, { marker }: GatewayView, sources: readonly SourceRelation[]): Owner {
  if (ownMarker(held, marker) !== undefined) {
    return { kind: 'this-gateway', askers: sources.flatMap((source) => askersOf(held.uid, source)) };
  }
  const other = readMarker(held);
  return other === undefined ? { kind: 'operator' } : { kind: 'other-gateway', gateway: other.gateway };
}

/** What was answered says for whom a datasource is. */
function askersOf(uid: string, { relationId, remoteApp, localAppData }: SourceRelation): Asker[] {
  const { answer } = readAnswer(localAppData);
  const asker = { relation: relationId, app: remoteApp };
  if (answer.appDatasourceUid === uid) return [{ ...asker, units: [] }];
  const units = Object.entries(answer.datasourceUids ?? {})
    .flatMap(([unit, assigned]) => (assigned === uid && isUnitName(unit) ? [unit] : []))
    .toSorted(compareUnitNames);
  return units.length === 0 ? [] : [{ ...asker, units }];
}

/** What this application is in each Grafana that it registers with. `[]` for one that is no datasource. */
export function ownInventory(seen: View): OwnDatasource[] {
  const { datasource, grafanas } = byRelation(seen);
  if (datasource === null) return [];
  return grafanas.flatMap(({ answer, remoteApp, relationId }) => {
    const uids = assignedUids(answer);
    return (uids.length === 0 ? [null] : uids).map((uid) => ({
      grafanaUid: answer.grafanaUid ?? null,
      baseUrl: answer.baseUrl === undefined ? null : withoutCredentials(answer.baseUrl),
      grafanaApp: remoteApp,
      relation: relationId,
      uid,
      type: datasource.type,
    }));
  });
}

function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.username === '' && url.password === '')) return text;
  url.username = '';
  url.password = '';
  return url.href;
}
