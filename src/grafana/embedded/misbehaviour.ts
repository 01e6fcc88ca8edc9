/** One way to go wrong. Without `match` it hits every request, without `times` until `behave()`. */
export interface Misbehaviour {
  /** Which requests: method, and path below the base URL as a prefix or an expression. */
  match?: { method?: string; path?: string | RegExp };
  /** How many requests it hits. */
  times?: number;
  /** Runs before the request is looked at, e.g. to write as somebody else between a GET and a PUT. */
  before?: () => void;
  /** Milliseconds to wait before anything else happens. */
  slowMs?: number;
  /** Answer this status with a JSON message, in place of the real answer. */
  status?: number;
  /** Answer this, in place of the real answer: HTML, a redirect, broken JSON. */
  answer?: { status: number; headers?: Record<string, string>; body?: string };
  /** Close the connection in place of an answer. */
  drop?: boolean;
  /** Carry the request out first, and only then give the wrong answer or none. */
  applied?: boolean;
}

/** The faults in force; the first that matches a request hits it. */
export class Misbehaviours {
  #active: { fault: Misbehaviour; left: number }[] = [];

  add(fault: Misbehaviour): void {
    this.#active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active = [];
  }

  /** @returns the fault that hits this request, counted as used */
  take(method: string, path: string): Misbehaviour | undefined {
    const hit = this.#active.find(({ fault }) => matches(fault, method, path));
    if (hit === undefined) return undefined;
    hit.left -= 1;
    this.#active = this.#active.filter(({ left }) => left > 0);
    return hit.fault;
  }
}

function matches({ match }: Misbehaviour, method: string, path: string): boolean {
  if (match?.method !== undefined && match.method !== method) return false;
  if (match?.path === undefined) return true;
  // search() rather than test(): it keeps no state in an expression with the flag g.
  return typeof match.path === 'string' ? path.startsWith(match.path) : path.search(match.path) >= 0;
}
