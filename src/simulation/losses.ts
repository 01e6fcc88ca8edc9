import type { Activity, ModelSnapshot, RelationEndSnapshot } from '#lib/juju-local';
import type { Row } from '#src/grafana/embedded';
import { objectIn } from './wire.ts';

/** One hook, and how much had been said when it began. */
interface TimedHook {
  readonly app: string;
  readonly began: number;
}

/**
 * What is asked for is not taken away, not even for a moment: whoever makes it again in a later hook ends well, and yet
 * dashboards were broken in between.
 *
 * A hook acts on what it has read since it began. So only what has stood in the databags for longer counts as asked
 * for.
 */
export class Losses {
  readonly #model: () => ModelSnapshot;
  readonly #isOurs: (app: string) => boolean;
  /** By relation: how much had been said when something there changed last. */
  readonly #changed = new Map<number, number>();
  #said = 0;

  /** @param isOurs - whether an application is ours: others may answer what nobody can read */
  constructor(model: () => ModelSnapshot, isOurs: (app: string) => boolean) {
    this.#model = model;
    this.#isOurs = isOurs;
  }

  /** How much has been said so far. */
  get said(): number {
    return this.#said;
  }

  hear(activity: Activity): void {
    if (activity.kind !== 'databag-changed') return;
    this.#said += 1;
    this.#changed.set(activity.relationId, this.#said);
  }

  /** @returns whether the application, or the unit, that a gateway deletes a datasource of still asks for it */
  isAskedFor({ app: gateway, began }: TimedHook, { uid, jsonData }: Row): boolean {
    const { crosslink: mark } = jsonData;
    const application =
      typeof mark === 'object' && mark !== null && 'application' in mark && mark.application;
    const number = /-(\d+)-[0-9a-f]{8}$/.exec(uid)?.[1];
    return this.#standing(gateway, 'datasources', began).some(({ other }) => {
      if (other.app !== application || !other.appData.grafana_source_data) return false;
      const asWhole = (other.appData.grafana_source_app_host ?? '') !== '';
      if (number === undefined) return asWhole;
      const unit = `${other.app}/${Number(number)}` as const;
      const isThere = this.#model().applications[other.app]?.units[unit]?.life === 'alive';
      return !asWhole && isThere && (other.unitsData[unit]?.grafana_source_host ?? '') !== '';
    });
  }

  /** @returns UIDs that Grafanas still answer, and that an application no longer tells its peers */
  untold({ app, began }: TimedHook, entries: readonly { uid: string; grafana_uid: string }[]): string[] {
    return this.#standing(app, 'grafana-source', began).flatMap(({ other: { app: gateway, appData } }) => {
      if (!this.#isOurs(gateway)) return [];
      const { grafana_uid: grafanaUid = '', datasource_uids: ofUnits, app_datasource_uid: ofApp } = appData;
      const uids = [...values(ofUnits), ofApp ?? ''].filter(
        (uid) => uid !== '' && uid.length <= 255 && grafanaUid !== '',
      );
      return uids.filter(
        (uid) => !entries.some((entry) => entry.uid === uid && entry.grafana_uid === grafanaUid),
      );
    });
  }

  /** @returns units that a gateway has answered, that still ask, and that it answers no more */
  unanswered(
    { app, began }: TimedHook,
    relationId: number,
    uids: Readonly<Record<string, unknown>>,
  ): string[] {
    return this.#standing(app, 'datasources', began).flatMap(({ id, own, other }) => {
      if (id !== relationId || !other.appData.grafana_source_data) return [];
      const units = this.#model().applications[other.app]?.units ?? {};
      return Object.entries(other.unitsData).flatMap(([unit, { grafana_source_host: host = '' }]) => {
        const wasAnswered = keys(own.appData.datasource_uids).includes(unit);
        const isThere = Object.entries(units).some(([name, { life }]) => name === unit && life === 'alive');
        return wasAnswered && isThere && host !== '' && !Object.hasOwn(uids, unit) ? [unit] : [];
      });
    });
  }

  /** Relations that go on, and in which nothing has changed since then. */
  #standing(
    app: string,
    endpoint: string,
    began: number,
  ): { id: number; own: RelationEndSnapshot; other: RelationEndSnapshot }[] {
    return this.#model().relations.flatMap(({ id, life, ends }) => {
      const own = ends.find((end) => end.app === app && end.endpoint === endpoint);
      const other = ends.find((end) => end !== own);
      if (!own || !other || life !== 'alive') return [];
      const changed = this.#changed.get(id) ?? Number.POSITIVE_INFINITY;
      return changed <= began ? [{ id, own, other }] : [];
    });
  }
}

function values(text: string | undefined): string[] {
  return Object.values(objectIn(text) ?? {}).filter((one) => typeof one === 'string');
}

function keys(text: string | undefined): string[] {
  return Object.keys(objectIn(text) ?? {});
}
