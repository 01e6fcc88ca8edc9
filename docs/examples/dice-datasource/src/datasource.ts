import {
  createFrame,
  type DatasourceOptions,
  numberField,
  perQuery,
  timeField,
} from 'crosslink/grafana-plugin';
import * as z from 'zod';

const Settings = z.object({ dice: z.int().min(1).default(2) });
const Query = z.object({ sides: z.int().min(1).default(6) });

export const datasource: DatasourceOptions<z.output<typeof Settings>> = {
  id: 'crosslink-dice-datasource',
  settings: Settings,
  create({ jsonData: { dice } }) {
    const roll = (sides: number) => 1 + Math.floor(Math.random() * sides);
    return {
      queryData: perQuery(Query, ({ model: { sides }, timeRange: { from, to }, maxDataPoints }) => {
        const count = Math.min(maxDataPoints, 500);
        const stepMs = (to.getTime() - from.getTime()) / count;
        const times = Array.from({ length: count }, (_, i) => new Date(from.getTime() + i * stepMs));
        const rolls = times.map(() => {
          const each = Array.from({ length: dice }, () => roll(sides));
          return each.reduce((sum, one) => sum + one);
        });
        return createFrame({ name: 'rolls', fields: [timeField('time', times), numberField('roll', rolls)] });
      }),
      checkHealth: () => ({ status: 'ok', message: `${dice} dice are ready` }),
    };
  },
};
