/** What of a span tells it from others, and what its children want to know. */
export interface SpanFacts {
  /** Two halves of 32 bits */
  readonly idHigh: number;
  readonly idLow: number;
  readonly parent: SpanIdHalves | undefined;
  /** Two hashes of all its content. */
  readonly hashA: number;
  readonly hashB: number;
  readonly service: string;
  readonly startNs: bigint;
}

export interface SpanIdHalves {
  readonly high: number;
  readonly low: number;
}

/** A call of one service by another, or by itself. */
export type OnCall = (parent: string, child: string, childStartNs: bigint) => void;

interface Waiting {
  readonly parentHigh: number;
  readonly service: string;
  readonly startNs: bigint;
}

const stride = 4;

/**
 * What the writer remembers of a trace: which spans there are, so that a repeated one is told, and whose children wait for a
 * parent that has not come yet.
 */
export class KnownTrace {
  /** No span of it is in an earlier segment. Infinity: there is none at all yet. */
  firstSegment: number;
  spans = 0;
  #words = new Uint32Array(4 * stride);
  readonly #services: string[] = [];
  /** By the lower half of the id: its spans, where there are many. */
  #byId: Map<number, number[]> | undefined;
  /** By the lower half of the parent's id. */
  #waiting: Map<number, Waiting[]> | undefined;

  constructor(firstSegment: number) {
    this.firstSegment = firstSegment;
  }

  /** @returns false: it is there already, and nothing was done */
  add(span: SpanFacts, onCall: OnCall): boolean {
    if (this.#has(span)) return false;
    this.#insert(span);
    this.#answerChildren(span, onCall);
    this.#findParent(span, onCall);
    return true;
  }

  #has({ idHigh, idLow, hashA, hashB }: SpanFacts): boolean {
    const words = this.#words;
    const isIt = (at: number) =>
      words[at + 1] === idLow && words[at] === idHigh && words[at + 2] === hashA && words[at + 3] === hashB;
    if (this.#byId !== undefined) return this.#byId.get(idLow)?.some((n) => isIt(n * stride)) ?? false;
    for (let at = 0; at < this.spans * stride; at += stride) if (isIt(at)) return true;
    return false;
  }

  #insert({ idHigh, idLow, hashA, hashB, service }: SpanFacts): void {
    const at = this.spans * stride;
    if (at === this.#words.length) {
      const grown = new Uint32Array(at * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[at] = idHigh;
    this.#words[at + 1] = idLow;
    this.#words[at + 2] = hashA;
    this.#words[at + 3] = hashB;
    this.#services.push(service);
    this.spans += 1;
    if (this.#byId !== undefined) push(this.#byId, idLow, this.spans - 1);
    else if (this.spans > 32) {
      this.#byId = new Map();
      for (let n = 0; n < this.spans; n += 1) push(this.#byId, this.#words[n * stride + 1] as number, n);
    }
  }

  /** The first that came of those with the id. */
  #serviceOf(high: number, low: number): string | undefined {
    const words = this.#words;
    if (this.#byId !== undefined) {
      const found = this.#byId.get(low)?.find((n) => words[n * stride] === high);
      return found === undefined ? undefined : this.#services[found];
    }
    for (let n = 0; n < this.spans; n += 1) {
      if (words[n * stride + 1] === low && words[n * stride] === high) return this.#services[n];
    }
    return undefined;
  }

  #findParent({ parent, service, startNs }: SpanFacts, onCall: OnCall): void {
    if (parent === undefined) return;
    const parentService = this.#serviceOf(parent.high, parent.low);
    if (parentService !== undefined) onCall(parentService, service, startNs);
    else {
      this.#waiting ??= new Map();
      push(this.#waiting, parent.low, { parentHigh: parent.high, service, startNs });
    }
  }

  #answerChildren({ idHigh, idLow, service }: SpanFacts, onCall: OnCall): void {
    const candidates = this.#waiting?.get(idLow);
    if (candidates === undefined) return;
    const still = candidates.filter((child) => {
      if (child.parentHigh !== idHigh) return true;
      onCall(service, child.service, child.startNs);
      return false;
    });
    if (still.length > 0) this.#waiting?.set(idLow, still);
    else this.#waiting?.delete(idLow);
  }
}

function push<T>(map: Map<number, T[]>, key: number, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
