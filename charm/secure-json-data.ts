import type { HookTools, SecretContent } from '#lib/juju';
import {
  secureJsonDataKey as option,
  readSecureJsonData,
  type SecureJsonData,
} from '#src/relations/grafana-datasource';
import { type OperatorSecret, readOperatorSecret } from './operator-secret.ts';
import { parseYamlOrJson } from './yaml-or-json.ts';

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
  const parsed = await parseYamlOrJson(text);
  if ('problem' in parsed) return { problem: `${option}: ${parsed.problem}` };
  const reading = readSecureJsonData(parsed.value);
  if ('data' in reading) return { value: reading.data };
  return { problem: `${option}${reading.problem.path}: ${reading.problem.message}` };
}
