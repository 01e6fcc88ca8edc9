import { checkConfig, checkLabels, checkMeta } from './check-schema.ts';
import { FrameError } from './errors.ts';
import type { Labels } from './field.ts';
import type { FieldConfig } from './field-config.ts';
import { type FrameMeta, inspectNumber } from './frame-meta.ts';

/** Labels, config and meta as Grafana's decoder takes them. Infinities become JSON's null, as it expects. */

/** Text of labels with sorted names; `undefined` when there are none. */
export function labelsJson(labels: Labels | undefined, where: string): string | undefined {
  if (labels === undefined) return undefined;
  checkLabels(labels, where);
  const names = Object.keys(labels).sort(byCodePoint);
  return toJson(Object.fromEntries(names.map((name) => [name, labels[name]])), where);
}

export function configJson(config: FieldConfig | undefined, where: string): string | undefined {
  if (config === undefined) return undefined;
  checkConfig(config, where);
  return toJson(config, where);
}

export function metaJson(meta: FrameMeta | undefined, where: string): string | undefined {
  if (meta === undefined) return undefined;
  checkMeta(meta, where);
  const { type, typeVersion = [0, 0], ...rest } = meta;
  const onTheWire: Record<string, unknown> = { type, typeVersion, ...rest };
  if (meta.notices) {
    onTheWire.notices = meta.notices.map(({ inspect, ...notice }) =>
      inspect === undefined ? notice : { ...notice, inspect: inspectNumber[inspect] },
    );
  }
  return toJson(onTheWire, where);
}

/** `JSON.rawJSON` puts digits into JSON as they are. */
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

/** JSON text of any value; bigints as bare digits. */
export function toJson(value: unknown, where: string): string {
  return written(() => {
    const text = JSON.stringify(value, bareBigints);
    return text.includes('\\ud') ? JSON.stringify(value, wellFormed) : text;
  }, where);
}

/** The same for values that hold no bigint, many times as fast. */
export function plainToJson(values: readonly (string | boolean | null)[], where: string): string {
  return written(() => {
    const text = JSON.stringify(values);
    return text.includes('\\ud') ? JSON.stringify(values, wellFormed) : text;
  }, where);
}

function written(write: () => string, where: string): string {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new FrameError('TOO_LARGE', `${where} is too long or too deep for JSON: split it`, { cause });
    }
    throw new FrameError('BAD_VALUE', `${where} cannot be written as JSON: leave out what refers to itself`, {
      cause,
    });
  }
}

function bareBigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawJSON(value.toString()) : value;
}

/** Half a surrogate pair is no text; it becomes U+FFFD, as wherever JavaScript hands text to the outside. */
function wellFormed(key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : bareBigints(key, value);
}

/** Go's order of texts. JavaScript's own differs beyond U+FFFF, whose characters begin with a surrogate. */
function byCodePoint(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
