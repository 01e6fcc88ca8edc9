import * as z from 'zod';

const text = z.string();
const flag = z.boolean();
const kinds = ['app', 'datasource', 'panel'] as const;

const id = text.regex(
  /^[0-9a-z]+-([0-9a-z]+-)?(app|panel|datasource)$/,
  "is no plugin id: it takes lower case letters and digits, as in 'myorg-weather-datasource', and ends with the type",
);
const url = z.url({ protocol: /^https?$/, error: 'is no URL that begins with http:// or https://' });
const nonEmpty = text.min(1, 'is empty');

const Info = z.strictObject({
  author: z
    .strictObject({ name: text, email: z.email('is no e-mail address'), url })
    .partial()
    .optional(),
  build: z
    .strictObject({
      time: z.number(),
      repo: text,
      branch: text,
      hash: text,
      number: z.number(),
      pr: z.number(),
      build: z.number(),
    })
    .partial()
    .optional(),
  description: text.optional(),
  keywords: z.array(text).min(1, 'needs at least one word to be found by'),
  links: z.array(z.strictObject({ name: text, url }).partial()).optional(),
  /** SVG images, from the plugin's folder. */
  logos: z.strictObject({ small: nonEmpty, large: nonEmpty }),
  screenshots: z.array(z.strictObject({ name: text, path: text }).partial()).optional(),
  updated: text.regex(
    /^\d{4}-\d{2}-\d{2}$/,
    "is no day as in '2026-03-01'; '%TODAY%' stands for that of the build",
  ),
  version: text.regex(
    /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:[-+][0-9A-Za-z.+-]+)?$/,
    "is no version as in '1.2.3'; '%VERSION%' stands for that of package.json",
  ),
});

const range = /^(?:<=|>=|<|>|=|~|\^)?\d+(?:\.[0-9x*]+){1,2}(?:-[0-9A-Za-z.-]+)?$/;
const Dependencies = z.strictObject({
  grafanaDependency: text.refine(
    (value) => value.split(/\s+(?:\|\|\s+)?/).every((part) => range.test(part)),
    "is no range of versions as in '>=10.4.0'",
  ),
  grafanaVersion: text.optional(),
  plugins: z
    .array(z.strictObject({ id, type: z.enum(kinds), name: text, version: text.optional() }))
    .optional(),
  extensions: z.strictObject({ exposedComponents: z.array(text).optional() }).optional(),
});

const Permissions = z.array(z.strictObject({ action: text, scope: text }).partial());
const Token = z
  .strictObject({ url: text, scopes: z.array(text), params: z.record(z.string(), z.unknown()) })
  .partial();

const Route = z
  .strictObject({
    path: text,
    method: text,
    url: text,
    reqSignedIn: flag,
    reqRole: text,
    reqAction: text,
    headers: z.array(z.unknown()),
    body: z.record(z.string(), z.unknown()),
    tokenAuth: Token,
    jwtTokenAuth: Token,
    urlParams: z.array(z.strictObject({ name: text, content: text }).partial()),
  })
  .partial();

const Include = z
  .strictObject({
    uid: text,
    type: z.enum(['dashboard', 'page', 'panel', 'datasource']),
    name: text,
    component: text,
    role: z.enum(['Admin', 'Editor', 'Viewer']),
    action: text,
    path: text,
    addToNav: flag,
    defaultNav: flag,
    icon: text,
  })
  .partial();

const Target = z.strictObject({
  targets: z.union([text, z.array(text)]),
  title: text,
  description: text.optional(),
});
const Offered = z.strictObject({ id: text, title: text.optional(), description: text.optional() });

/**
 * plugin.json, as Grafana reads it: a key that it does not know is an error there too. Only what Grafana itself calls
 * internal to its own plugins (`builtIn`, `hideFromList`) is left out.
 * @see grafana/grafana: docs/sources/developers/plugins/plugin.schema.json
 */
export const PluginJson = z
  .strictObject({
    $schema: text.optional(),
    id,
    type: z.enum(kinds),
    name: nonEmpty,
    info: Info,
    dependencies: Dependencies,
    alerting: flag.optional(),
    annotations: flag.optional(),
    autoEnabled: flag.optional(),
    backend: flag.optional(),
    buildMode: text.optional(),
    category: z
      .enum(['tsdb', 'logging', 'cloud', 'tracing', 'profiling', 'sql', 'enterprise', 'iot', 'other'])
      .optional(),
    enterpriseFeatures: z.looseObject({ healthDiagnosticsErrors: flag.optional() }).optional(),
    executable: text
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
        "is no name of a file: it stands beside plugin.json, so that it has no folder, and is called as in 'gpx_weather'",
      )
      .optional(),
    extensions: z
      .strictObject({
        addedComponents: z.array(Target),
        addedLinks: z.array(Target),
        addedFunctions: z.array(Target),
        exposedComponents: z.array(Offered),
        extensionPoints: z.array(Offered),
      })
      .partial()
      .optional(),
    iam: z.strictObject({ permissions: Permissions.optional() }).optional(),
    includes: z.array(Include).optional(),
    languages: z.array(text).optional(),
    logs: flag.optional(),
    metrics: flag.optional(),
    multiValueFilterOperators: flag.optional(),
    pascalName: text.regex(/^[A-Z][a-zA-Z]{1,62}$/, "is no name as in 'MyWeather'").optional(),
    preload: flag.optional(),
    queryOptions: z
      .strictObject({ maxDataPoints: flag, minInterval: flag, cacheTimeout: flag })
      .partial()
      .optional(),
    roles: z
      .array(
        z
          .strictObject({
            role: z.strictObject({ name: text, description: text, permissions: Permissions }).partial(),
            grants: z.array(text),
          })
          .partial(),
      )
      .optional(),
    routes: z.array(Route).optional(),
    skipDataQuery: flag.optional(),
    state: z.enum(['alpha', 'beta']).optional(),
    streaming: flag.optional(),
    tracing: flag.optional(),
  })
  .check(({ value, issues }) => {
    const wrong = (key: string, message: string) => {
      issues.push({ code: 'custom', input: value, path: [key], message });
    };
    if (!value.id.endsWith(`-${value.type}`))
      wrong('id', `has to end with '-${value.type}', the plugin's type`);
    if (value.backend && value.executable === undefined) {
      wrong(
        'executable',
        `is missing, and a plugin with a backend needs it; for instance 'gpx_${nameOf(value.id)}'`,
      );
    }
    if (value.executable !== undefined && !value.backend) {
      wrong('backend', "has to be true, or Grafana never starts the 'executable'");
    }
    const [, plain] =
      /^(.+)_(?:linux|darwin|windows)_(?:amd64|arm64|arm|386)(?:\.exe)?$/.exec(value.executable ?? '') ?? [];
    if (plain !== undefined) {
      wrong('executable', `is without the system and the processor, which Grafana adds to it: '${plain}'`);
    }
    if (value.alerting && !value.backend)
      wrong('alerting', "works with a backend only: set 'backend' to true too");
    if (value.backend && value.type === 'panel')
      wrong('backend', 'is not for panels: Grafana starts none for them');
  });
export type PluginJson = z.infer<typeof PluginJson>;

/** `myorg-weather-datasource` to `weather`. */
function nameOf(pluginId: string): string {
  return pluginId.split('-').at(-2) ?? pluginId;
}
