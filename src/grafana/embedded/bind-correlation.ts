import { parseJson } from '../json.ts';
import type { Body } from './bind.ts';
import type { CorrelationConfig } from './correlation-store.ts';
import type { Gates } from './version.ts';

/** What a request body says of a correlation; undefined where it says nothing. */
export interface CorrelationCommand {
  targetUID?: string | undefined;
  label?: string | undefined;
  description?: string | undefined;
  type?: string | undefined;
  config?: Partial<CorrelationConfig> | undefined;
}

const types = ['query', 'external'];

/**
 * Read a body as Grafana binds it, but for the letter case of keys.
 * @returns undefined where Grafana answers 400 `bad request data`: a wrong JSON type, a type of correlation that there
 *   is not, a transformation without what it needs
 */
export function bindCorrelation(body: Body, gates: Gates): CorrelationCommand | undefined {
  if (body.contentType?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') return undefined;
  const value = parseJson(body.text);
  if (!isObject(value)) return undefined;
  const { targetUID, label, description, config = null } = value;
  if (![targetUID, label, description].every(isText) || !(config === null || isObject(config)))
    return undefined;
  const type = gates.correlationTypeInConfig ? config?.type : value.type;
  const known = gates.correlationTypeInConfig ? ['query'] : types;
  if (!isText(type) || (typeof type === 'string' && !known.includes(type))) return undefined;
  const { field, target, transformations } = config ?? {};
  if (!isText(field) || !isNothing(target, isObject) || !isNothing(transformations, isListOfTransformations))
    return undefined;
  return {
    targetUID: textOf(targetUID),
    label: textOf(label),
    description: textOf(description),
    type: textOf(type),
    config:
      config === null
        ? undefined
        : {
            ...(typeof field === 'string' && { field }),
            ...(isObject(target) && { target }),
            ...(Array.isArray(transformations) && { transformations: transformations.map(transformation) }),
          },
  };
}

function isListOfTransformations(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((one) => {
      if (!isObject(one) || ![one.type, one.expression, one.field, one.mapValue].every(isText)) return false;
      return one.type === 'logfmt' || (one.type === 'regex' && Boolean(one.expression));
    })
  );
}

/** The keys that Grafana knows, without the empty ones. */
function transformation(one: Record<string, unknown>): Record<string, string> {
  const known = ['type', 'expression', 'field', 'mapValue'] as const;
  return Object.fromEntries(
    known.flatMap((key) => {
      const value = one[key];
      return typeof value === 'string' && value !== '' ? [[key, value]] : [];
    }),
  );
}

function isNothing(value: unknown, otherwise: (value: unknown) => boolean): boolean {
  return value === undefined || value === null || otherwise(value);
}

function isText(value: unknown): boolean {
  return isNothing(value, (given) => typeof given === 'string');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
