import { readMarker } from '#src/grafana/provisioner';
import { quoted } from '../checks/finding.ts';
import { isJujuName } from '../checks/uid.ts';
import type { LiveDatasource } from './live-grafana.ts';

/** @returns a datasource in a sentence: `Mimir (mimir-0-3f9a1c2e)` */
export function named({ name, uid }: LiveDatasource): string {
  return name === uid ? quoted(uid) : `${quoted(name)} (${quoted(uid)})`;
}

/** @returns `A (a), B (b) or C (c)` */
export function either(datasources: readonly LiveDatasource[]): string {
  const names = datasources.slice(0, most).map(named);
  const rest = datasources.length - names.length;
  if (rest > 0) return `${names.join(', ')} or ${rest} more`;
  return [names.slice(0, -1).join(', '), names.at(-1)].filter((part) => part !== '').join(' or ');
}

const most = 6;

/** @returns whether a charm made it, so that what it holds has the labels of Juju's topology */
export function isOfJuju(datasource: LiveDatasource): boolean {
  return isJujuName(datasource.name) || readMarker(datasource) !== undefined;
}

/** @returns who in Juju keeps a key of `jsonData` as its own, and would undo what anybody else writes there */
export function keeperOf(datasource: LiveDatasource, key: string): string | undefined {
  const marker = readMarker(datasource);
  if (marker?.keys.includes(key)) return `crosslink gateway ${quoted(marker.gateway)}`;
  return isOfCharmedFile(datasource) ? 'the charm that writes its provisioning file' : undefined;
}

/** @returns whether it is from the provisioning file that Canonical's charm of Grafana writes */
export function isOfCharmedFile({ readOnly, name }: LiveDatasource): boolean {
  return readOnly && isJujuName(name);
}
