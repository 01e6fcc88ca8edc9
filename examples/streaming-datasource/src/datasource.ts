import { setTimeout } from 'node:timers/promises';
import {
  createFrame,
  type DatasourceOptions,
  datasourceChannel,
  type Frame,
  numberField,
  perQuery,
  timeField,
} from 'crosslink/grafana-plugin';
import type * as z from 'zod';
import { StreamQuery, StreamSettings } from './model.ts';

const stream = 'stream';

export const datasource: DatasourceOptions<z.output<typeof StreamSettings>> = {
  id: 'crosslink-streaming-datasource',
  settings: StreamSettings,
  create({ uid, jsonData: { intervalMs } }) {
    // Shared by all who look at this datasource: Grafana runs one stream for them, whoever came first.
    let value = 0;

    return {
      // The answer has no rows yet. It says what they will look like, and on which channel they come.
      queryData: perQuery(StreamQuery, () => frameOf([], [], datasourceChannel(uid, stream))),

      // Once per subscriber. The initial data is the schema, which those who come late have missed, and the first row.
      subscribeStream({ path }) {
        if (path !== stream) return 'not-found';
        return { status: 'ok', initialData: frameOf([new Date()], [value]) };
      },

      // Panels listen here, and nobody has anything to say.
      publishStream: () => 'permission-denied',

      // Once for all subscribers, until the last of them has left.
      async *runStream({ signal }) {
        while (!signal.aborted) {
          value += Math.random() - 0.5;
          yield frameOf([new Date()], [value]);
          if (intervalMs > 0) await setTimeout(intervalMs, undefined, { signal });
        }
      },

      checkHealth: () => ({ status: 'ok', message: `a value every ${intervalMs} ms` }),
    };
  },
};

function frameOf(times: readonly Date[], values: readonly number[], channel?: string): Frame {
  return createFrame({
    name: stream,
    meta: channel === undefined ? undefined : { channel },
    fields: [timeField('time', times), numberField('value', values)],
  });
}
