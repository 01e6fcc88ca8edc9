import * as z from 'zod';
import { lazily } from '#lib/juju';
import {
  type AppChoice,
  allKinds,
  defaultPreferences,
  type Preferences,
  type Signal,
  signals,
} from '#src/exchange';
import { markerKey } from '#src/grafana/provisioner';
import { readObject } from './yaml-option.ts';

/** What the operator wants of a datasource's links, and what is wrong with it, as lines for `juju status`. */
export interface ReadPreferences {
  readonly preferences: Preferences;
  readonly problems: readonly string[];
}

// What may be an application's name, those that Juju makes up for other models' included.
const appName = /^[a-z][a-z0-9-]*$/;
const Schemas = lazily(() => {
  const duration = z.string().regex(/^-?\d+(ms|[smhdw])$/, 'expected a duration such as 5m or -1h');
  const tags = z.array(z.strictObject({ key: z.string().min(1), value: z.string().exactOptional() }));
  const shifts = {
    spanStartTimeShift: duration.exactOptional(),
    spanEndTimeShift: duration.exactOptional(),
  };
  return {
    tracesToLogs: z.strictObject({
      tags: tags.exactOptional(),
      query: z.string().min(1).exactOptional(),
      filterByTraceID: z.boolean().exactOptional(),
      filterBySpanID: z.boolean().exactOptional(),
      ...shifts,
    }),
    tracesToMetrics: z.strictObject({
      tags: tags.exactOptional(),
      queries: z
        .array(z.strictObject({ name: z.string().min(1).exactOptional(), query: z.string().min(1) }))
        .min(1)
        .exactOptional(),
      ...shifts,
    }),
    jsonData: z
      .record(z.string(), z.unknown())
      // z.json() would tell of the outermost key alone.
      .superRefine((data, context) => {
        const path = pathOfNoJson(data);
        if (path !== undefined) context.addIssue({ code: 'custom', path, message: 'JSON has no such value' });
      })
      .refine((data) => !Object.hasOwn(data, markerKey), {
        error: `may not set ${markerKey}, which marks what a gateway made`,
      }) as z.ZodType<Preferences['jsonData']>,
  };
});

/** YAML has values that JSON lacks: `.inf`, dates. @returns where the first of them is */
function pathOfNoJson(value: unknown): (string | number)[] | undefined {
  if (typeof value !== 'object' || value === null) return z.json().safeParse(value).success ? undefined : [];
  const isPlain = Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]';
  if (!isPlain) return [];
  for (const [key, member] of Object.entries(value)) {
    const path = pathOfNoJson(member);
    if (path !== undefined) return [Array.isArray(value) ? Number(key) : key, ...path];
  }
  return undefined;
}

/**
 * Reads the options that shape the links. One that is bad is a problem, and counts as if it were not set.
 * @param options - what `config-get` gave, without what is empty
 */
export async function readPreferences(options: Readonly<Record<string, unknown>>): Promise<ReadPreferences> {
  const problems: string[] = [];
  const text = (name: string) => (typeof options[name] === 'string' ? options[name].trim() : '');
  const object = async <T>(name: string, schema: () => z.ZodType<T>, byDefault: T): Promise<T> => {
    if (text(name) === '') return byDefault;
    const read = await readObject(name, text(name), schema());
    if ('value' in read) return read.value;
    problems.push(...read.problems);
    return byDefault;
  };
  const apps = signals.map((signal): [Signal, AppChoice] => {
    return [signal, readApps(`${signal}-app`, text(`${signal}-app`), problems)];
  });
  const preferences: Preferences = {
    kinds: readKinds(text('correlations'), problems),
    apps: { ...defaultPreferences.apps, ...Object.fromEntries(apps) },
    tracesToLogs: await object('traces-to-logs', () => Schemas().tracesToLogs, {}),
    tracesToMetrics: await object('traces-to-metrics', () => Schemas().tracesToMetrics, {}),
    jsonData: await object('json-data', () => Schemas().jsonData, {}),
  };
  return { preferences, problems };
}

/** `all`, `none`, or kinds with commas or spaces between them. */
function readKinds(text: string, problems: string[]): Preferences['kinds'] {
  if (text === '' || text === 'all') return allKinds;
  if (text === 'none') return [];
  const words = wordsOf(text);
  const unknown = words.filter((word) => !allKinds.some((kind) => kind === word));
  if (unknown.length === 0) return allKinds.filter((kind) => words.includes(kind));
  problems.push(`correlations: no such kind: ${unknown.join(', ')}; there are ${allKinds.join(', ')}`);
  return allKinds;
}

/** Application names with commas or spaces between them; `*` stands for any other. */
function readApps(option: string, text: string, problems: string[]): AppChoice {
  if (text === '') return { apps: [], others: true };
  const words = wordsOf(text);
  const bad = words.find((word) => word !== '*' && !appName.test(word));
  if (bad === undefined) {
    return { apps: [...new Set(words.filter((word) => word !== '*'))], others: words.includes('*') };
  }
  problems.push(`${option}: '${bad}' is no application name`);
  return { apps: [], others: true };
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
