import type { Activity, AgentSocketForm, LoadedScenario } from '#src/local';

/**
 * Counts by which way crosslink's own hooks reached their agents. A hook whose socket is of no use falls back to the
 * tools by itself and ends the same, so that only counts can tell whether a way was taken.
 */
export class Ways {
  readonly #own: ReadonlySet<string>;
  #socket = 0;
  #processes = 0;

  constructor({ scenario }: LoadedScenario) {
    const deployed = [scenario.applications, ...scenario.steps.map(({ deploy = {} }) => deploy)];
    const own = deployed
      .flatMap((applications) => Object.entries(applications))
      .filter(([, { charm }]) => charm === undefined);
    this.#own = new Set(own.map(([name]) => name));
  }

  activity(activity: Activity): void {
    if (activity.kind !== 'hook-ended' || !this.#own.has(activity.unit.split('/')[0] ?? '')) return;
    this.#socket += activity.toolCalls.socket;
    this.#processes += activity.toolCalls.processes;
  }

  /** @returns what is wrong when this was to be the only way, a line each */
  problems(form: AgentSocketForm): string[] {
    const [wanted, other] = form === 'none' ? ['processes', 'socket'] : ['socket', 'processes'];
    const counts: Record<string, number> = { socket: this.#socket, processes: this.#processes };
    return [
      ...(counts[wanted ?? ''] === 0 ? [`no call of a hook tool came by ${wanted}`] : []),
      ...(counts[other ?? ''] === 0 ? [] : [`${counts[other ?? '']} calls of hook tools came by ${other}`]),
    ];
  }
}
