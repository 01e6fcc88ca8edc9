import { toolError } from '../errors-from-tool.ts';
import type { SecretContent } from '../hook-tools.ts';

const keyShape = /^[a-z](-?[a-z0-9]){2,}$/;
const maxValueBytes = 8 * 1024;
const maxContentBytes = 64 * 1024;

/**
 * Throws as Juju does for content that it would not take: bad keys, values over 8 KiB, over 64 KiB altogether.
 * @see juju/juju: core/secrets/createsecret.go
 */
export function checkContent(tool: string, content: SecretContent): void {
  let total = 0;
  for (const [key, value] of Object.entries(content)) {
    if (!keyShape.test(key)) throw toolError(tool, 2, `key "${key}" not valid`);
    const bytes = Buffer.byteLength(value);
    if (bytes > maxValueBytes) {
      throw toolError(tool, 2, `secret content for key "${key}" too large: ${bytes} bytes`);
    }
    total += bytes;
  }
  if (total > maxContentBytes) throw toolError(tool, 2, `secret content too large: ${total} bytes`);
}

/** @returns whether both hold the same keys with the same values, in whatever order */
export function sameContent(a: SecretContent, b: SecretContent): boolean {
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([key, value]) => right.get(key) === value);
}
