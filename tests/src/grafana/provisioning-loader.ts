import { parse } from 'yaml';

/** A datasource as Grafana holds it once it has read a provisioning file. */
export interface LoadedDatasource {
  readonly orgId: number;
  readonly name: string;
  readonly type: string;
  readonly uid: string;
  readonly access: string;
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly withCredentials: boolean;
  readonly isDefault: boolean;
  readonly readOnly: boolean;
  readonly jsonData: Record<string, unknown>;
  readonly secureJsonData: Record<string, unknown>;
}

/**
 * What a Grafana makes of a provisioning file, by another way than files are written here.
 * @param environment - of Grafana's process
 * @throws it refuses the file
 * @see grafana/grafana: pkg/services/provisioning/datasources/{config_reader,types}.go
 */
export function loadDatasources(
  yaml: string,
  environment: Readonly<Record<string, string>> = {},
): LoadedDatasource[] {
  const file = readProvisioning(yaml, environment);
  if (!isObject(file) || !(Number(file.apiVersion) > 0)) throw new Error('read as the schema without UIDs');
  const datasources = (Array.isArray(file.datasources) ? file.datasources : []).map(loaded);
  const defaults = datasources.filter(({ isDefault }) => isDefault);
  if (new Set(defaults.map(({ orgId }) => orgId)).size < defaults.length) {
    throw new Error('Only one datasource per organization can be marked as default');
  }
  return datasources;
}

function loaded(entry: unknown): LoadedDatasource {
  if (!isObject(entry)) throw new Error('no datasource');
  const text = (key: string) => String(entry[key] ?? '');
  const known = new Set([...texts, ...flags, 'orgId', 'jsonData', 'secureJsonData', 'version', 'editable']);
  for (const key of Object.keys(entry))
    if (!known.has(key)) throw new Error(`no field of a datasource: ${key}`);
  return {
    orgId: Number(entry.orgId ?? 1) || 1,
    ...{ name: text('name'), type: text('type'), uid: text('uid'), url: text('url') },
    access: entry.access === 'direct' ? 'direct' : 'proxy',
    ...{ user: text('user'), database: text('database'), basicAuthUser: text('basicAuthUser') },
    basicAuth: entry.basicAuth === true,
    withCredentials: entry.withCredentials === true,
    isDefault: entry.isDefault === true,
    readOnly: entry.editable !== true,
    jsonData: isObject(entry.jsonData) ? entry.jsonData : {},
    secureJsonData: isObject(entry.secureJsonData) ? entry.secureJsonData : {},
  };
}

const texts = ['name', 'type', 'uid', 'access', 'url', 'user', 'database', 'basicAuthUser'];
const flags = ['basicAuth', 'withCredentials', 'isDefault'];

/** Reads a file as Grafana does: YAML 1.1, in which more is no text than in 1.2, with its variables expanded. */
export function readProvisioning(yaml: string, environment: Readonly<Record<string, string>> = {}): unknown {
  return expandedValues(parse(yaml, { version: '1.1', merge: true, intAsBigInt: false }), environment);
}

/** Every value is expanded, no key is. */
function expandedValues(value: unknown, environment: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return expanded(value, environment);
  if (Array.isArray(value)) return value.map((member) => expandedValues(member, environment));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, expandedValues(member, environment)]),
  );
}

/**
 * Texts between `$$` are expanded each by itself: first `$__env{NAME}`, then as Go's `os.Expand` does, which takes
 * `${NAME}`, `$NAME`, one digit or one special character, eats `${` that nothing ends, and leaves a dollar before
 * anything else.
 * @see grafana/grafana: pkg/services/provisioning/values/values.go, pkg/setting/expanders.go; Go: src/os/env.go
 */
function expanded(text: string, environment: Readonly<Record<string, string>>): string {
  const setTo = (name: string) => environment[name] ?? '';
  return text
    .split('$$')
    .map((part) =>
      part
        .replace(/\$__env\{([^}]+)\}/g, (_, name: string) => setTo(name))
        .replace(
          /\$(?:\{([^}]*)\}|\{|([*#$@!?0-9-])|([A-Za-z_][A-Za-z0-9_]*))/g,
          (_, braced, special, name) => setTo(braced ?? special ?? name ?? ''),
        ),
    )
    .join('$');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
