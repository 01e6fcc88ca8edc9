import type { DatabagChanges } from '#lib/juju';
import type { Activity, ModelSnapshot } from '#lib/juju-local';
import { markerOf } from './applications.ts';
import { Losses } from './losses.ts';
import { markOf, type SimulatedGrafana } from './simulated-grafana.ts';
import type { Truth } from './truth.ts';
import { linkedUids, objectIn } from './wire.ts';

/** One hook, as far as it matters here. */
export interface WatchedHook {
  readonly unit: string;
  readonly app: string;
  /** Whether Juju has told it, when it asked last, that it leads. */
  readonly led: boolean;
  /** How much had been said when it began. */
  readonly began: number;
}

/**
 * What must hold at each moment, however the rest comes out. It knows what no charm is told - which Grafana a gateway
 * writes to, what each ever held - and nothing of how the charm comes to what it does.
 */
export class Safety {
  readonly problems: string[] = [];
  readonly #truth: Truth;
  /** By `grafana_uid`: the UIDs that were ever answered under it. */
  readonly #answered = new Map<string, Set<string>>();
  /** By gateway: UIDs of the datasources that it ever made, or said that there are. */
  readonly #handedOut = new Map<string, Set<string>>();
  /** What a gateway calls its Grafana: it says so once, and the UIDs as they come. */
  readonly #grafanaUids = new Map<string, string>();
  readonly losses: Losses;
  /** How often anybody of ours wrote, whether that changed anything or not. */
  writes = 0;

  constructor(truth: Truth, model: () => ModelSnapshot) {
    this.#truth = truth;
    this.losses = new Losses(model, (app) => truth.isOurs(app));
  }

  hear(activity: Activity): void {
    this.losses.hear(activity);
    if (activity.kind === 'log') this.#hidden(activity.message, `the log of ${activity.unit}`);
    if (activity.kind === 'unit-status')
      this.#hidden(activity.status.message, `the status of ${activity.unit}`);
    if (activity.kind === 'application-status')
      this.#hidden(activity.status.message, `the status of ${activity.app}`);
    if (activity.kind === 'hook-ended' && activity.result === 'failed' && activity.exitCode !== 0) {
      this.#problem(
        `${activity.unit} ${activity.hook} exits with ${activity.exitCode}: only a bug does that`,
      );
    }
  }

  relationSet(hook: WatchedHook, target: { relationId: number; app?: boolean; data: DatabagChanges }): void {
    const { relationId, app = false, data } = target;
    const [one, other] = this.#truth.related.get(relationId) ?? [];
    const where = `${hook.unit} says on relation ${relationId}`;
    this.#gatewayAnswers(hook, data, where);
    if (!this.#truth.isOurs(hook.app)) return;
    this.writes += 1;
    if (app && !hook.led) this.#problem(`${where}: it does not lead, and writes for its application`);
    const remote = one === hook.app ? other : one;
    const answered = data.datasource_uids === undefined ? undefined : (objectIn(data.datasource_uids) ?? {});
    for (const unit of answered ? this.losses.unanswered(hook, relationId, answered) : [])
      this.#problem(`${where}: no answer any more to ${unit}, which still asks`);
    for (const uid of linksIn(data)) {
      if (remote !== undefined && !this.#isReadable(remote, uid))
        this.#problem(`${where}: a link to ${uid}, which the Grafana of ${remote} never handed out`);
    }
    const entries = entriesIn(data);
    for (const { uid, grafana_uid, type } of entries) {
      if (!uid || !grafana_uid || !type) this.#problem(`${where}: an entry that is not complete`);
      if (!this.#answered.get(grafana_uid)?.has(uid))
        this.#problem(`${where}: ${uid} in Grafana ${grafana_uid}, which nobody ever said`);
    }
    // Who is no datasource any more has none, whatever its Grafanas answer.
    const isNone = entries.length === 0 && this.#truth.retired.has(hook.app);
    const hasEntries = data.datasources !== undefined && !isNone && !this.#truth.isContested;
    for (const uid of hasEntries ? this.losses.untold(hook, entries) : [])
      this.#problem(`${where}: no more of ${uid}, which its Grafana still answers`);
    // Provisioning files, for which this is written, take a single dollar for a variable's.
    const isBare = /(?<!\$)(\$\$)*\$(?!\$)/.test(data.grafana_source_data ?? '');
    if (isBare) this.#problem(`${where}: a dollar that is not doubled`);
    for (const text of Object.values(data)) this.#hidden(String(text), where);
  }

  secretAdd(hook: WatchedHook, owner: 'application' | 'unit' | undefined): void {
    this.secretWrite(hook);
    if (owner !== 'unit' && !hook.led) this.#problem(`${hook.unit} does not lead, and makes a secret`);
  }

  /** Something about a secret of its own: changed, granted or removed. */
  secretWrite(hook: WatchedHook): void {
    if (this.#truth.isOurs(hook.app)) this.writes += 1;
  }

  /** Looks at what a request of this hook has done. */
  grafanaWrite(hook: WatchedHook, grafana: SimulatedGrafana): void {
    const marker = markerOf(hook.app);
    const where = `${hook.unit} in Grafana ${grafana.number}`;
    this.writes += 1;
    for (const text of grafana.lookAtCorrelations(marker)) this.#problem(`${where}: ${text}`);
    for (const { before, after } of grafana.look()) {
      if (!hook.led) this.#problem(`${where}: it does not lead, and writes`);
      const uid = before?.uid ?? after?.uid ?? '';
      const isOurs = before === undefined || markOf(before) === marker;
      if (!isOurs) this.#problem(`${where}: changes or deletes ${uid}, which it did not make`);
      if (before && !after && !this.#truth.isContested && this.losses.isAskedFor(hook, before))
        this.#problem(`${where}: deletes ${uid}, which is still asked for`);
      if (after === undefined) continue;
      if (before && before.name !== after.name) this.#problem(`${where}: renames ${uid}`);
      if (before && 'hand-made' in before.jsonData && !('hand-made' in after.jsonData))
        this.#problem(`${where}: takes a key out of ${uid} that somebody added by hand`);
      if (markOf(after) !== marker) this.#problem(`${where}: writes ${uid} without its mark`);
      this.#handedOutBy(hook.app).add(uid);
      const { secureJsonData: _, ...plain } = after;
      const text = JSON.stringify(plain);
      if (text.includes('$$')) this.#problem(`${where}: ${uid} gets a dollar that is doubled`);
      this.#hidden(text, where);
      for (const link of linkedUids(text)) {
        if (!this.#isReadable(hook.app, link))
          this.#problem(`${where}: ${uid} gets a link to ${link}, which is not of this Grafana`);
      }
    }
  }

  #gatewayAnswers(hook: WatchedHook, data: DatabagChanges, where: string): void {
    const { grafana_uid: grafanaUid = '', datasource_uids: text, app_datasource_uid: ofApp } = data;
    const ofUnits = Object.values(objectIn(text) ?? {});
    const said = [...ofUnits, ofApp].filter((uid) => typeof uid === 'string' && uid !== '') as string[];
    // A Grafana that goes under another name from now on has all that it had.
    const before = this.#grafanaUids.get(hook.app) ?? '';
    const isRenamed = grafanaUid !== '' && before !== '' && before !== grafanaUid;
    const uids = [...said, ...(isRenamed ? (this.#answered.get(before) ?? []) : [])];
    if (grafanaUid !== '') this.#grafanaUids.set(hook.app, grafanaUid);
    if (uids.length === 0) return;
    const isOurs = this.#truth.isOurs(hook.app);
    for (const uid of uids) {
      if (!isOurs) this.#handedOutBy(hook.app).add(uid);
      else if (!this.#handedOutBy(hook.app).has(uid))
        this.#problem(`${where}: UID ${uid}, which its Grafana never had from it`);
    }
    const name = this.#grafanaUids.get(hook.app) ?? '';
    const known = this.#answered.get(name) ?? new Set();
    for (const uid of uids) known.add(uid);
    this.#answered.set(name, known);
  }

  #isReadable(gateway: string, uid: string): boolean {
    const grafana = this.#truth.grafanaOf.get(gateway);
    return grafana?.handedOut.has(uid) === true || this.#handedOutBy(gateway).has(uid);
  }

  #handedOutBy(gateway: string): Set<string> {
    const known = this.#handedOut.get(gateway) ?? new Set();
    this.#handedOut.set(gateway, known);
    return known;
  }

  #hidden(text: string, where: string): void {
    for (const secret of this.#truth.secrets) {
      if (text.includes(secret)) this.#problem(`${where}: a secret`);
    }
  }

  #problem(text: string): void {
    this.problems.push(text);
    this.#truth.trace(`PROBLEM ${text}`);
  }
}

function linksIn({
  grafana_source_data: data,
  grafana_source_correlations: asked,
}: DatabagChanges): string[] {
  const targets = /"target": ?"([^"]*)"/g;
  const ofCorrelations = asked ? [...asked.matchAll(targets)].map(([, uid = '']) => uid) : [];
  return [...(data ? linkedUids(data) : []), ...ofCorrelations];
}

function entriesIn({ datasources }: DatabagChanges): { type: string; uid: string; grafana_uid: string }[] {
  const value: unknown = datasources ? JSON.parse(datasources) : [];
  return Array.isArray(value) ? value : [];
}
