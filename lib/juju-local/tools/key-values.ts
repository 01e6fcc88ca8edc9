import { isMap, isScalar, parseDocument, type Scalar, visit } from 'yaml';
import { ToolFailure, usage } from './args.ts';

/**
 * `k=v` arguments of relation-set, state-set and action-set. Spaces around key and value go away.
 * @throws {ToolFailure} exit code 2 for an argument without `=`, or a key that comes twice
 * @see juju/utils: keyvalues/keyvalues.go
 */
export function parseKeyValues(args: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals < 1) throw usage(`expected "key=value", got ${JSON.stringify(arg)}`);
    const key = arg.slice(0, equals).trim();
    if (key === '') throw usage(`expected "key=value", got ${JSON.stringify(arg)}`);
    if (values.has(key)) throw usage(`key ${JSON.stringify(key)} specified more than once`);
    values.set(key, arg.slice(equals + 1).trim());
  }
  return values;
}

/** What YAML 1.1 of Go refuses where the yaml package is laxer; each costs a charm a failed hook on real Juju. */
// \p{Cc} without tab, line feed, carriage return and U+0085 (next line).
const controls = /(?![\t\n\r\u0085])[\p{Cc}\ufffe\uffff]/u;
/** Escapes mean something between double quotes only: charms write JSON between single ones. */
const refusedEscapes: readonly [pattern: RegExp, message: string][] = [
  [/(?:^|[^\\])(?:\\\\)*\\u[dD][89a-fA-F]/, 'found invalid Unicode character escape code'],
  [/(?:^|[^\\])(?:\\\\)*\\\//, 'found unknown escape character'],
];
/** A simple key ends within this many characters. */
const maxKeyLength = 1024;
const nulls = ['', '~', 'null', 'Null', 'NULL'];

/**
 * The `--file` of relation-set and state-set: YAML 1.1 into strings. Numbers and booleans keep their text, null
 * is the empty string, which deletes.
 * @throws {ToolFailure} exit code 1 for what is no mapping of strings
 * @see go-yaml/yaml v2: decode.go
 */
export function parseYamlStrings(text: string): Map<string, string> {
  if (controls.test(text)) throw failed('yaml: control characters are not allowed');
  const document = parseDocument(text.replaceAll('\u0085', ' '), {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
  });
  const [error] = document.errors;
  if (error) throw failed(`yaml: ${error.message.split('\n')[0]}`);
  const { contents } = document;
  visit(document, {
    Scalar: (_key, { type, range }) => {
      if (type !== 'QUOTE_DOUBLE' || !range) return;
      const source = text.slice(range[0], range[1]);
      for (const [pattern, message] of refusedEscapes)
        if (pattern.test(source)) throw failed(`yaml: ${message}`);
    },
  });
  if (contents === null || (isScalar(contents) && textOf(contents) === '')) return new Map();
  if (!isMap(contents)) throw failed('yaml: unmarshal errors:\n  cannot unmarshal into map[string]string');
  const values = new Map<string, string>();
  for (const { key, value } of contents.items) {
    if (!isScalar(key)) throw failed('yaml: unmarshal errors:\n  cannot unmarshal !!map into string');
    const name = textOf(key);
    if (name.length > maxKeyLength) throw failed("yaml: could not find expected ':'");
    if (value !== null && !isScalar(value)) {
      const tag = isMap(value) ? '!!map' : '!!seq';
      throw failed(`yaml: unmarshal errors:\n  cannot unmarshal ${tag} into string`);
    }
    values.set(name, value === null ? '' : textOf(value));
  }
  return values;
}

function textOf(scalar: Scalar): string {
  const text = String(scalar.value ?? '');
  return scalar.type === 'PLAIN' && nulls.includes(text) ? '' : text;
}

function failed(message: string): ToolFailure {
  return new ToolFailure(message, 1);
}
