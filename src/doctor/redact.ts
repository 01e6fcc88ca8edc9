import { type Databag, json, secretIdOf } from '#lib/juju';
import type { Interface } from './deployment.ts';
import { interfaceOf, type ModelInput } from './juju/model-input.ts';
import type { RelationRow } from './juju/show-unit.ts';
import { applicationOf, failedHook, type JujuStatus, type JujuStatusUnit } from './juju/status.ts';
import { isHarmless } from './plain-secrets.ts';
import { hasUnescapedDollar } from './unescaped-dollar.ts';
import { urlWithoutSecrets, withoutUrlSecrets } from './url-secrets.ts';

/**
 * A model as far as the doctor looks at it, without what may be secret. Diagnosing it gives the same report: where
 * something was wrong, it still is.
 */
export function redacted({ status, units }: ModelInput): ModelInput {
  const rows = [...units].map(([unit, rows]): [string, RelationRow[]] => [
    unit,
    rows.flatMap((row) => {
      const name = interfaceOf(status, applicationOf(unit), row.endpoint);
      return name === undefined ? [] : [redactedRow(row, keysOf[name])];
    }),
  ]);
  return { status: redactedStatus(status), units: new Map(rows) };
}

/** Only Juju's own message of a failed hook stays: charms write into theirs what they like. */
function redactedStatus(status: JujuStatus): JujuStatus {
  return {
    ...status,
    applications: mapped(status.applications ?? {}, (application) => ({
      ...application,
      units: mapped(application.units ?? {}, (unit) => ({
        ...redactedUnit(unit),
        subordinates: mapped(unit.subordinates ?? {}, redactedUnit),
      })),
    })),
  };
}

function redactedUnit(unit: JujuStatusUnit): JujuStatusUnit {
  const { 'workload-status': workload } = unit;
  const message = failedHook(unit);
  return { leader: unit.leader, 'workload-status': { current: workload?.current, message } };
}

function mapped<T>(values: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

type Redaction = (value: string) => string;
type Keys = Readonly<Record<string, Redaction>>;

const asItIs: Redaction = (value) => value;
/** A URI opens nothing by itself. What stands in its place may be the secret itself. */
const secretUri: Redaction = (value) => (secretIdOf(value) === undefined ? '[redacted]' : value);

/** The keys of the interfaces, and what has to go of each. Others are left out: anything may be in them. */
const keysOf: Readonly<Record<Interface, Keys>> = {
  grafana_datasource: {
    grafana_source_data: sourceData,
    grafana_source_app_host: urlWithoutSecrets,
    grafana_source_host: urlWithoutSecrets,
    grafana_source_secret: secretUri,
    grafana_uid: asItIs,
    datasource_uids: jsonOnly,
    app_datasource_uid: asItIs,
    grafana_base_url: urlWithoutSecrets,
  },
  grafana_datasource_exchange: { datasources: exchanged },
};

function redactedRow(row: RelationRow, keys: Keys): RelationRow {
  const bag = (data: Databag): Databag =>
    Object.fromEntries(
      Object.entries(data).flatMap(([key, value]) => {
        const redact = Object.hasOwn(keys, key) ? keys[key] : undefined;
        return redact === undefined ? [] : [[key, value === '' ? '' : redact(value)]];
      }),
    );
  const unit = (one: { 'in-scope': boolean; data: Databag }) => ({ ...one, data: bag(one.data) });
  const own = row['local-unit'];
  return {
    ...row,
    'application-data': bag(row['application-data']),
    'related-units': mapped(row['related-units'] ?? {}, unit),
    ...(own && { 'local-unit': unit(own) }),
  };
}

/** What is no JSON may be cut out of something secret. It is none afterwards either. */
const notJson = '[redacted';

function jsonOnly(text: string): string {
  const parsed = json.safeParse(text);
  return parsed.success ? text : unread(text);
}

/** Nor is what was too long short enough now. */
function unread(text: string): string {
  return text.length > longestJson ? notJson.padEnd(longestJson + 1) : notJson;
}
const longestJson = 1024 * 1024;

function exchanged(text: string): string {
  const parsed = json.safeParse(text);
  if (!parsed.success) return unread(text);
  if (!Array.isArray(parsed.data)) return JSON.stringify(outline(parsed.data));
  const fields = ['type', 'uid', 'grafana_uid'];
  const known = parsed.data.map((entry: unknown) =>
    isObject(entry)
      ? Object.fromEntries(
          Object.entries(entry)
            .filter(([key]) => fields.includes(key))
            .map(([key, value]) => [key, typeof value === 'string' ? value : outline(value)]),
        )
      : outline(entry),
  );
  return JSON.stringify(known);
}

/** Of a text in these interfaces. */
const longestName = 255;

/** What kind of value it is, and no more. */
function outline(value: unknown): unknown {
  if (typeof value === 'string') return value === '' ? '' : '[redacted]';
  if (typeof value === 'number') return 0;
  // A list may be refused for its length, too.
  if (Array.isArray(value)) return value.slice(0, longestName + 1).map(() => null);
  return isObject(value) ? {} : value;
}

function sourceData(text: string): string {
  const parsed = json.safeParse(text);
  if (!parsed.success) return unread(text);
  const { data } = parsed;
  if (!isObject(data)) return JSON.stringify(outline(data));
  const plain = ['model', 'model_uuid', 'application', 'type'];
  const entries = Object.entries(data).flatMap(([key, value]): [string, unknown][] => {
    if (plain.includes(key)) return [[key, typeof value === 'string' ? value : outline(value)]];
    if (key === 'extra_fields') return [[key, maybeText(value, (fields) => withoutSecrets(fields, 0))]];
    if (key === 'secure_extra_fields') {
      const fields = 'extra_fields' in data ? data.extra_fields : undefined;
      return [[key, maybeText(value, (secure) => secureFields(secure, isObject(fields) ? fields : {}))]];
    }
    return [];
  });
  // Empty, it would read as nothing at all: that something is wrong with it would be lost.
  if (entries.length === 0 && Object.keys(data).length > 0) return '{"redacted": true}';
  return JSON.stringify(Object.fromEntries(entries));
}

/** The published schema asks for JSON in a string where everybody writes an object. */
function maybeText(value: unknown, redact: (value: unknown) => unknown): unknown {
  if (typeof value !== 'string') return redact(value);
  const inner = json.safeParse(value);
  return inner.success ? JSON.stringify(redact(inner.data)) : unread(value);
}

function secureFields(secure: unknown, extraFields: object): unknown {
  if (Array.isArray(secure)) return secure.map(outline);
  if (!isObject(secure)) return outline(secure);
  return Object.fromEntries(
    Object.entries(secure).map(([name, value]) => {
      const stays = isHarmless(name, value, { ...extraFields });
      return [name, stays ? value : outline(value)];
    }),
  );
}

/** `jsonData` is no place for secrets, which keeps nobody from putting some there. */
export function withoutSecrets(value: unknown, depth = 0, key = ''): unknown {
  if (typeof value === 'string') return withoutSecret(key, value);
  // Deeper is refused, and still is with nothing in it.
  if (depth > deepest) return Array.isArray(value) ? [] : isObject(value) ? {} : value;
  if (Array.isArray(value)) return value.map((member) => withoutSecrets(member, depth + 1, key));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutSecrets(member, depth + 1, name)]),
  );
}

const deepest = 110;

/** @returns whether a field of this name would hold a secret */
export function isSecretName(key: string): boolean {
  return secretName.test(key);
}

const secretName =
  /pass(word|wd)?$|secret|token$|credential|authorization|api_?key|private_?key|headerValue/i;

function withoutSecret(key: string, text: string): string {
  const shown = isSecretName(key) ? '[redacted]' : withoutUrlSecrets(text);
  if (shown === text || hasUnescapedDollar(shown) || !hasUnescapedDollar(text)) return shown;
  return `${shown}$redacted`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
