import type { LocalModel } from '#lib/juju-local';
import type { Activity } from '#src/local';

/** Sees what anybody but Grafana may see of a model as it goes along, and whether a secret is in it. */
export class Witness {
  model: Pick<LocalModel, 'snapshot'> | undefined;
  readonly sightings = new Set<string>();
  readonly #forms = new Map<string, string>();
  #lastSnapshot = '';

  /** @param what - what to call it, since its value is not to be printed */
  secret(what: string, value: string): void {
    const escaped = JSON.stringify(value).slice(1, -1);
    const forms = [
      value,
      escaped,
      // JSON as a text in JSON.
      JSON.stringify(escaped).slice(1, -1),
      encodeURIComponent(value),
      Buffer.from(value).toString('base64').replace(/=+$/, ''),
      Buffer.from(value).toString('hex'),
    ];
    for (const form of forms) this.#forms.set(form, what);
  }

  activity(activity: Activity): void {
    this.#look(JSON.stringify(activity), `${activity.kind} of ${'unit' in activity ? activity.unit : 'all'}`);
    if (activity.kind === 'databag-changed' || activity.kind === 'hook-ended') this.look();
  }

  /** Looks at all databags and statuses. */
  look(): void {
    const snapshot = JSON.stringify(this.model?.snapshot() ?? {});
    if (snapshot !== this.#lastSnapshot) this.#look(snapshot, 'a databag or status');
    this.#lastSnapshot = snapshot;
  }

  #look(text: string, where: string): void {
    for (const [form, what] of this.#forms) {
      if (text.includes(form)) this.sightings.add(`${what} stands in ${where}`);
    }
  }
}
