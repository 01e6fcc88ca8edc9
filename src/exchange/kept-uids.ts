import { datasourceUid, type Topology } from '#src/grafana/provisioner';

/**
 * Which UID each wanted datasource goes by. Mostly the one that its topology gives it. But an application that
 * changes from one generation of the interface to the other, or from one datasource for each unit to a single one,
 * still is the same thing to whoever made a dashboard on it: then the datasource that was there goes on, under the
 * UID that it has.
 *
 * Only what would be deleted in the same hook is taken over, and only by its own application, so that without a
 * change of form nothing depends on what was there before.
 * @param wanted - one for each datasource
 * @param owned - UIDs of the gateway's own datasources in Grafana
 * @param staying - UIDs of those that stay although nobody wants them just now
 * @returns from the UID by topology to the UID to use
 */
export function keptUids(
  wanted: readonly Topology[],
  owned: ReadonlySet<string>,
  staying: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, string> {
  const byTopology = new Map(wanted.map((topology) => [datasourceUid(topology), topology]));
  const free = new Set([...owned].filter((uid) => !byTopology.has(uid) && !staying.has(uid)));
  const kept = new Map<string, string>();
  const applications = Map.groupBy(wanted, ({ modelUuid, application }) =>
    JSON.stringify([modelUuid, application]),
  );
  for (const topologies of applications.values()) {
    // The application as a whole, or else its first unit: one heir at the most.
    const [heir] = topologies.toSorted((a, b) => (a.unitNumber ?? -1) - (b.unitNumber ?? -1));
    if (heir === undefined || owned.has(datasourceUid(heir))) continue;
    const before = heir.unitNumber === undefined ? firstUnit(heir, free) : applicationAsAWhole(heir, free);
    if (before === undefined) continue;
    free.delete(before);
    kept.set(datasourceUid(heir), before);
  }
  return new Map([...byTopology.keys()].map((uid) => [uid, kept.get(uid) ?? uid]));
}

function applicationAsAWhole(unit: Topology, free: ReadonlySet<string>): string | undefined {
  const uid = datasourceUid({ ...unit, unitNumber: undefined });
  return free.has(uid) ? uid : undefined;
}

/** The UID says which unit it was made for; made again from that number, it has to come out the same. */
function firstUnit(application: Topology, free: ReadonlySet<string>): string | undefined {
  const numbers = [...free].flatMap((uid) => {
    const [, digits] = /-(\d{1,9})-[0-9a-f]+$/.exec(uid) ?? [];
    if (digits === undefined) return [];
    const unitNumber = Number(digits);
    return datasourceUid({ ...application, unitNumber }) === uid ? [unitNumber] : [];
  });
  if (numbers.length === 0) return undefined;
  return datasourceUid({ ...application, unitNumber: Math.min(...numbers) });
}
