import type { Attributes } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';

/** As many traces per second as it is told, and one at once where that is less than one. */
export class RateLimitingSampler implements Sampler {
  readonly #perSecond: number;
  readonly #capacity: number;
  readonly #sampled: SamplingResult;
  readonly #nowMs: () => number;
  #balance: number;
  #lastMs: number;

  constructor(
    tracesPerSecond: number,
    { attributes, nowMs = () => performance.now() }: { attributes?: Attributes; nowMs?: () => number } = {},
  ) {
    this.#perSecond = tracesPerSecond;
    this.#capacity = Math.max(tracesPerSecond, 1);
    this.#balance = this.#capacity;
    this.#nowMs = nowMs;
    this.#lastMs = nowMs();
    this.#sampled = { decision: SamplingDecision.RECORD_AND_SAMPLED, ...(attributes && { attributes }) };
  }

  shouldSample(): SamplingResult {
    const now = this.#nowMs();
    const earned = ((now - this.#lastMs) / 1000) * this.#perSecond;
    this.#lastMs = now;
    this.#balance = Math.min(this.#balance + earned, this.#capacity);
    if (this.#balance < 1) return { decision: SamplingDecision.NOT_RECORD };
    this.#balance -= 1;
    return this.#sampled;
  }

  toString(): string {
    return `RateLimitingSampler{${this.#perSecond}}`;
  }
}
