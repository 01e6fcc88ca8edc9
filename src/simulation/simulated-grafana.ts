import { type CorrelationRow, type GrafanaBackup, GrafanaInstance, type Row } from '#src/grafana/embedded';
import type { GrafanaPlan, Mood } from './plan.ts';

/** A Grafana of a simulated world, with what is known of its past. */
export class SimulatedGrafana {
  readonly number: number;
  readonly instance: GrafanaInstance;
  /** It goes wrong for so many requests more. */
  trouble: { readonly mood: Mood; left: number } | undefined;
  backup: GrafanaBackup | undefined;
  /** UIDs of all datasources that it ever held. */
  readonly handedOut = new Set<string>();
  /** What it held when somebody looked last, by UID. */
  known: ReadonlyMap<string, Row> = new Map();
  /** UIDs of datasources that somebody renamed by hand. */
  readonly renamed = new Set<string>();
  readonly #version: string;
  readonly #tokens: string[] = [];
  #correlations: ReadonlyMap<string, CorrelationRow> = new Map();

  private constructor(number: number, version: string, random: () => number, token?: string) {
    this.number = number;
    this.#version = version;
    this.instance = new GrafanaInstance({
      version,
      origin: `http://grafana-${number}.example:3000`,
      clock: () => 1_790_000_000_000,
      random,
      ...(token && { token }),
    });
  }

  static of(number: number, { version, foreign }: GrafanaPlan, random: () => number): SimulatedGrafana {
    const grafana = new SimulatedGrafana(number, version, random);
    for (let n = 0; n < foreign; n += 1) {
      grafana.instance.seed({
        uid: `theirs-${n}`,
        name: `somebody else's ${n}`,
        type: 'tempo',
        url: 'http://theirs.example',
        jsonData: { serviceMap: { datasourceUid: 'theirs-0' } },
      });
    }
    grafana.look();
    return grafana;
  }

  /** @returns one that holds the same now, but not what the gateways of these marks made */
  without(gateways: ReadonlySet<string>, random: () => number): SimulatedGrafana {
    const other = new SimulatedGrafana(this.number, this.#version, random, this.instance.token);
    for (const token of this.#tokens) other.instance.addToken({ role: 'Admin', token });
    for (const row of this.instance.rows()) if (!gateways.has(markOf(row) ?? '')) other.instance.seed(row);
    for (const uid of this.renamed) other.renamed.add(uid);
    other.look();
    return other;
  }

  /** @returns what is new, what differs and what is gone since somebody looked last */
  look(): { before: Row | undefined; after: Row | undefined }[] {
    const before = this.known;
    const now = new Map(this.instance.rows().map((row) => [row.uid, row]));
    this.known = now;
    const changes: { before: Row | undefined; after: Row | undefined }[] = [];
    for (const [uid, row] of now) {
      this.handedOut.add(uid);
      if (before.get(uid) !== row) changes.push({ before: before.get(uid), after: row });
    }
    this.#correlations = new Map(this.instance.correlations().map((one) => [one.uid, one]));
    for (const [uid, row] of before) if (!now.has(uid)) changes.push({ before: row, after: undefined });
    return changes;
  }

  /** @returns what somebody who is to change only what bears this mark has done otherwise since somebody looked last */
  lookAtCorrelations(mark: string): string[] {
    const before = this.#correlations;
    const held = new Set(this.instance.rows().map(({ uid }) => uid));
    this.#correlations = new Map(this.instance.correlations().map((one) => [one.uid, one]));
    const places = [...this.#correlations.values()].map(({ sourceUID, targetUID, description }) =>
      [sourceUID, targetUID, description].join(' '),
    );
    const doubled = places.filter((place, n) => place.endsWith(` ${mark}]`) && places.indexOf(place) !== n);
    const changed = [...before.values()].flatMap((one) => {
      const now = this.#correlations.get(one.uid);
      const isSame = JSON.stringify(now) === JSON.stringify(one);
      const goesAlong = !now && !(held.has(one.sourceUID) && held.has(one.targetUID));
      if (isSame || goesAlong || one.description.endsWith(` ${mark}]`)) return [];
      return [`changes or deletes the correlation ${one.description}, which it did not make`];
    });
    return [...changed, ...doubled.map((place) => `makes the correlation ${place} twice`)];
  }

  /** @returns a token more, for those who are to have another one */
  newToken(): string {
    const token = this.instance.addToken({ role: 'Admin' });
    this.#tokens.push(token);
    return token;
  }

  /** @returns how it goes wrong with the request that comes now */
  nextMood(): Mood | undefined {
    if (!this.trouble) return undefined;
    const { mood } = this.trouble;
    this.trouble.left -= 1;
    if (this.trouble.left <= 0) this.trouble = undefined;
    return mood;
  }
}

/** @returns the gateway that says in a datasource that it made it; undefined when none does, or in a copy */
export function markOf({ uid, jsonData }: Pick<Row, 'uid' | 'jsonData'>): string | undefined {
  const mark: unknown = jsonData.crosslink;
  if (typeof mark !== 'object' || mark === null || !('gateway' in mark) || !('uid' in mark)) return undefined;
  return mark.uid === uid && typeof mark.gateway === 'string' ? mark.gateway : undefined;
}
