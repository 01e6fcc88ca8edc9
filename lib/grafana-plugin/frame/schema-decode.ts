import { checkConfig, checkLabels, checkMeta, isRecord } from './check-schema.ts';
import { FrameError } from './errors.ts';
import type { Labels } from './field.ts';
import type { FieldConfig } from './field-config.ts';
import { type FrameMeta, inspectNumber } from './frame-meta.ts';

/**
 * Labels, config and meta out of JSON that came from elsewhere, held to the same rules that encoding holds an author's
 * to. Go writes a list it has not set as null, and minus infinity as null too.
 */

export function decodeLabels(labels: unknown, where: string): Labels | undefined {
  if (labels === undefined || labels === null) return undefined;
  checkLabels(labels, where);
  return labels as Labels;
}

export function decodeConfig(config: unknown, where: string): FieldConfig | undefined {
  if (config === undefined || config === null) return undefined;
  const plain = isRecord(config) ? withoutNulls(config) : config;
  checkConfig(plain as FieldConfig, where);
  return plain as FieldConfig;
}

const tabs = new Map<unknown, string>(Object.entries(inspectNumber).map(([tab, number]) => [number, tab]));

export function decodeMeta(meta: unknown, where: string): FrameMeta | undefined {
  if (meta === undefined || meta === null) return undefined;
  if (!isRecord(meta)) throw unreadable(`${where}: meta is no object`);
  const plain = dropNulls(meta);
  if (Array.isArray(meta.stats))
    plain.stats = meta.stats.map((stat) => (isRecord(stat) ? withoutNulls(stat) : stat));
  if (Array.isArray(meta.notices)) {
    plain.notices = meta.notices.map((notice: unknown) => {
      if (!isRecord(notice)) return notice;
      const { inspect, ...said } = dropNulls(notice);
      return inspect === undefined ? said : { ...said, inspect: tabs.get(inspect) ?? inspect };
    });
  }
  checkMeta(plain as FrameMeta, where);
  return plain as FrameMeta;
}

/** @throws {FrameError} `UNREADABLE` */
export function parseJson(text: string, where: string, reviver?: Reviver): unknown {
  const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown;
  try {
    return parse(text, reviver);
  } catch (cause) {
    throw unreadable(`${where} is no JSON`, cause);
  }
}

/** Digits in a row that may be an integer beyond 2^53. */
const longInteger = /[[,:\s-]\d{16,}[\],}\s]|^-?\d{16,}$/;

/** Like `JSON.parse`, but integers that a number cannot hold exactly come as bigints. */
export function parseExactly(text: string, where: string): unknown {
  return parseJson(text, where, longInteger.test(text) ? exactInteger : undefined);
}

const exactInteger: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && source && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;

/** `source` is the text that a primitive value was read from. */
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

function withoutNulls(config: Record<string, unknown>): Record<string, unknown> {
  const plain = dropNulls(config);
  const { thresholds, mappings, type } = plain;
  if (isRecord(thresholds)) {
    const steps = Array.isArray(thresholds.steps) ? thresholds.steps : [];
    plain.thresholds = {
      ...thresholds,
      steps: steps.map((step: unknown) =>
        isRecord(step) ? { ...step, value: step.value ?? Number.NEGATIVE_INFINITY } : step,
      ),
    };
  }
  if (Array.isArray(mappings)) {
    plain.mappings = mappings.map((mapping: unknown) =>
      isRecord(mapping) && isRecord(mapping.options)
        ? { ...mapping, options: dropNulls(mapping.options) }
        : mapping,
    );
  }
  if (isRecord(type) && isRecord(type.enum)) {
    plain.type = { enum: { ...dropNulls(type.enum), text: type.enum.text ?? [] } };
  }
  return plain;
}

function dropNulls(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

export function unreadable(message: string, cause?: unknown): FrameError {
  return new FrameError('UNREADABLE', `${message}: send what Grafana's plugin SDKs write`, { cause });
}
