import {
  booleanField,
  createFrame,
  type DatasourceOptions,
  type Frame,
  numberField,
  perQuery,
  router,
  stringField,
  type TimeRange,
  timeField,
} from 'crosslink/grafana-plugin';
import type * as z from 'zod';
import { kinds, SineQuery, SineSettings } from './model.ts';

const mostRows = 1_000;

export const datasource: DatasourceOptions<z.output<typeof SineSettings>> = {
  id: 'crosslink-basic-datasource',
  settings: SineSettings,
  create: ({ jsonData: { scale } }) => ({
    queryData: perQuery(SineQuery, ({ model: { kind, points }, timeRange }) =>
      kind === 'table' ? table(points, scale) : timeSeries(points, scale, timeRange),
    ),
    checkHealth: () => ({ status: 'ok', message: `scale is ${scale}` }),
    callResource: router({ 'GET /kinds': () => Response.json(kinds) }),
  }),
};

/** One period, from the left edge of the panel to the right. The array of values becomes the column as it is. */
function timeSeries(points: number, scale: number, { from, to }: TimeRange): Frame {
  const times = new Float64Array(points);
  const spanMs = to.getTime() - from.getTime();
  for (let i = 0; i < points; i++) {
    times[i] = Math.round(from.getTime() + (i * spanMs) / Math.max(points - 1, 1));
  }
  const fields = [timeField('time', times), numberField('value', sine(points, points, scale))];
  return createFrame({ name: 'sine', fields });
}

function table(points: number, scale: number): Frame {
  const rows = Math.min(points, mostRows);
  const values = sine(rows, points, scale);
  const names = Array.from(values, (_, i) => `point ${i}`);
  const positive = Array.from(values, (value) => value >= 0);
  const fields = [stringField('name', names), numberField('value', values), booleanField('ok', positive)];
  const text = `Only the first ${mostRows} of ${points} rows are shown`;
  const meta = rows < points ? { notices: [{ severity: 'info' as const, text }] } : undefined;
  return createFrame({ name: 'table', meta, fields });
}

function sine(count: number, points: number, scale: number): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = scale * Math.sin((2 * Math.PI * i) / points);
  return values;
}
