import { createHash } from 'node:crypto';
import type { Random } from './random.ts';
import { integerBelow, pick, secureRandom } from './random.ts';
import type { Gates } from './version.ts';

const longestUid = 40;

/**
 * Why a uid is not allowed; undefined when it is.
 * @see grafana/grafana: pkg/util/shortid_generator.go
 */
export function uidProblem(uid: string): string | undefined {
  if (Buffer.byteLength(uid) > longestUid) return 'UID is longer than 40 symbols';
  if (hasUidCharacters(uid)) return undefined;
  return "invalid format of UID. Only letters, numbers, '-' and '_' are allowed";
}

/** The health route looks at the characters alone, in every version. */
export function hasUidCharacters(uid: string): boolean {
  return /^[a-zA-Z0-9\-_]*$/.test(uid);
}

/** A uid as Grafana of this version makes them. The clock is in Unix milliseconds. */
export function generateUid(
  style: Gates['uidStyle'],
  clock: () => number,
  random: Random = secureRandom,
): string {
  const letter = () => pick('abcdef', 1, random);
  const hex = (length: number) => pick('0123456789abcdef', length, random);
  switch (style) {
    case 'short':
      return pick('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-', 9, random);
    case 'uuid': // version 4
      return `${letter()}${hex(7)}-${hex(4)}-4${hex(3)}-${pick('89ab', 1, random)}${hex(3)}-${hex(12)}`;
    case 'snowflake': {
      // Base-36 of a millisecond and a counter's worth of randomness, between two letters.
      const sinceEpoch = BigInt(Math.max(0, Math.trunc(clock()) - 1288834974657));
      const id = (sinceEpoch << 22n) | BigInt(integerBelow(2 ** 22, random));
      return letter() + id.toString(36).padStart(12, '0') + letter();
    }
  }
}

/**
 * The uid that file provisioning gives a datasource that names none: `Prometheus` is `PBFA97CFB590B2093`.
 * @see grafana/grafana: pkg/services/provisioning/datasources/config_reader.go
 */
export function provisionedUid(name: string): string {
  return `P${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
}
