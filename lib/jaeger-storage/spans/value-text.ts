import type { AttributeValue } from './span-record.ts';

/**
 * The texts by which a query finds a value: queries know no types, since Jaeger's HTTP and gRPC interfaces turn every
 * value into text first. Where Jaeger 1.x and 2.x write a value differently, it is found by either text: the first is
 * that of 2.x.
 *
 * - int, bool, string: as one writes them
 * - double: as JavaScript does (1e+21), and in 1.x with ten significant digits (0.30000000000000004 is 0.3)
 * - bytes: base64, and in 1.x lower-case hex
 * - array, map: JSON
 * @see jaegertracing/jaeger: model/keyvalue.go (v1.57.0); open-telemetry/opentelemetry-collector: pdata/pcommon/value.go
 */
export function valueTexts(value: AttributeValue): readonly string[] {
  switch (value.type) {
    case 'string':
    case 'json':
      return [value.value];
    case 'bool':
      return [value.value ? 'true' : 'false'];
    case 'int':
      return [String(value.value)];
    case 'double':
      return distinct(doubleText(value.value), goText(value.value));
    case 'bytes': {
      const bytes = Buffer.from(value.value.buffer, value.value.byteOffset, value.value.byteLength);
      return distinct(bytes.toString('base64'), bytes.toString('hex'));
    }
  }
}

function distinct(first: string, second: string): readonly string[] {
  return first === second ? [first] : [first, second];
}

/** The shortest text that is this number again, as ECMAScript writes it, with the sign of a zero. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Go's `strconv.FormatFloat(value, 'g', 10, 64)`: an exponent, of at least two digits, below 1e-4 and from 1e10 on. */
function goText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return doubleText(value);
  const [sign, digits, power] = tenDigits(value);
  const shortest = digits.replace(/0+$/, '');
  if (power < -4 || power >= 10) {
    const fraction = shortest.length > 1 ? `.${shortest.slice(1)}` : '';
    return `${sign}${shortest[0]}${fraction}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${shortest}`;
  const whole = digits.slice(0, power + 1);
  return shortest.length > whole.length
    ? `${sign}${whole}.${shortest.slice(whole.length)}`
    : `${sign}${whole}`;
}

/** Below it numbers have fewer digits than ten, and texts of them more. */
const MIN_NORMAL = 2.2250738585072014e-308;

/** The first ten significant digits, rounded, and the power of ten of the first. */
function tenDigits(value: number): [sign: string, digits: string, power: number] {
  const sign = value < 0 ? '-' : '';
  const magnitude = Math.abs(value);
  const [shortest, power] = digitsOf(magnitude.toExponential());
  if (shortest.length <= 10 && magnitude >= MIN_NORMAL) return [sign, shortest.padEnd(10, '0'), power];
  // Exactly halfway between two texts, ECMAScript takes the larger and Go the even one.
  if (shortest.length === 11 && shortest.endsWith('5') && Number(shortest[9]) % 2 === 0) {
    const [exact] = digitsOf(magnitude.toExponential(100));
    if (/^0*$/.test(exact.slice(11))) return [sign, shortest.slice(0, 10), power];
  }
  return [sign, ...digitsOf(magnitude.toExponential(9))];
}

function digitsOf(exponential: string): [digits: string, power: number] {
  const [digits = '', power] = exponential.split('e');
  return [digits.replace('.', ''), Number(power)];
}
