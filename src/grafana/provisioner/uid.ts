/** What a datasource stands for: a unit of an application, or the application as a whole. */
export interface Topology {
  readonly model: string;
  readonly modelUuid: string;
  readonly application: string;
  /** Undefined: the application as a whole. */
  readonly unitNumber: number | undefined;
}

const limit = 40; // Grafana 12 and later refuse longer ones; its databases always did
const digestLength = 8;

/**
 * A UID that is readable, and always the same for the same topology: a datasource that was deleted and is made
 * again keeps its dashboards.
 * @returns at most 40 of `[A-Za-z0-9_-]`: `tempo-0-3f9a1c2e`, or `tempo-3f9a1c2e` for an application
 */
export function datasourceUid({ modelUuid, application, unitNumber }: Topology): string {
  // A list has no two readings, unlike names that are joined by a character which they may hold themselves.
  const identity = JSON.stringify([modelUuid, application, unitNumber ?? null]);
  // Not imported: crypto takes 5 ms to load, and only the hooks of a gateway make UIDs.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, digestLength);
  const end = unitNumber === undefined ? `-${digest}` : `-${unitNumber}-${digest}`;
  // The application's name came in a databag: what Juju would never allow may be in it.
  const start = application.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, limit - end.length);
  return `${start}${end}`;
}

/** Whether a UID is of the characters that Grafana makes its own of: there are none of a path's among them. */
export function isPlainUid(uid: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(uid);
}

/** Whether this could be one that {@link datasourceUid} made, by its form. */
export function isDatasourceUid(uid: string): boolean {
  return /^[A-Za-z0-9_-]+-[0-9a-f]{8}$/.test(uid) && uid.length <= limit;
}

/**
 * The name that Canonical's Grafana charm gives the same datasource, which operators know and which is unique by
 * its model's UUID.
 * @see canonical/grafana-k8s-operator: lib/charms/grafana_k8s/v0/grafana_source.py
 */
export function datasourceName(topology: Topology): string {
  const { model, modelUuid, application, unitNumber } = topology;
  const unit = unitNumber === undefined ? '' : `_${unitNumber}`;
  const name = `juju_${model}_${modelUuid}_${application}${unit}`;
  // Cut off, units would lose what tells them apart.
  return Buffer.byteLength(name) <= nameLimitBytes ? name : `juju_${datasourceUid(topology)}`;
}

const nameLimitBytes = 190; // Grafana's
