import {
  createFrame,
  type DatasourceOptions,
  numberField,
  perQuery,
  timeField,
} from 'crosslink/grafana-plugin';
import * as z from 'zod';

const Settings = z.object({ height: z.number().default(1) });
const Query = z.object({ points: z.int().min(1).max(10_000).default(100) });

/** A whole datasource: a line that goes up, from the left edge of the panel to the right. */
export const datasource: DatasourceOptions<z.output<typeof Settings>> = {
  id: 'example-line-datasource',
  settings: Settings,
  create: ({ jsonData: { height } }) => ({
    queryData: perQuery(Query, ({ model: { points }, timeRange: { from, to } }) => {
      const stepMs = (to.getTime() - from.getTime()) / points;
      const times = Array.from({ length: points }, (_, i) => new Date(from.getTime() + i * stepMs));
      const values = Float64Array.from(times, (_, i) => (height * i) / points);
      return createFrame({ name: 'line', fields: [timeField('time', times), numberField('value', values)] });
    }),
    checkHealth: () => ({ status: 'ok', message: `the line is ${height} high` }),
  }),
};
