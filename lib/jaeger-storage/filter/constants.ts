/** Texts of constants, as Go reads them: these functions give undefined where Go gives an error. */

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

export function parseInteger(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]{1,100}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

/** Decimal only: of the numbers that Go reads, the hexadecimal ones are not read here. */
export function parseDouble(text: string): number | undefined {
  if (text.length <= 1000 && /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(text);
  return infinity === null ? undefined : infinity[1] === '-' ? -Infinity : Infinity;
}

/** An integer where it is one, for the sake of those beyond 2^53. */
export function parseNumber(
  text: string,
):
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | undefined {
  const integer = parseInteger(text);
  if (integer !== undefined) return { type: 'int', value: integer };
  const double = parseDouble(text);
  return double === undefined ? undefined : { type: 'double', value: double };
}

export function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'True', 'TRUE'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(text)) return false;
  return undefined;
}

const UNITS_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  // Both of Unicode's micro signs.
  '\u00b5s': 1000n,
  '\u03bcs': 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's durations, such as '2s', '1h30m' or '-1.5us'. @returns nanoseconds */
export function parseDuration(text: string): bigint | undefined {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  if (
    text.length > 1000 ||
    !/^(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(rest)
  ) {
    return undefined;
  }
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(
    /([0-9]*)\.?([0-9]*)([a-z\u00b5\u03bc]+)/g,
  )) {
    const unitNs = UNITS_NS[unit] as bigint;
    total += BigInt(whole) * unitNs;
    // What is less than a nanosecond is cut off, as in Go.
    total += (BigInt(fraction) * unitNs) / 10n ** BigInt(fraction.length);
  }
  if (sign === '-') total = -total;
  return total >= INT64_MIN && total <= INT64_MAX ? total : undefined;
}

/** RFC 3339, with as many digits of the second as there are; those after the ninth are cut off. @returns Unix nanoseconds */
export function parseTimestamp(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,100}))?(?:Z|([+-])(\d\d):(\d\d))$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, date = '', hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = match;
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  // A date that is none, such as 30 February, becomes another one.
  if (Number.isNaN(midnightMs) || new Date(midnightMs).toISOString().slice(0, 10) !== date) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(zoneHour) > 24 || Number(zoneMinute) > 59) return undefined;
  const zoneSeconds = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60 * (sign === '-' ? -1 : 1);
  const seconds =
    midnightMs / 1000 + (Number(hour) * 60 + Number(minute)) * 60 + Number(second) - zoneSeconds;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}
