import type { HookContext, HookTools, UnitName } from '#lib/juju';
import type { Fetch, FetchInit, GrafanaClientOptions } from '#src/grafana';
import type { Reply } from '#src/grafana/embedded';
import type { Gates } from './gates.ts';
import type { Mood } from './plan.ts';
import type { Safety, WatchedHook } from './safety.ts';
import type { SimulatedGrafana } from './simulated-grafana.ts';
import type { Truth } from './truth.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** One hook in this many waits at each call of a hook tool, and not only where others see what it does. */
const finely = 6;

/** What is around a hook. */
export interface Surroundings {
  readonly truth: Truth;
  readonly safety: Safety;
  readonly gates: Gates;
  readonly clock: VirtualClock;
  readonly random: () => number;
}

/** What is looked at before a hook tool is called, with what it is called with. */
type Looks = { readonly [Tool in keyof HookTools]?: (...args: Parameters<HookTools[Tool]>) => void };

/** One hook, as the simulation sees it: what it says and asks goes through here. */
export class HookWatch implements WatchedHook {
  readonly unit: UnitName;
  readonly app: string;
  /** Whether Juju has told it, when it asked last, that it leads. */
  led = false;
  readonly began: number;
  readonly #around: Surroundings;
  readonly #signal: AbortSignal;

  constructor(around: Surroundings, app: string, context: HookContext, signal: AbortSignal) {
    this.#around = around;
    this.#signal = signal;
    this.app = app;
    this.unit = context.unit;
    this.began = around.safety.losses.said;
  }

  watched(tools: HookTools): HookTools {
    const { gates, safety, random } = this.#around;
    const isFine = Math.floor(random() * finely) === 0;
    const looks: Looks = {
      relationSet: (target) => safety.relationSet(this, target),
      secretAdd: (_, metadata) => safety.secretAdd(this, metadata?.owner),
      secretSet: () => safety.secretWrite(this),
      secretGrant: () => safety.secretWrite(this),
      secretRemove: () => safety.secretWrite(this),
    };
    return new Proxy(tools, {
      get: (_, name) => {
        const tool: unknown = Reflect.get(tools, name);
        const look: unknown = Reflect.get(looks, name);
        const isPlain = !isFine && look === undefined && name !== 'isLeader';
        if (isPlain || typeof tool !== 'function') return tool;
        return async (...args: unknown[]): Promise<unknown> => {
          if (isFine) await gates.pass(this.unit, String(name), this.#signal);
          if (typeof look === 'function') look(...args);
          const answer: unknown = await Reflect.apply(tool, tools, args);
          if (name === 'isLeader') this.led = answer === true;
          return answer;
        };
      },
    });
  }

  /** Options of the client to a simulated Grafana. */
  grafana(): Pick<GrafanaClientOptions, 'fetch' | 'after' | 'clock'> {
    const { clock } = this.#around;
    return { fetch: this.#fetch, after: clock.after, clock: clock.now };
  }

  readonly #fetch: Fetch = async (url, init) => {
    const { gates, truth, safety } = this.#around;
    const grafana = truth.grafanas.find(({ instance }) => url.startsWith(`${instance.url}/`));
    await this.#orAborted(init, gates.pass(this.unit, `${init.method} ${pathOf(url)}`, this.#signal));
    if (!grafana) throw failure('ENOTFOUND');
    const mood = grafana.nextMood();
    if (mood) truth.count(`Grafana: ${mood}`);
    if (mood === 'down') throw failure('ECONNREFUSED');
    if (mood === 'mute') await this.#orAborted(init, new Promise(() => {}));
    const wrong = mood && wrongAnswer(mood);
    const reply = wrong ?? this.#answer(grafana, url, init);
    if (init.method !== 'GET') safety.grafanaWrite(this, grafana);
    await this.#orAborted(init, gates.pass(this.unit, `answer ${reply.status}`, this.#signal));
    if (mood === 'cut') throw failure('ECONNRESET');
    return {
      status: reply.status,
      headers: { get: (name) => reply.headers[name] ?? null },
      body: bodyOf(reply.body),
    };
  };

  #answer({ instance }: SimulatedGrafana, url: string, init: FetchInit): Reply {
    const target = url.slice(new URL(url).origin.length);
    return instance.answer({ method: init.method, target, headers: init.headers, text: init.body ?? '' });
  }

  /** A hook that is killed waits for ever; a request whose time is up fails. */
  #orAborted<T>({ signal }: FetchInit, wait: Promise<T>): Promise<T> {
    if (this.#signal.aborted) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      const abort = () => {
        if (!this.#signal.aborted) reject(new DOMException('This operation was aborted', 'AbortError'));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      void wait.then((value) => {
        signal.removeEventListener('abort', abort);
        resolve(value);
      });
    });
  }
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}

async function* bodyOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

function failure(code: string): Error {
  return Object.assign(new Error(`request failed: ${code}`), { code });
}

/** @returns what is answered without a look at the request; undefined where that is done first */
function wrongAnswer(mood: Mood): Reply | undefined {
  switch (mood) {
    case 'login-page':
      return { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' };
    case 'broken-json':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '[{"uid": "' };
    case 'down':
    case 'mute':
    case 'cut':
      return undefined;
    default: {
      const headers: Record<string, string> = mood === '429' ? { 'retry-after': '3' } : {};
      return { status: Number(mood), headers, body: JSON.stringify({ message: `in the mood of ${mood}` }) };
    }
  }
}
