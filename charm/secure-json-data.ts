import type { HookTools, SecretContent } from '#lib/juju';
import {
  secureJsonDataKey as option,
  readSecureJsonData,
  type SecureJsonData,
} from '#src/relations/grafana-datasource';
import { type OperatorSecret, readOperatorSecret } from './operator-secret.ts';

/** What Grafana needs to use this datasource: what the secret that config `secure-json-data` names says. */
export function readSecureJsonDataOption(
  tools: HookTools,
  app: string,
  uri: string,
): Promise<OperatorSecret<SecureJsonData>> {
  return readOperatorSecret(tools, app, { option, uri }, secureJsonDataIn);
}

/** Reads an object of texts in YAML, of which JSON is a part. */
async function secureJsonDataIn(content: SecretContent): Promise<OperatorSecret<SecureJsonData>> {
  const text = Object.hasOwn(content, option) ? content[option] : undefined;
  if (text === undefined) return { problem: `${option}: the secret needs the key ${option}` };
  const parsed = await parse(text);
  if ('problem' in parsed) return parsed;
  const reading = readSecureJsonData(parsed.value);
  if ('data' in reading) return { value: reading.data };
  return { problem: `${option}${reading.problem.path}: ${reading.problem.message}` };
}

async function parse(text: string): Promise<OperatorSecret<unknown>> {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // Not JSON, then: only now is the other parser worth its loading.
    const yaml = await import('yaml');
    try {
      return { value: yaml.parse(text, { logLevel: 'error' }) };
    } catch (error) {
      // What the parser says quotes the text.
      const line = error instanceof yaml.YAMLParseError ? error.linePos?.[0].line : undefined;
      return { problem: `${option}: neither YAML nor JSON${line === undefined ? '' : `, line ${line}`}` };
    }
  }
}
