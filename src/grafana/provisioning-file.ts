import { Document, isMap, isScalar, Scalar, visit } from 'yaml';

/** A datasource as a provisioning file of Grafana has it. What is left out, the file leaves out. */
export interface ProvisionedDatasource {
  readonly name: string;
  readonly uid: string;
  /** Plugin id. */
  readonly type: string;
  readonly access: string;
  readonly url: string;
  readonly orgId?: number;
  readonly user?: string;
  readonly database?: string;
  readonly basicAuth?: boolean;
  readonly basicAuthUser?: string;
  readonly withCredentials?: boolean;
  readonly isDefault?: boolean;
  readonly editable?: boolean;
  /** Dollars as Grafana reads them; any JSON. */
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /** Keys of secrets that the datasource needs: the file says that they are missing from it, never what they are. */
  readonly secureJsonKeys?: readonly string[];
  /** Where something else was taken out, which may be secret: the file says so. */
  readonly takenOut?: readonly string[];
}

/**
 * A file for Grafana's folder `provisioning/datasources`.
 *
 * Grafana expands variables in each value, and in no key: a dollar is written as two. It reads YAML 1.1, in which
 * `on`, `1:30` and many others are no texts, so every text is quoted. An empty list in `jsonData` reads as null.
 * @see grafana/grafana: pkg/services/provisioning/values/values.go, pkg/services/provisioning/datasources/types.go
 */
export function provisioningYaml(datasources: readonly ProvisionedDatasource[]): string {
  const contents = { apiVersion: 1, datasources: datasources.map(entry) };
  const document = new Document(contents, {
    version: '1.1',
    aliasDuplicateObjects: false,
    // A key `<<` is one like all others; go-yaml merges it only where it is not quoted.
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':merge')),
  });
  visit(document, {
    Pair(_, { key }) {
      // `<<` would merge, and others may be no texts either.
      if (isScalar(key) && !/^[A-Za-z][A-Za-z0-9_-]*$/.test(String(key.value)))
        key.type = Scalar.QUOTE_DOUBLE;
    },
  });
  for (const [i, { secureJsonKeys = [], takenOut = [] }] of datasources.entries()) {
    const item = document.getIn(['datasources', i]);
    const missing = [...secretsMissing(secureJsonKeys), ...mayBeSecret(takenOut)];
    if (missing.length > 0 && isMap(item)) item.comment = missing.join('\n');
  }
  const text = document.toString({
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
  });
  return text.replace(unprintable, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Beyond ASCII's: YAML 1.1 takes some for line breaks, and refuses others. They only stand in quoted texts. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Later versions of Grafana drop every secret that the file does not hold. */
function secretsMissing(keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const names = keys.map((key) => `   ${commented(key)}: ...`).toSorted();
  return [' Not shown here, and needed in the file:', ' secureJsonData:', ...names];
}

function mayBeSecret(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  return [
    ' Put back what was taken out here, as it may be secret:',
    ...paths.map((path) => `   ${commented(path)}`),
  ];
}

function commented(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

/** In the order in which people write them. */
function entry({
  jsonData,
  secureJsonKeys: _secrets,
  takenOut: _takenOut,
  ...datasource
}: ProvisionedDatasource): unknown {
  const { name, uid, type, access, url, orgId, ...others } = datasource;
  return escaped({
    ...{ name, uid, type, access, url },
    ...(orgId !== undefined && { orgId }),
    ...others,
    ...(jsonData !== undefined && { jsonData }),
  });
}

function escaped(value: unknown): unknown {
  // Half of a surrogate pair is no character of YAML.
  if (typeof value === 'string') return value.toWellFormed().replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.toWellFormed(), escaped(member)]),
  );
}
