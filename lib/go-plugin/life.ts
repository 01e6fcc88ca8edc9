import type { Effects } from './effects.ts';
import type { Logger } from './log.ts';

/** Unanswered calls get this long on SIGTERM. */
const drainMs = 1000;
/** What a plugin flushes at its end gets this long: a host kills 2 s after it asked. */
const flushMs = 1500;
/** How often the host is looked for. */
const watchMs = 1000;

export interface LifeOptions {
  readonly effects: Effects;
  readonly log: Logger;
  /** What is done with an error that nobody caught; see adr/002. */
  readonly onUncaught: 'log' | 'exit';
  /** The plugin's own last work: awaited, for a while. */
  readonly flush: (() => Promise<void>) | undefined;
  /** Whether the process belongs to a host: ends with it, and is not ended by Ctrl-C. */
  readonly hosted: boolean;
}

/** A server that this process lives for. */
export interface Served {
  drain(timeoutMs: number): Promise<void>;
  close(): void;
}

/** From the start of a plugin to the end of its process, whatever ends it. */
export class Life {
  readonly stopped: Promise<void>;
  readonly #options: LifeOptions;
  readonly #undo: (() => void)[] = [];
  readonly #resolve: () => void;
  #served: Served | undefined;
  #ending: Promise<void> | undefined;

  constructor(options: LifeOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stopped = promise;
    this.#resolve = resolve;
    const { effects, log, hosted, onUncaught } = options;
    this.atEnd(
      effects.onUncaught((error, origin) => {
        log.error('nobody caught this error', { origin, error });
        if (onUncaught === 'exit') void this.end(1, 0);
      }),
    );
    this.atEnd(effects.onSignal('SIGTERM', () => void this.end(0, drainMs)));
    // Ctrl-C in a terminal reaches the whole group; the host is the one to end its plugins, in its own order.
    this.atEnd(effects.onSignal('SIGINT', hosted ? () => {} : () => void this.end(0, drainMs)));
    if (hosted) this.#watchHost();
  }

  /** Given once it runs. */
  serve(served: Served): void {
    this.#served = served;
    // Also where the program ends itself: a socket without a server would stay in the file system.
    this.atEnd(this.#options.effects.onExit(() => served.close()));
  }

  /** Undone at the end, last first. */
  atEnd(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Ends the plugin, and the process with it; once, whoever asks again. Never rejects. */
  end(code: number, waitMs: number): Promise<void> {
    this.#ending ??= this.#end(code, waitMs);
    return this.#ending;
  }

  async #end(code: number, waitMs: number): Promise<void> {
    const { effects, flush, log } = this.#options;
    if (waitMs > 0) await this.#served?.drain(waitMs);
    this.#served?.close();
    if (flush !== undefined) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          log.warn('the plugin ends before it has flushed everything', { flushMs });
          resolve();
        }, flushMs);
      });
      try {
        await Promise.race([flush(), late]);
      } catch (error) {
        log.error('what the plugin does at its end has failed', { error });
      } finally {
        clearTimeout(timer);
      }
    }
    for (const undo of this.#undo.toReversed()) undo();
    this.#resolve();
    effects.exit(code);
  }

  /** Nothing tells a plugin that its host was killed; only its parent is another one from then on. */
  #watchHost(): void {
    const { effects, log } = this.#options;
    const host = effects.parent();
    const gone = () => (effects.platform === 'win32' ? !effects.isAlive(host) : effects.parent() !== host);
    this.atEnd(
      effects.every(watchMs, () => {
        if (this.#ending !== undefined || !gone()) return;
        log.warn('the host is gone, so this plugin ends', { host });
        void this.end(0, 0);
      }),
    );
  }
}
