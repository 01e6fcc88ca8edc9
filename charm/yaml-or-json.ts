/**
 * Reads what an operator may write either way. JSON is tried first: a hook that is given JSON never loads the YAML
 * parser.
 * Neither an object that refers to itself nor a key `__proto__` gets through.
 * @returns the value, or what is wrong with the text, which is not quoted: it may be a secret
 */
export async function parseYamlOrJson(text: string): Promise<{ value: unknown } | { problem: string }> {
  const parsed = await parse(text);
  if ('problem' in parsed) return parsed;
  let asJson: string | undefined;
  try {
    asJson = JSON.stringify(parsed.value);
  } catch (error) {
    return { problem: error instanceof RangeError ? tooDeep : 'refers to itself' };
  }
  if (isDeeperThan(maxDepth, parsed.value)) return { problem: tooDeep };
  // zod would leave it out, and nothing is to be lost silently.
  return asJson?.includes('"__proto__":') ? { problem: 'may not set __proto__' } : parsed;
}

/** As deep as a gateway takes it from a databag; zod's recursion ends some thousands further down. */
const maxDepth = 100;
const tooDeep = `is nested deeper than ${maxDepth} levels`;

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(depth - 1, member));
}

async function parse(text: string): Promise<{ value: unknown } | { problem: string }> {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const yaml = await import('yaml');
    try {
      return { value: yaml.parse(text, { logLevel: 'error', maxAliasCount: 10 }) };
    } catch (error) {
      if (error instanceof ReferenceError) return { problem: 'has an alias that leads nowhere, or too many' };
      const line = error instanceof yaml.YAMLParseError ? error.linePos?.[0].line : undefined;
      return { problem: `neither YAML nor JSON${line === undefined ? '' : `, line ${line}`}` };
    }
  }
}
