import * as z from 'zod';
import { json, lazily, type SecretContent } from '#lib/juju';
import { describe } from '../read-key.ts';

/** What Grafana is to encrypt for one datasource, by Grafana's own keys: `httpHeaderValue1`, `tlsCACert`. */
export type SecureJsonData = Readonly<Record<string, string>>;

/**
 * The one key of an operator's secret that holds it, as text: Juju's keys are in lower case, Grafana's are not. The
 * option of that name, too.
 */
export const secureJsonDataKey = 'secure-json-data';

/**
 * The one key of the secret in which a datasource shares it. Not the same: whoever reads what others share must not
 * take for it what its own operator gave it, and Juju does not tell a reader whose a secret is.
 */
const sharedKey = 'secure-extra-fields';

/** What is wrong, and where: with the names of keys at the most, and never with a value. */
export interface SecureJsonDataProblem {
  /** `.basicAuthPassword`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export type SecureJsonDataReading =
  | { readonly data: SecureJsonData }
  | { readonly problem: SecureJsonDataProblem };

const keyLimit = 32;
/** What Juju takes as one value of a secret. */
const limitBytes = 8 * 1024;
// Wide enough for every plugin's, and without `__proto__`.
const name = lazily(() =>
  z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,126}$/, 'is no name of a key: a letter comes first'),
);
const noText = 'expected text that is not empty, a number in quotes';
const value = lazily(() => z.string(noText).min(1, noText));
const tooMany = `expected at most ${keyLimit} keys`;

// As entries, because an object with a key `__proto__` in it is read without that key.
const Entries = lazily(() =>
  z.preprocess(
    entriesOf,
    z
      .array(z.tuple([name(), value()]), 'expected an object of texts, by the keys of secureJsonData')
      .min(1, 'expected at least one key')
      .max(keyLimit, tooMany),
  ),
);

function entriesOf(given: unknown): unknown {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  return isObject ? Object.entries(given) : undefined;
}

/** Reads `secureJsonData` that somebody wrote, whatever it is. */
export function readSecureJsonData(given: unknown): SecureJsonDataReading {
  const result = Entries().safeParse(given);
  if (!result.success) return { problem: problemOf(given, result.error) };
  const data = Object.fromEntries(result.data);
  if (Buffer.byteLength(JSON.stringify(data)) > limitBytes) {
    return { problem: { path: '', message: `expected at most ${limitBytes} bytes as JSON` } };
  }
  return { data };
}

/** The first problem, with the name of its key where that is one: what else stands there may be the secret itself. */
function problemOf(given: unknown, { issues: [issue] }: z.ZodError): SecureJsonDataProblem {
  if (issue === undefined) throw new TypeError('zod refused it and names no issue');
  const [index, part] = issue.path;
  if (typeof index !== 'number') return { path: '', message: issue.message };
  const key = Object.keys(given ?? {})[index];
  if (part === 0 || !name().safeParse(key).success) {
    return { path: '', message: `key number ${index + 1} is no name of a key: a letter comes first` };
  }
  return { path: describe({ ...issue, path: [key ?? index] }).path, message: issue.message };
}

/** The content of the Juju secret in which a datasource shares it; equal data gives equal bytes. */
export function secureJsonDataSecret(data: SecureJsonData): SecretContent {
  const sorted = Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { [sharedKey]: JSON.stringify(Object.fromEntries(sorted)) };
}

/** Reads the content of a secret that {@link secureJsonDataSecret} made, or something else did. */
export function readSecureJsonDataSecret(content: SecretContent): SecureJsonDataReading {
  const text = Object.hasOwn(content, sharedKey) ? content[sharedKey] : undefined;
  if (text === undefined) {
    return { problem: { path: '', message: `the secret needs the key ${sharedKey}` } };
  }
  const parsed = json.safeParse(text);
  if (!parsed.success) return { problem: { path: '', message: 'the secret holds no JSON' } };
  return readSecureJsonData(parsed.data);
}
