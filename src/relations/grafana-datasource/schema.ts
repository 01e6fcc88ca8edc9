import * as z from 'zod';
import { json, lazily, secretIdOf } from '#lib/juju';
import type { Json } from '../python-json.ts';

// Names and UIDs go into other people's databags and into Grafana: bounded, and no control characters.
const text = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}]+$/u, 'has control characters');

// An object or null by what every charm sends; the published schema asks for a JSON string instead. Take all.
const fields = lazily(() => {
  const object: z.ZodType<{ readonly [key: string]: Json }> = z.record(z.string(), z.json());
  return (
    z
      .union([z.null(), object, json.pipe(z.union([z.null(), object]))])
      .optional()
      // What works through it later on is recursive.
      .refine((value) => !isDeeperThan(maxDepth, value), 'nested too deep')
      .transform((value) => value ?? null)
  );
});

const maxDepth = 100;

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(depth - 1, member));
}

const secureFields = lazily(() => {
  const object = z.record(z.string(), z.string());
  return z
    .union([z.null(), object, json.pipe(z.union([z.null(), object]))])
    .optional()
    .transform((value) => value ?? null);
});

/** `grafana_source_data`: what a datasource application says of itself. `null` and `{}` are Python's for nothing. */
const sourceData = lazily(() =>
  json.pipe(
    z.preprocess(
      emptyAsNull,
      z
        .object({
          model: text,
          model_uuid: text,
          application: text,
          type: text,
          extra_fields: fields(),
          secure_extra_fields: secureFields(),
        })
        .nullable(),
    ),
  ),
);

function emptyAsNull(value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.keys(value).length === 0 ? null : value;
}

// In whatever form Juju has for it; without a model's UUID the secret is of the reader's own model.
const secretUri = z.string().refine((uri) => secretIdOf(uri) !== undefined, "expected a secret's URI");

/** Written by the datasource application. Every key may be absent: a fresh peer has written nothing yet. */
export const SourceKeys = {
  get grafana_source_data() {
    return sourceData();
  },
  grafana_source_host: z.string(),
  /** Ours: the secret that holds more of `secureJsonData`, which this databag would show to all. */
  grafana_source_secret: secretUri,
} as const;

/** Of one unit. UIDs go on to exchange peers, who refuse longer ones. An empty one is none. */
export const AssignedUid = z.union([z.literal(''), text]);

/** Written by Grafana. */
export const AnswerKeys = {
  grafana_uid: text,
  datasource_uids: json.pipe(z.record(z.string(), z.unknown())),
  app_datasource_uid: text,
  grafana_base_url: z.string(),
  /** Ours: the source's secret, once Grafana has what is in it. */
  grafana_source_secret: secretUri,
} as const;
