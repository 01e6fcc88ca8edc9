import { markOf } from './simulated-grafana.ts';
import type { World } from './world.ts';

/**
 * What a world has come to, as far as it may not depend on how: databags, statuses, and what gateways of ours keep in
 * their Grafanas. Without what is drawn by lot, and without what people did to datasources and is theirs to do. The key
 * of fingerprints is left out as well: it is made with the first secret, and stays when the last one has gone. And so
 * is which datasource is the default: from Grafana 10.2 on that is the first one that was made.
 */
export function endingOf(world: World): unknown {
  const { truth } = world;
  const { applications, relations, secrets } = world.model.snapshot();
  const statuses = truth.apps
    .filter(({ name }) => applications[name] && truth.isOurs(name))
    .map(({ name }) =>
      Object.entries(applications[name]?.units ?? {}).map(([unit, { status }]) => [
        unit,
        status.status,
        status.message,
      ]),
    );
  const grafanas = truth.grafanas.map((grafana) => {
    const gateways = world.marksIn(grafana);
    const datasources = grafana.instance
      .rows()
      .filter((row) => gateways.has(markOf(row) ?? ''))
      .toSorted((a, b) => (a.uid < b.uid ? -1 : 1))
      .map((row) => {
        const {
          id: _,
          version: _version,
          orgId: _org,
          readOnly: _readOnly,
          isDefault: _first,
          ...held
        } = row;
        const { 'hand-made': _theirs, ...jsonData } = held.jsonData;
        return { ...held, name: grafana.renamed.has(row.uid) ? 'renamed by hand' : row.name, jsonData };
      });
    const correlations = grafana.instance
      .correlations()
      .filter(({ description }) => [...gateways].some((gateway) => description.endsWith(`${gateway}]`)))
      .map(({ uid: _, ...correlation }) => JSON.stringify(correlation))
      .toSorted();
    return { datasources, correlations };
  });
  const databags = relations.map(({ id, ends }) => ({
    id,
    ends: ends.map(({ app, endpoint, appData: { 'fingerprint-key': _, ...appData }, unitsData }) => {
      return { app, endpoint, appData, unitsData };
    }),
  }));
  const owned = secrets
    .filter(({ owner }) => owner.kind !== 'model')
    .map(({ owner, label, revisions, grants }) => ({
      owner,
      label,
      revisions: revisions.length,
      grants: grants.toSorted((a, b) => (a.relationId ?? 0) - (b.relationId ?? 0)),
    }))
    .toSorted((a, b) => (JSON.stringify(a.owner) < JSON.stringify(b.owner) ? -1 : 1));
  return JSON.parse(withoutLot(JSON.stringify({ statuses, grafanas, databags, owned })));
}

/** Secrets have a new id each time, and what fingerprints are made with is drawn by lot. */
function withoutLot(text: string): string {
  return text
    .replace(/(secret:\/\/[^/"]+\/)[a-z0-9]{20}/g, '$1any')
    .replace(/("secureFingerprint":")[0-9a-f]{32}/g, '$1any');
}

/** More would tell no more. */
const mostDifferences = 8;

/** @returns where two plain values differ, a line each */
export function differences(a: unknown, b: unknown): string[] {
  const found: string[] = [];
  const compare = (left: unknown, right: unknown, path: string): void => {
    if (found.length >= mostDifferences) return;
    if (isObject(left) && isObject(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
        compare(left[key], right[key], `${path}/${key}`);
    } else if (left !== right) found.push(`${path}: ${show(left)}, and without its history ${show(right)}`);
  };
  compare(a, b, '');
  return found;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
