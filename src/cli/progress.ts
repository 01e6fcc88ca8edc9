import type { WriteStream } from 'node:tty';
import type { Activity } from '#src/local';

const frames = ['|', '/', '-', '\\'];
const redrawMs = 100;

/**
 * Shows how far a scenario is: on a terminal one line that is drawn again and again, elsewhere a line for each
 * phase. Hooks that fail are told at once, with what they wrote.
 */
export class Progress {
  readonly #out: WriteStream;
  readonly #scenario: string;
  readonly #began = performance.now();
  readonly #running = new Map<string, string>();
  readonly #stderr = new Map<string, string[]>();
  readonly #timer: NodeJS.Timeout | undefined;
  #phase = '';
  #hooks = 0;
  #frame = 0;
  #ended: number | undefined;

  constructor(out: WriteStream, scenario: string) {
    this.#out = out;
    this.#scenario = scenario;
    if (out.isTTY) this.#timer = setInterval(() => this.#draw(), redrawMs);
  }

  /** Milliseconds from the start to {@link end}, or until now. */
  get elapsedMs(): number {
    return (this.#ended ?? performance.now()) - this.#began;
  }

  phase(description: string): void {
    this.#phase = description;
    if (!this.#out.isTTY) this.#out.write(`${this.#scenario}: ${description}\n`);
  }

  activity(activity: Activity): void {
    // What is taken down at the end is no failure that anybody has to hear of.
    if (this.#ended !== undefined) return;
    switch (activity.kind) {
      case 'hook-started':
        this.#running.set(activity.unit, activity.hook);
        this.#stderr.delete(activity.unit);
        break;
      case 'hook-ended':
        this.#running.delete(activity.unit);
        this.#hooks += 1;
        if (activity.result === 'failed' || activity.result === 'terminated') this.#failed(activity);
        break;
      case 'log':
        if (activity.level === 'WARNING' || activity.level === 'ERROR') {
          this.#stderr.set(activity.unit, [...(this.#stderr.get(activity.unit) ?? []), activity.message]);
        }
        break;
    }
  }

  end(): void {
    if (this.#ended !== undefined) return;
    clearInterval(this.#timer);
    this.#ended = performance.now();
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }

  #failed({ unit, hook, exitCode }: Extract<Activity, { kind: 'hook-ended' }>): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
    const how = exitCode === null ? 'was ended' : `exit code ${exitCode}`;
    this.#out.write(`hook failed: ${hook} of ${unit}, ${how}\n`);
    for (const line of (this.#stderr.get(unit) ?? []).slice(-10)) this.#out.write(`  ${line}\n`);
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % frames.length;
    const seconds = (this.elapsedMs / 1000).toFixed(1);
    const now = [...this.#running].map(([unit, hook]) => `${unit} ${hook}`).join(', ');
    const line = `${frames[this.#frame]} ${this.#scenario}: ${this.#phase} | ${this.#hooks} hooks, ${seconds} s | ${now}`;
    this.#out.write(`\r${line.slice(0, (this.#out.columns || 80) - 1)}\x1b[K`);
  }
}
