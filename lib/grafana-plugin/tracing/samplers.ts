import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { RateLimitingSampler } from './rate-limiting-sampler.ts';
import { RemoteSampler } from './remote-sampler.ts';
import type { SamplerSettings } from './settings.ts';

export interface SamplerHost {
  /** By which the sampling server knows the plugin: its id. */
  readonly serviceName: string;
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** For traces that begin here; and what stops it where it does something by itself. */
export interface RootSampler {
  readonly sampler: Sampler;
  stop(): void;
}

export function rootSampler(settings: SamplerSettings, host: SamplerHost): RootSampler {
  if (settings.type === 'remote') {
    const sampler = new RemoteSampler({ ...host, ...settings });
    sampler.start();
    return { sampler, stop: () => sampler.stop() };
  }
  return { sampler: localSampler(settings), stop() {} };
}

function localSampler(settings: Exclude<SamplerSettings, { type: 'remote' }>): Sampler {
  switch (settings.type) {
    case 'const':
      return settings.sampled ? new AlwaysOnSampler() : new AlwaysOffSampler();
    case 'probabilistic':
      return new TraceIdRatioBasedSampler(settings.ratio);
    case 'rateLimiting':
      return new RateLimitingSampler(settings.tracesPerSecond);
  }
}
