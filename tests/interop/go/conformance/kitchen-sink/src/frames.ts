import {
  booleanField,
  createFrame,
  enumField,
  type Frame,
  jsonField,
  numberField,
  stringField,
  timeField,
} from '#lib/grafana-plugin';

/** 2023-11-14T22:13:20Z and some nanoseconds that no millisecond holds. */
export const startNs = 1_700_000_000_000_000_007n;

/** `points` rows, one a second. */
export function line(points: number, name = 'line'): Frame {
  const times = new BigInt64Array(points);
  const values = new Float64Array(points);
  for (let i = 0; i < points; i++) {
    times[i] = startNs + BigInt(i) * 1_000_000_000n;
    values[i] = i / 2;
  }
  return createFrame({
    name,
    fields: [timeField('time', times), numberField('value', values)],
  });
}

/** A field of each type, with a null where the type may have one, and each thing a frame can say of itself. */
export function everyType(): Frame {
  return createFrame({
    name: 'every type ✓',
    meta: {
      type: 'table',
      typeVersion: [0, 1],
      custom: { deep: [1, { er: true }] },
      notices: [{ severity: 'warning', text: 'mind the gap' }],
      executedQueryString: 'SELECT 1',
      preferredVisualisationType: 'table',
    },
    fields: [
      timeField('time', [startNs, null, -1n]),
      numberField('int8', [-128, 0, 127], { type: 'int8' }),
      numberField('int16', [-32768, null, 32767], { type: 'int16' }),
      numberField('int32', [-2147483648, 0, 2147483647], { type: 'int32' }),
      numberField('int64', [-(2n ** 63n), null, 2n ** 63n - 1n], { type: 'int64' }),
      numberField('uint8', [0, 1, 255], { type: 'uint8' }),
      numberField('uint16', [0, 1, 65535], { type: 'uint16' }),
      numberField('uint32', [0, null, 4294967295], { type: 'uint32' }),
      numberField('uint64', [0n, 1n, 2n ** 64n - 1n], { type: 'uint64' }),
      numberField('float32', [0.5, null, -1.25], { type: 'float32' }),
      numberField('float64', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], {
        labels: { host: 'a', ünïcode: '✓' },
        config: { displayName: 'D', unit: 'ms', decimals: 2, min: 0, noValue: '-' },
      }),
      stringField('string', ['', null, 'smörgås 🥪']),
      booleanField('bool', [true, null, false]),
      jsonField('json', [{ a: [1] }, 'text', 3]),
      enumField('enum', ['low', null, 'high'], ['low', 'high']),
    ],
  });
}
