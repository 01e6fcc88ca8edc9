import * as z from 'zod';
import { type Config, lazily } from '#lib/juju';
import { datasourceTypes, pluginId } from '#src/exchange';
import { certificatesProblem } from './certificates.ts';

// Grafana refuses longer URLs.
const limit = 255;
const noUrl = `expected an http or https URL of at most ${limit} characters`;
const httpUrl = z.url({ protocol: /^https?$/, error: noUrl }).max(limit);
/** Of a gateway, besides where its Grafana is and how it is let in: without them it is one as well. */
const gatewayOptions = ['grafana-uid', 'grafana-ca', 'grafana-correlations'] as const;
const placeholders = ['unit', 'app', 'model', 'address'] as const;

const Options = lazily(() =>
  z.object({
    'grafana-url': httpUrl.optional(),
    'grafana-token': z.string().trim().optional(),
    'grafana-uid': z
      .string()
      .trim()
      .regex(/^[^\p{Cc}]{1,255}$/u, 'expected 1 to 255 characters on one line')
      .optional(),
    'grafana-ca': z
      .string()
      .superRefine((pem, context) => {
        const message = certificatesProblem(pem);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .optional(),
    'grafana-correlations': z.boolean().optional(),
    'datasource-type': z
      .string()
      .trim()
      .refine((type) => pluginId(type) !== undefined, `expected one of ${datasourceTypes.join(', ')}`)
      .optional(),
    // Values that come from a file end in a newline.
    'datasource-url': z
      .string()
      .trim()
      .refine(hasKnownPlaceholders, {
        error: `only {${placeholders.join('}, {')}} can stand in braces`,
        abort: true,
      })
      .refine(isUrlWhenFilledIn, noUrl)
      .optional(),
    'secure-json-data': z.string().trim().optional(),
  }),
);

/** The operator's config, read. */
export interface CharmConfig {
  /** Present when this application is to be a gateway. */
  readonly gateway: {
    readonly url: string;
    readonly credentials: string;
    readonly uid?: string;
    /** Certificates in PEM, to be trusted besides those that are anyway. */
    readonly ca?: string;
    /** Make what the Correlations API can add to `jsonData`. */
    readonly correlations: boolean;
  } | null;
  /** Present when this application is to be a datasource. `type` is the Grafana plugin id. */
  readonly datasource: { readonly type: string; readonly urlTemplate: string } | null;
  /** URI of a secret that the datasource needs to be used; null for none. */
  readonly secureJsonData: string | null;
  /** What is wrong, as lines for `juju status`, each with the name of its option. */
  readonly problems: readonly string[];
}

/** Reads what `config-get` gave. Bad values become problems, never errors; the role that they concern is absent. */
export function readConfig(config: Config): CharmConfig {
  // An option set to '' is one that the operator emptied.
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => String(value).trim() !== ''));
  const result = Options().safeParse(given);
  const problems = result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const valid = result.success ? result : Options().safeParse(withoutBad(given, result.error));
  const options = valid.data ?? {};
  const bad = new Set(result.error?.issues.map(({ path }) => path[0]));

  let gateway: CharmConfig['gateway'] = null;
  const { 'grafana-url': url, 'grafana-token': credentials, 'grafana-uid': uid, 'grafana-ca': ca } = options;
  if (url !== undefined && credentials === undefined) {
    problems.push('grafana-token: set it to a secret with a token, since grafana-url is set');
  } else if (url !== undefined && credentials !== undefined && !gatewayOptions.some((one) => bad.has(one))) {
    gateway = {
      url: url.replace(/\/+$/, ''),
      credentials,
      ...(uid !== undefined && { uid }),
      ...(ca !== undefined && { ca }),
      correlations: options['grafana-correlations'] ?? false,
    };
  }

  let datasource: CharmConfig['datasource'] = null;
  const { 'datasource-type': type, 'datasource-url': urlTemplate } = options;
  if (type !== undefined && urlTemplate !== undefined) {
    datasource = { type: pluginId(type) ?? type, urlTemplate };
  } else if (type !== undefined && !bad.has('datasource-url')) {
    problems.push('datasource-url: set it too, since datasource-type is set');
  } else if (urlTemplate !== undefined && !bad.has('datasource-type')) {
    problems.push('datasource-type: set it too, since datasource-url is set');
  }
  return { gateway, datasource, secureJsonData: options['secure-json-data'] ?? null, problems };
}

function withoutBad(given: Record<string, unknown>, error: z.ZodError | undefined): Record<string, unknown> {
  const bad = new Set(error?.issues.map(({ path }) => path[0]));
  return Object.fromEntries(Object.entries(given).filter(([key]) => !bad.has(key)));
}

/** What stands for the placeholders of `datasource-url`. */
export interface UrlValues {
  readonly unit: number;
  readonly app: string;
  readonly model: string;
  readonly address: string;
}

/** @returns the URL with every placeholder filled in; an IPv6 address in the brackets that URLs want */
export function fillIn(urlTemplate: string, values: UrlValues): string {
  const address = values.address.includes(':') ? `[${values.address}]` : values.address;
  const texts = new Map(Object.entries({ ...values, address, unit: String(values.unit) }));
  return urlTemplate.replace(/\{([^{}]*)\}/g, (whole, name: string) => texts.get(name) ?? whole);
}

/** Whether units differ in it: then each of them is a datasource of its own. */
export function isPerUnit(urlTemplate: string): boolean {
  return urlTemplate.includes('{unit}') || needsAddress(urlTemplate);
}

export function needsAddress(urlTemplate: string): boolean {
  return urlTemplate.includes('{address}');
}

function hasKnownPlaceholders(urlTemplate: string): boolean {
  const known: ReadonlySet<string> = new Set(placeholders);
  const rest = urlTemplate.replace(/\{([^{}]*)\}/g, (whole, name: string) => (known.has(name) ? '' : whole));
  return !/[{}]/.test(rest);
}

function isUrlWhenFilledIn(urlTemplate: string): boolean {
  const example = fillIn(urlTemplate, { unit: 0, app: 'app', model: 'model', address: '10.0.0.1' });
  // The parser would skip line breaks; peers don't.
  return httpUrl.safeParse(example).success && !/\p{Cc}/u.test(example);
}
