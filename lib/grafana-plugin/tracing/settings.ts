/** Formats in which a trace travels from process to process. */
export type Propagation = 'w3c' | 'jaeger';

/** Which traces that begin here are recorded. Those that began elsewhere are, if they are there. */
export type SamplerSettings =
  | { readonly type: 'const'; readonly sampled: boolean }
  | { readonly type: 'probabilistic'; readonly ratio: number }
  | { readonly type: 'rateLimiting'; readonly tracesPerSecond: number }
  | { readonly type: 'remote'; readonly url: string; readonly initialRatio: number };

export interface TracingSettings {
  /** `host:port` of an OTLP receiver that speaks gRPC without TLS. */
  readonly address: string;
  readonly propagation: readonly Propagation[];
  readonly sampler: SamplerSettings;
}

const names = {
  address: 'GF_INSTANCE_OTLP_ADDRESS',
  propagation: 'GF_INSTANCE_OTLP_PROPAGATION',
  samplerType: 'GF_INSTANCE_OTLP_SAMPLER_TYPE',
  samplerParam: 'GF_INSTANCE_OTLP_SAMPLER_PARAM',
  samplerUrl: 'GF_INSTANCE_OTLP_SAMPLER_REMOTE_URL',
} as const;

/** Whether Grafana wants traces of this process. Cheap: looks at one variable and loads nothing. */
export function tracingRequested(env: NodeJS.ProcessEnv): boolean {
  return (env[names.address] ?? '') !== '';
}

/**
 * @throws {Error} for a propagation or a sampler that nobody knows: spans that go nowhere, or belong to no trace, would
 *   be noticed much later than a plugin that does not start
 * @see grafana/grafana-plugin-sdk-go: internal/tracerprovider/
 */
export function readTracingSettings(env: NodeJS.ProcessEnv): TracingSettings {
  return { address: env[names.address] ?? '', propagation: readPropagation(env), sampler: readSampler(env) };
}

function readPropagation(env: NodeJS.ProcessEnv): readonly Propagation[] {
  const wanted = (env[names.propagation] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const formats = wanted.map((name) => {
    if (name === 'w3c' || name === 'jaeger') return name;
    throw new Error(
      `${names.propagation} names '${name}', which is no propagation: use w3c, jaeger or w3c,jaeger`,
    );
  });
  return formats.length === 0 ? ['w3c'] : [...new Set(formats)];
}

function readSampler(env: NodeJS.ProcessEnv): SamplerSettings {
  const type = env[names.samplerType] ?? '';
  const param = readParam(env[names.samplerParam]);
  switch (type) {
    case '':
    case 'const':
      if (param > 0 && param < 1) {
        throw new Error(
          `${names.samplerParam} is ${param}: for a constant sampler use 1 (all traces) or 0 (none)`,
        );
      }
      return { type: 'const', sampled: param >= 1 };
    case 'probabilistic':
      return { type: 'probabilistic', ratio: ratio(param) };
    case 'rateLimiting':
      return { type: 'rateLimiting', tracesPerSecond: Math.max(param, 0) };
    case 'remote':
      return { type: 'remote', url: readUrl(env[names.samplerUrl]), initialRatio: ratio(param) };
    default:
      throw new Error(
        `${names.samplerType} is '${type}', which is no sampler: use const, probabilistic, rateLimiting or remote`,
      );
  }
}

/** What is no number counts as 1, as in Go's SDK: hosts before 10.x send none. */
function readParam(text = ''): number {
  const param = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(param) ? param : 1;
}

function ratio(param: number): number {
  return Math.min(Math.max(param, 0), 1);
}

function readUrl(text = ''): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  throw new Error(`${names.samplerUrl} is no http URL, and the remote sampler needs one`);
}
