import { FrameError } from './errors.ts';
import type { FieldConfig } from './field-config.ts';
import { type FrameMeta, inspectNumber } from './frame-meta.ts';

/**
 * Grafana decodes a whole frame or none: one key of the wrong kind in a config loses every row. So what TypeScript's
 * types promise is checked again here, for authors whose values came from elsewhere. Once per schema, not per frame.
 */

export function checkLabels(labels: unknown, where: string): void {
  if (!isRecord(labels)) throw refused(where, 'labels', 'an object of texts');
  for (const [name, value] of Object.entries(labels)) {
    if (typeof value !== 'string') throw refused(where, `labels.${name}`, 'text');
  }
}

export function checkConfig(config: FieldConfig, where: string): void {
  if (!isRecord(config)) throw refused(where, 'config', 'an object');
  check(config, `${where}: config`, configRules);
}

export function checkMeta(meta: FrameMeta, where: string): void {
  if (!isRecord(meta)) throw refused(where, 'meta', 'an object');
  check(meta, `${where}: meta`, metaRules);
}

type Rule = [wanted: string, fits: (value: unknown, path: string) => boolean];
type Rules = Readonly<Record<string, Rule>>;

const text: Rule = ['text', (value) => typeof value === 'string'];
const flag: Rule = ['true or false', (value) => typeof value === 'boolean'];
const number: Rule = ['a number', (value) => typeof value === 'number'];
const finite: Rule = ['a finite number', (value) => Number.isFinite(value)];
const record: Rule = ['an object', (value) => isRecord(value)];
const anything: Rule = ['any JSON', () => true];

function whole(most: number): Rule {
  return [
    `a whole number from 0 to ${most}`,
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most,
  ];
}
function oneOf(...words: string[]): Rule {
  return [`one of ${words.join(', ')}`, (value) => words.includes(value as string)];
}
function list([wanted, fits]: Rule): Rule {
  return [
    `a list, each ${wanted}`,
    (value, path) => Array.isArray(value) && value.every((each, index) => fits(each, `${path}[${index}]`)),
  ];
}
/** An object whose keys follow their rules; `required` must be there; unknown keys pass unless `isClosed`. */
function object(rules: Rules, required: readonly string[] = [], isClosed = false): Rule {
  return [
    `an object${required.length > 0 ? ` with ${required.join(' and ')}` : ''}`,
    (value, path) => {
      if (!isRecord(value) || required.some((key) => value[key] === undefined)) return false;
      if (isClosed && Object.keys(value).some((key) => !Object.hasOwn(rules, key))) return false;
      check(value, path, rules);
      return true;
    },
  ];
}

const result = object({ text, color: text, index: whole(2 ** 31) });
const range = object({ from: number, to: number, result }, ['result']);
const special = object({ match: oneOf('true', 'false', 'null', 'nan', 'null+nan', 'empty'), result }, [
  'match',
  'result',
]);
const mapping: Rule = [
  'a value mapping of type value, range or special with its options',
  (value, path) => {
    if (!isRecord(value)) return false;
    const { type, options } = value;
    if (type === 'value') {
      return (
        isRecord(options) &&
        Object.entries(options).every(([key, each]) => result[1](each, `${path}.options.${key}`))
      );
    }
    if (type === 'range') return range[1](options, `${path}.options`);
    return type === 'special' && special[1](options, `${path}.options`);
  },
];
const moment: Rule = [
  'a Date or an RFC 3339 time',
  (value) =>
    value instanceof Date
      ? Number.isFinite(value.getTime())
      : typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value),
];
const link = object({
  title: text,
  targetBlank: flag,
  url: text,
  internal: object({
    query: anything,
    datasourceUid: text,
    datasourceName: text,
    panelsState: anything,
    transformations: list(
      object({ type: oneOf('regex', 'logfmt'), field: text, expression: text, mapValue: text }),
    ),
    timeRange: object({ from: moment, to: moment }, ['from', 'to']),
  }),
});

const configRules: Rules = {
  displayName: text,
  displayNameFromDS: text,
  path: text,
  description: text,
  filterable: flag,
  writeable: flag,
  unit: text,
  decimals: whole(65_535),
  min: number,
  max: number,
  interval: finite,
  mappings: list(mapping),
  // The host's own reader refuses a step with any other key.
  thresholds: object(
    {
      mode: oneOf('absolute', 'percentage'),
      steps: list(object({ value: number, color: text, state: text }, ['value'], true)),
    },
    ['mode', 'steps'],
  ),
  color: record,
  links: list(link),
  noValue: text,
  type: object({
    enum: object({ text: list(text), color: list(text), icon: list(text), description: list(text) }, [
      'text',
    ]),
  }),
  custom: record,
};

const metaRules: Rules = {
  type: text,
  typeVersion: [
    'two whole numbers',
    (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((each) => Number.isInteger(each) && each >= 0),
  ],
  path: text,
  pathSeparator: text,
  custom: anything,
  stats: list(object({ ...configRules, value: finite }, ['value'])),
  notices: list(
    object(
      {
        severity: oneOf('info', 'warning', 'error'),
        text,
        link: text,
        inspect: oneOf(...Object.keys(inspectNumber)),
      },
      ['severity', 'text'],
    ),
  ),
  channel: text,
  preferredVisualisationType: text,
  preferredVisualisationPluginId: text,
  executedQueryString: text,
  dataTopic: text,
  uniqueRowIdFields: list(whole(2 ** 31)),
};

function check(values: object, path: string, rules: Rules): void {
  for (const [key, value] of Object.entries(values)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule && value !== undefined && !rule[1](value, `${path}.${key}`)) {
      throw new FrameError('BAD_SCHEMA', `${path}.${key} must be ${rule[0]}: Grafana would refuse the frame`);
    }
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(where: string, path: string, wanted: string): FrameError {
  return new FrameError('BAD_SCHEMA', `${where}: ${path} must be ${wanted}: Grafana would refuse the frame`);
}
