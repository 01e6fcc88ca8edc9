import { numberField, timeField } from '../../../lib/grafana-plugin/frame/fields.ts';
import { createFrame } from '../../../lib/grafana-plugin/frame/frame.ts';
import type { Datasource, DatasourceOptions } from '../../../lib/grafana-plugin/index.ts';
import { startTestPlugin } from '../../../lib/grafana-plugin/testing/index.ts';

export const id = 'acme-things-datasource';
export const frameOf = (...values: number[]) =>
  createFrame({
    name: 'things',
    fields: [
      timeField(
        'time',
        BigInt64Array.from(values, (_, i) => BigInt(i)),
      ),
      numberField('value', Float64Array.from(values)),
    ],
  });
export const serving = (datasource: Datasource, options: Partial<DatasourceOptions> = {}) =>
  startTestPlugin({ id, create: () => datasource, ...options });
export const valuesOf = (frame: { fields: readonly { values: ArrayLike<unknown> }[] } | undefined) =>
  Array.from(frame?.fields.at(-1)?.values ?? []);
