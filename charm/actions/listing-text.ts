import type { Asker, CorrelationItem, InventoryItem, OwnDatasource, Owner } from '#src/exchange';
import { printableIn, wrapped } from '#src/text';

/** What `show-datasources` shows, for programs; stable, since they may rely on it. */
export interface Listing {
  /** Null for an application that is no gateway, and where its Grafana could not be asked. */
  readonly gateway: {
    readonly grafanaUid: string;
    readonly baseUrl: string;
    readonly datasources: readonly InventoryItem[];
    /** Null where none are made, and nobody looked. */
    readonly correlations: readonly CorrelationItem[] | null;
  } | null;
  /** What this application itself is in the Grafanas that it registers with. */
  readonly own: readonly OwnDatasource[];
}

/** A listing as text for people, in lines as wide as a terminal unless a single name is longer. */
export function listingText(listing: Listing): string {
  const { gateway, own } = printableIn(listing);
  const sections = [
    ...(gateway === null ? [] : [inGrafana(gateway)]),
    ...(own.length === 0 ? [] : [ownText(own)]),
  ];
  return sections.length === 0 ? 'No datasources to show.' : sections.join('\n\n');
}

function inGrafana({
  grafanaUid,
  baseUrl,
  datasources,
  correlations,
}: NonNullable<Listing['gateway']>): string {
  return [
    `Datasources in ${baseUrl}`,
    ...wrapped(`Grafana ${grafanaUid}`, 2),
    ...(datasources.length === 0 ? ['  none'] : datasources.flatMap(itemText)),
    ...(correlations === null ? [] : ['', `Correlations in ${baseUrl}`]),
    ...(correlations?.length === 0 ? ['  none'] : (correlations ?? []).flatMap(correlationText)),
  ].join('\n');
}

function itemText({ name, uid, type, url, readOnly, owner }: InventoryItem): string[] {
  return [
    `  ${uid}  ${type}${readOnly ? '  read-only' : ''}`,
    ...wrapped(`named ${name}`, 6),
    ...(url === '' ? [] : wrapped(`at ${url}`, 6)),
    ...wrapped(ownerText(owner), 6),
  ];
}

function correlationText({ from, to, kind, label, owner }: CorrelationItem): string[] {
  const whose = {
    'this-gateway': "this gateway's",
    'other-gateway': "another gateway's",
    operator: "the operator's",
  };
  return [
    `  ${from} -> ${to === '' ? 'out of Grafana' : to}`,
    ...wrapped(`${kind ?? 'no kind of ours'}, ${whose[owner]}${label === '' ? '' : `: ${label}`}`, 6),
  ];
}

function ownerText(owner: Owner): string {
  switch (owner.kind) {
    case 'this-gateway':
      return owner.askers.length === 0
        ? "this gateway's, not told to any relation"
        : `this gateway's, for ${owner.askers.map(askerText).join(' and ')}`;
    case 'other-gateway':
      return `of another gateway, ${owner.gateway}`;
    case 'operator':
      return "the operator's";
  }
}

function askerText({ relation, app, units }: Asker): string {
  return `${units.length === 0 ? app : units.join(', ')} (relation ${relation})`;
}

function ownText(own: readonly OwnDatasource[]): string {
  return [
    'This application in the Grafanas that it registers with',
    ...own.flatMap(({ grafanaUid, baseUrl, grafanaApp, relation, uid, type }) => [
      `  ${uid ?? '(not answered yet)'}  ${type}`,
      ...wrapped(`in ${baseUrl ?? grafanaApp} (${grafanaApp}, relation ${relation})`, 6),
      ...wrapped(grafanaUid === null ? 'which does not say who it is' : `Grafana ${grafanaUid}`, 6),
    ]),
  ].join('\n');
}
