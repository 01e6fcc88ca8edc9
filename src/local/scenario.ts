import * as z from 'zod';
import { apiKinds, linkKinds, reasonCodes } from '#src/exchange';

const appName = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/,
    'expected an application name such as tempo or my-loki',
  );
const unitName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\/(0|[1-9][0-9]*)$/, 'expected a unit name such as tempo/0');
const endpoint = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]*(:[a-z][a-z0-9_-]*)?$/,
    'expected application:endpoint, such as tempo:grafana-source',
  );
const pair = z.tuple(
  [endpoint, endpoint],
  'expected two endpoints: [tempo:grafana-source, grafana:datasources]',
);
const optionValue = z.union([z.string(), z.number(), z.boolean()]);
const options = z.record(z.string(), optionValue);

const Grafana = z.strictObject({
  /** Which version of Grafana to behave like. */
  version: z.string().optional(),
  /** Datasources that somebody made before: crosslink must leave them alone. */
  datasources: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.string(),
        uid: z.string().optional(),
        url: z.string().optional(),
        readOnly: z.boolean().optional(),
      }),
    )
    .default([]),
});

const Application = z.strictObject({
  /** Folder of the charm; crosslink itself where there is none. */
  charm: z.string().optional(),
  units: z.number().int().min(1).max(100).default(1),
  /** Name of a Grafana above: makes this application its gateway, URL and credentials included. */
  'gateway-of': z.string().optional(),
  config: options.default({}),
});

const actions = {
  deploy: z.record(appName, Application),
  relate: pair,
  unrelate: pair,
  'add-unit': z.strictObject({ app: appName, count: z.number().int().min(1).max(100).default(1) }),
  'remove-unit': unitName,
  'remove-application': appName,
  config: z.strictObject({ app: appName, set: z.record(z.string(), optionValue.nullable()) }),
  leader: unitName,
  refresh: appName,
} as const;

/** One thing that is done to a model once it has settled. */
const Step = z
  .strictObject(actions)
  .partial()
  .refine(
    (step) => Object.keys(step).length === 1,
    `expected exactly one of ${Object.keys(actions).join(', ')}`,
  );
export type Step = z.infer<typeof Step>;

const ExpectedLink = z.strictObject({
  /** Name of a Grafana above; null for a link that is in none. */
  in: z.string().nullable(),
  from: appName,
  kind: z.enum(linkKinds),
  /**
   * Application that each of `from`'s datasources links to in that Grafana, or all of them where Grafana has room for
   * several; null: to none.
   */
  to: z.union([appName, z.array(appName).min(1)]).nullable(),
  /** Where there is no link: a reason that must be among those given. */
  because: z.enum(reasonCodes).optional(),
});
export type ExpectedLink = z.infer<typeof ExpectedLink>;

const ExpectedCorrelation = z.strictObject({
  /** Name of a Grafana above. */
  in: z.string(),
  from: appName,
  kind: z.enum(apiKinds),
  /** Application that each of `from`'s datasources leads to, or all of them. */
  to: z.union([appName, z.array(appName).min(1)]),
});

const Expect = z.strictObject({
  /** How many datasources there are in each Grafana, those made before included. */
  datasources: z.record(z.string(), z.number().int().min(0)).default({}),
  links: z.array(ExpectedLink).default([]),
  /** What gateways made with the Correlations API, all of it; absent: whatever it is. */
  correlations: z.array(ExpectedCorrelation).optional(),
  /** Status of each unit of an application. */
  status: z
    .record(appName, z.enum(['active', 'waiting', 'blocked', 'maintenance', 'unknown', 'error']))
    .default({}),
});

/** A world that `crosslink up` can run. */
export const Scenario = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and hyphens'),
    description: z.string().optional(),
    grafanas: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), Grafana).default({}),
    applications: z.record(appName, Application),
    /** Made in this order, before anything has settled. */
    relations: z.array(pair).default([]),
    /** Done one after the other, each when the model has settled. */
    steps: z.array(Step).default([]),
    expect: Expect.prefault({}),
  })
  .superRefine((scenario, context) => {
    const known = Object.keys(scenario.grafanas);
    const check = (name: string, path: PropertyKey[]) => {
      if (known.includes(name)) return;
      const message = `there is no Grafana '${name}' under grafanas (${known.join(', ') || 'none'})`;
      context.addIssue({ code: 'custom', path, message });
    };
    const checkGateways = (applications: Record<string, ScenarioApplication>, path: PropertyKey[]) => {
      for (const [app, { 'gateway-of': grafana }] of Object.entries(applications)) {
        if (grafana !== undefined) check(grafana, [...path, app, 'gateway-of']);
      }
    };
    checkGateways(scenario.applications, ['applications']);
    for (const [i, step] of scenario.steps.entries())
      checkGateways(step.deploy ?? {}, ['steps', i, 'deploy']);
    for (const name of Object.keys(scenario.expect.datasources)) check(name, ['expect', 'datasources', name]);
    for (const [i, { in: name }] of (scenario.expect.correlations ?? []).entries())
      check(name, ['expect', 'correlations', i, 'in']);
    for (const [i, link] of scenario.expect.links.entries()) {
      if (link.in !== null) check(link.in, ['expect', 'links', i, 'in']);
    }
  });
export type Scenario = z.infer<typeof Scenario>;
export type ScenarioApplication = z.infer<typeof Application>;
