import { sizeText, type TraceCounts } from '#src/traces';
import type { Terminal } from './progress.ts';
import { count } from './traces-text.ts';

/** On a terminal; elsewhere every so often, for a log. */
const redrawMs = 1_000;
const logMs = 60_000;

/** What a server of traces has: on a terminal one line that is drawn again and again, elsewhere a line a minute. */
export class CountsLine {
  readonly #out: Terminal;
  readonly #everyMs: number;
  readonly #now: () => number;
  #last: { readonly atMs: number; readonly taken: number } | undefined;
  #written = '';

  constructor(
    out: Terminal,
    everyMs = out.isTTY ? redrawMs : logMs,
    now: () => number = () => performance.now(),
  ) {
    this.#out = out;
    this.#everyMs = everyMs;
    this.#now = now;
  }

  /**
   * Shows counts until the function is called that it returns, which shows the last ones. Counts that can't be had are
   * left out: the store's own calls say what is wrong.
   */
  follow(counts: () => Promise<TraceCounts>): () => Promise<void> {
    let showing: Promise<void> | undefined;
    const show = async () => {
      const found = await counts().catch(() => undefined);
      if (found !== undefined) this.show(found);
    };
    const next = () => {
      showing ??= show().finally(() => {
        showing = undefined;
      });
      return showing;
    };
    const timer = setInterval(next, this.#everyMs);
    if (this.#out.isTTY) void next();
    return async () => {
      clearInterval(timer);
      await showing;
      await next();
      if (this.#out.isTTY) this.#out.write('\n');
    };
  }

  show(counts: TraceCounts): void {
    const line = this.#line(counts);
    // The same again is no news in a log.
    if (!this.#out.isTTY && line === this.#written) return;
    this.#written = line;
    this.#out.write(
      this.#out.isTTY ? `\r${line.slice(0, (this.#out.columns || 80) - 1)}\x1b[K` : `${line}\n`,
    );
  }

  #line({ spans, traces, services, bytes, taken }: TraceCounts): string {
    const atMs = this.#now();
    const seconds = this.#last === undefined ? 0 : (atMs - this.#last.atMs) / 1000;
    const rate = seconds > 0 && this.#last !== undefined ? (taken - this.#last.taken) / seconds : 0;
    this.#last = { atMs, taken };
    return [
      count(spans, 'span'),
      `${rate >= 10 || rate === 0 ? rate.toFixed(0) : rate.toFixed(1)}/s`,
      ...(traces === undefined ? [] : [count(traces, 'trace')]),
      ...(services === undefined ? [] : [count(services, 'service')]),
      ...(bytes === undefined ? [] : [sizeText(bytes)]),
    ].join(', ');
  }
}
