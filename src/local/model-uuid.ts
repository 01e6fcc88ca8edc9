import { createHash } from 'node:crypto';

/** Always the same for a scenario, and so are the UIDs: running it again on a real Grafana makes nothing twice. */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`crosslink scenario ${name}`).digest('hex');
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
