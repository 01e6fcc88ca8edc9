import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import {
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import * as z from 'zod';
import { messageOf } from '../errors.ts';
import { RateLimitingSampler } from './rate-limiting-sampler.ts';

const Probabilistic = z.object({ samplingRate: z.number().min(0).max(1).default(0) });
const RateLimiting = z.object({ maxTracesPerSecond: z.number().min(0).default(0) });
const Operations = z.object({
  defaultSamplingProbability: z.number().min(0).max(1).default(0),
  defaultLowerBoundTracesPerSecond: z.number().min(0).default(0),
  perOperationStrategies: z
    .array(z.object({ operation: z.string(), probabilisticSampling: Probabilistic }))
    .max(10_000)
    .nullish(),
});

/**
 * What a sampling server answers. Protobuf's JSON leaves zeros out; what stands in `strategyType` follows from the
 * rest, and is a name or, of old servers, a number.
 * @see jaegertracing/jaeger-idl: proto/api_v2/sampling.proto
 */
const Strategy = z.object({
  operationSampling: Operations.nullish(),
  probabilisticSampling: Probabilistic.nullish(),
  rateLimitingSampling: RateLimiting.nullish(),
});

const refreshMs = 60_000;
const timeoutMs = 5_000;
const answerLimit = 4 * 1024 * 1024;
/** Operations with a lower bound of their own; the rest goes by the default probability. */
const mostOperations = 256;

export interface RemoteSamplerOptions {
  readonly url: string;
  readonly serviceName: string;
  /** Until the server has answered for the first time. */
  readonly initialRatio: number;
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Asks a Jaeger sampling server, each minute, which traces it wants. A server that fails changes nothing. */
export class RemoteSampler implements Sampler {
  readonly #options: RemoteSamplerOptions;
  readonly #stopped = new AbortController();
  #sampler: Sampler;
  #timer: NodeJS.Timeout | undefined;
  #failing = false;

  constructor(options: RemoteSamplerOptions) {
    this.#options = options;
    this.#sampler = new TraceIdRatioBasedSampler(options.initialRatio);
  }

  start(): void {
    this.#timer = setInterval(() => void this.refresh(), refreshMs).unref();
    void this.refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopped.abort();
  }

  /** Never rejects. */
  async refresh(): Promise<void> {
    try {
      this.#sampler = samplerFor(await this.#ask());
      this.#failing = false;
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      // Once, not each minute for as long as it lasts.
      if (!this.#failing) {
        this.#options.warn('cannot get the sampling strategy, and goes on with the last one', {
          error: messageOf(error),
        });
      }
      this.#failing = true;
    }
  }

  async #ask(): Promise<z.infer<typeof Strategy>> {
    const url = new URL(this.#options.url);
    url.searchParams.set('service', this.#options.serviceName);
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(timeoutMs)]);
    const response = await fetch(url, { signal });
    const text = await response.text();
    if (!response.ok) throw new Error(`the sampling server answered ${response.status}`);
    if (text.length > answerLimit)
      throw new Error(`the sampling server answered with ${text.length} characters`);
    const strategy = Strategy.safeParse(parsed(text));
    if (strategy.success) return strategy.data;
    throw new Error(`the sampling server answered no strategy: ${z.prettifyError(strategy.error)}`);
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    return this.#sampler.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `RemoteSampler{${this.#sampler}}`;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The most particular of those that it names, as Jaeger's own clients choose. */
function samplerFor(strategy: z.infer<typeof Strategy>): Sampler {
  const { operationSampling, probabilisticSampling, rateLimitingSampling } = strategy;
  if (operationSampling) return new PerOperationSampler(operationSampling);
  if (probabilisticSampling) return probabilistic(probabilisticSampling.samplingRate);
  if (rateLimitingSampling) return rateLimiting(rateLimitingSampling.maxTracesPerSecond);
  throw new Error('the sampling server answered with no strategy that is known here');
}

/** Says in each trace that it began, why it did: who reads the trace can tell how many there were like it. */
function probabilistic(ratio: number): Sampler {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  const attributes = { 'jaeger.sampler.type': 'probabilistic', 'jaeger.sampler.param': ratio };
  return {
    shouldSample(context, traceId) {
      const result = sampler.shouldSample(context, traceId);
      return result.decision === SamplingDecision.NOT_RECORD ? result : { ...result, attributes };
    },
    toString: () => String(sampler),
  };
}

function rateLimiting(tracesPerSecond: number): Sampler {
  return new RateLimitingSampler(tracesPerSecond, {
    attributes: { 'jaeger.sampler.type': 'ratelimiting', 'jaeger.sampler.param': tracesPerSecond },
  });
}

/** By the name of the first span: with its own probability, and at least so many a second that none is never seen. */
class PerOperationSampler implements Sampler {
  readonly #byOperation = new Map<string, { readonly ratio: Sampler; readonly atLeast: Sampler }>();
  readonly #default: Sampler;
  readonly #lowerBound: number;

  constructor(operations: z.infer<typeof Operations>) {
    this.#default = probabilistic(operations.defaultSamplingProbability);
    this.#lowerBound = operations.defaultLowerBoundTracesPerSecond;
    for (const { operation, probabilisticSampling } of operations.perOperationStrategies ?? []) {
      this.#add(operation, probabilistic(probabilisticSampling.samplingRate));
    }
  }

  #add(operation: string, ratio: Sampler) {
    const samplers = { ratio, atLeast: rateLimiting(this.#lowerBound) };
    this.#byOperation.set(operation, samplers);
    return samplers;
  }

  shouldSample(...args: Parameters<Sampler['shouldSample']>): SamplingResult {
    const [, , name] = args;
    let samplers = this.#byOperation.get(name);
    if (samplers === undefined) {
      if (this.#byOperation.size >= mostOperations) return this.#default.shouldSample(...args);
      samplers = this.#add(name, this.#default);
    }
    const byRatio = samplers.ratio.shouldSample(...args);
    // Asked also where the ratio has said yes, so that the lower bound counts that trace too.
    const byBound = samplers.atLeast.shouldSample(...args);
    return byRatio.decision === SamplingDecision.NOT_RECORD ? byBound : byRatio;
  }

  toString(): string {
    return `PerOperationSampler{${this.#byOperation.size}}`;
  }
}
