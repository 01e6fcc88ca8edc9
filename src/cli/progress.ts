import type { Activity, Phase } from '#src/local';
import { printable } from '#src/text';

const frames = ['|', '/', '-', '\\'];
const redrawMs = 100;

/** Characters of a phase's description on a terminal: the hooks that run shall have room too. */
const descriptionLimit = 20;

/** Of standard error: what progress needs, so that a test can pass its own. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows how far a scenario is: on a terminal one line that is drawn again and again, elsewhere a line for each
 * phase. Hooks that fail are told at once, with what they wrote.
 */
export class Progress {
  readonly #out: Terminal;
  readonly #scenario: string;
  readonly #began = performance.now();
  readonly #running = new Map<string, string>();
  /** Each unit there is, and whether it is active: the only ones that can be, once a model has settled. */
  readonly #active = new Map<string, boolean>();
  readonly #stderr = new Map<string, string[]>();
  readonly #timer: NodeJS.Timeout | undefined;
  #phase: Phase = { number: 1, of: 1, description: 'starting' };
  /** Units with hooks left: all can be active long before the last of them has heard the news. */
  #busy = 0;
  #hooks = 0;
  #frame = 0;
  #ended: number | undefined;

  constructor(out: Terminal, scenario: string) {
    this.#out = out;
    this.#scenario = scenario;
    if (out.isTTY) this.#timer = setInterval(() => this.draw(), redrawMs);
  }

  /** Milliseconds from the start to {@link end}, or until now. */
  get elapsedMs(): number {
    return (this.#ended ?? performance.now()) - this.#began;
  }

  phase(phase: Phase): void {
    this.#phase = phase;
    if (!this.#out.isTTY) this.#out.write(`${this.#where()}: ${phase.description}\n`);
  }

  activity(activity: Activity): void {
    // What is taken down at the end is no failure that anybody has to hear of.
    if (this.#ended !== undefined) return;
    switch (activity.kind) {
      case 'model-changed':
        if (activity.change === 'unit-added') this.#active.set(activity.subject, false);
        if (activity.change === 'unit-removed') this.#active.delete(activity.subject);
        break;
      case 'unit-status':
        this.#active.set(activity.unit, activity.status.status === 'active');
        break;
      case 'busy':
        this.#busy = activity.units;
        break;
      case 'hook-started':
        this.#running.set(activity.unit, activity.hook);
        this.#stderr.delete(activity.unit);
        break;
      case 'hook-ended':
        this.#running.delete(activity.unit);
        if (!activity.action) this.#hooks += 1;
        if (activity.result === 'failed' || activity.result === 'terminated') this.#failed(activity);
        break;
      case 'log':
        if (activity.level === 'WARNING' || activity.level === 'ERROR') {
          this.#stderr.set(activity.unit, [...(this.#stderr.get(activity.unit) ?? []), activity.message]);
        }
        break;
    }
  }

  /** Draws the line of a terminal; what runs comes last, since it is what may be cut off. */
  draw(): void {
    this.#frame = (this.#frame + 1) % frames.length;
    const seconds = (this.elapsedMs / 1000).toFixed(1);
    const active = [...this.#active.values()].filter(Boolean).length;
    // Where there is only one phase, its name is no news.
    const phase = this.#phase.of > 1 ? ` ${this.#phase.description.slice(0, descriptionLimit)}` : '';
    const line = [
      `${frames[this.#frame]} ${this.#where()}${phase}`,
      `${active}/${this.#active.size} active, ${this.#busy} busy`,
      `${this.#hooks} hooks, ${seconds} s`,
      [...this.#running].map(([unit, hook]) => `${unit} ${hook}`).join(', '),
    ].join(' | ');
    this.#out.write(`\r${printable(line).slice(0, (this.#out.columns || 80) - 1)}\x1b[K`);
  }

  end(): void {
    if (this.#ended !== undefined) return;
    clearInterval(this.#timer);
    this.#ended = performance.now();
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }

  #where(): string {
    return `${this.#scenario} ${this.#phase.number}/${this.#phase.of}`;
  }

  #failed({ unit, hook, exitCode, result }: Extract<Activity, { kind: 'hook-ended' }>): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
    this.#out.write(`hook failed: ${hook} of ${unit}, ${how(result, exitCode)}\n`);
    for (const message of (this.#stderr.get(unit) ?? []).slice(-10)) {
      this.#out.write(`  ${printable(message)}\n`);
    }
  }
}

function how(result: string, exitCode: number | null): string {
  if (exitCode === 0) return 'what it asked for at its end was refused';
  if (exitCode !== null) return `exit code ${exitCode}`;
  return result === 'terminated' ? 'it was killed' : 'it could not be started';
}
