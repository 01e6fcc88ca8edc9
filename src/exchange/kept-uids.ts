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
  const units = new UnitUids(free);
  const kept = new Map<string, string>();
  const applications = Map.groupBy(wanted, ({ modelUuid, application }) =>
    JSON.stringify([modelUuid, application]),
  );
  for (const topologies of applications.values()) {
    // The application as a whole, or else its first unit: one heir at the most.
    const [heir] = topologies.toSorted((a, b) => (a.unitNumber ?? -1) - (b.unitNumber ?? -1));
    if (heir === undefined || owned.has(datasourceUid(heir))) continue;
    const before =
      heir.unitNumber === undefined ? units.firstOf(heir, free) : applicationAsAWhole(heir, free);
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

/** What a UID that was made for a unit says: the start that it shares with the application's others, and the number. */
interface UnitUid {
  /** The number's digits count: the longer it is, the less of a long name there is room for. */
  readonly start: string;
  readonly unitNumber: number;
}

function readUnitUid(uid: string): UnitUid | undefined {
  const [, start, digits] = /^(.*)-(\d{1,9})-[0-9a-f]+$/.exec(uid) ?? [];
  if (start === undefined || digits === undefined) return undefined;
  return { start: `${digits.length} ${start}`, unitNumber: Number(digits) };
}

/** Finds the UIDs of an application's units without a look at every other one's. */
class UnitUids {
  readonly #numbers = new Map<string, number[]>();
  readonly #digits = new Set<number>();

  constructor(uids: Iterable<string>) {
    for (const uid of uids) {
      const read = readUnitUid(uid);
      if (read === undefined) continue;
      const { start, unitNumber } = read;
      const others = this.#numbers.get(start);
      if (others === undefined) this.#numbers.set(start, [unitNumber]);
      else others.push(unitNumber);
      this.#digits.add(String(unitNumber).length);
    }
  }

  /** The UID says which unit it was made for; made again from that number, it has to come out the same. */
  firstOf(application: Topology, free: ReadonlySet<string>): string | undefined {
    const uidOf = (unitNumber: number) => datasourceUid({ ...application, unitNumber });
    const numbers = [...this.#digits].flatMap((digits) => {
      const start = readUnitUid(uidOf(10 ** (digits - 1)))?.start ?? '';
      return this.#numbers.get(start) ?? [];
    });
    const [first] = numbers.filter((number) => free.has(uidOf(number))).toSorted((a, b) => a - b);
    return first === undefined ? undefined : uidOf(first);
  }
}
