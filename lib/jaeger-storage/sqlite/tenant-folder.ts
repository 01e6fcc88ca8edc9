import { createHash } from 'node:crypto';

/** File systems take names of 255 bytes. */
const maxLength = 200;

/**
 * A tenant's name as that of a folder: other names never give the same, whatever the file system makes of letters, and none
 * leads out of the folder.
 */
export function tenantFolder(tenant: string): string {
  const escaped = [...Buffer.from(tenant, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  if (escaped.length <= maxLength) return escaped;
  return `%hash-${createHash('sha256').update(tenant).digest('hex')}`;
}
