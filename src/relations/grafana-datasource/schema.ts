import * as z from 'zod';
import { json } from '#lib/juju';
import type { Json } from '../python-json.ts';

// Names and UIDs go into other people's databags and into Grafana: bounded, and no control characters.
const text = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}]+$/u, 'has control characters');

const jsonObject: z.ZodType<{ readonly [key: string]: Json }> = z.record(z.string(), z.json());

// An object or null by what every charm sends; the published schema asks for a JSON string instead. Take all.
const fields = z
  .union([z.null(), jsonObject, json.pipe(z.union([z.null(), jsonObject]))])
  .optional()
  // What works through it later on is recursive.
  .refine((value) => !isDeeperThan(maxDepth, value), 'nested too deep')
  .transform((value) => value ?? null);

const maxDepth = 100;

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(depth - 1, member));
}

const secureFields = z
  .union([
    z.null(),
    z.record(z.string(), z.string()),
    json.pipe(z.union([z.null(), z.record(z.string(), z.string())])),
  ])
  .optional()
  .transform((value) => value ?? null);

/** `grafana_source_data`: what a datasource application says of itself. */
export const SourceData = z.object({
  model: text,
  model_uuid: text,
  application: text,
  type: text,
  extra_fields: fields,
  secure_extra_fields: secureFields,
});

function emptyAsNull(value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.keys(value).length === 0 ? null : value;
}

/** Written by the datasource application. Every key may be absent: a fresh peer has written nothing yet. */
export const SourceKeys = {
  // `null` and `{}` are what the Python library writes in place of nothing.
  grafana_source_data: json.pipe(z.preprocess(emptyAsNull, SourceData.nullable())),
  grafana_source_host: z.string(),
} as const;

/** Written by Grafana. */
export const AnswerKeys = {
  grafana_uid: text,
  // The UIDs go on to exchange peers, who refuse longer ones. An empty one is none.
  datasource_uids: json.pipe(z.record(z.string(), z.union([z.literal(''), text]))),
  app_datasource_uid: text,
  grafana_base_url: z.string(),
} as const;
