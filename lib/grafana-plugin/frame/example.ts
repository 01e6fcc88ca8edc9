import {
  createFrame,
  decodeArrow,
  encodeArrow,
  enumField,
  frameFromRows,
  frameToJson,
  longToWide,
  numberField,
  timeField,
} from 'crosslink/grafana-plugin';

// Columns: typed arrays are taken as they are, lists may have nulls.
const frame = createFrame({
  name: 'cpu',
  refId: 'A',
  meta: { type: 'timeseries-wide', typeVersion: [0, 1] },
  fields: [
    timeField('time', [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:01:00Z')]),
    numberField('load', Float64Array.of(0.5, 0.75), {
      labels: { host: 'a' },
      config: { unit: 'percentunit' },
    }),
    enumField('state', ['idle', null], ['idle', 'busy']),
  ],
});

// Rows: types are inferred, or declared.
const long = frameFromRows(
  [
    { time: new Date(0), host: 'a', requests: 3 },
    { time: new Date(0), host: 'b', requests: 5 },
    { time: new Date(60_000), host: 'a', requests: 4 },
  ],
  { columns: { time: 'time', host: 'string', requests: 'uint32' } },
);
const wide = longToWide(long, { mode: 'previous' });

// What goes over the wire, should a plugin do it by hand.
const decoded = await decodeArrow(encodeArrow(frame));
const packet = frameToJson(wide, 'data');

export const shown = [
  decoded.fields.map(({ name, type, nullable }) => `${name}: ${nullable ? 'nullable ' : ''}${type}`),
  wide.fields.map(({ name, labels }) => `${name} ${labels?.host ?? ''}`.trim()),
  packet,
];
