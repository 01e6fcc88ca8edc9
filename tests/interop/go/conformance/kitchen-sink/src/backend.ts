import * as z from 'zod';
import { DatasourceError, datasourceFetch, type Health, serveDatasource } from '#lib/grafana-plugin';
import { answers, chunks } from './queries.ts';
import { resources } from './resources.ts';
import { state } from './state.ts';
import { publish, run, subscribe } from './streams.ts';

const JsonData = z.looseObject({
  /** Makes there be no instance. */
  fail: z.string().optional(),
  health: z.enum(['ok', 'error', 'throw', 'unknown']).default('ok'),
});

await serveDatasource({
  id: 'crosslink-kitchensink-datasource',
  settings: JsonData,
  tracingAttributes: { 'custom.attribute': 'from the author' },

  create(settings, { log }) {
    const { fail, health } = settings.jsonData;
    if (fail !== undefined) throw new DatasourceError(fail, { status: 400, source: 'downstream' });
    const instance = ++state.instancesMade;
    const fetch = datasourceFetch(settings);
    log.info('instance made', { instance });
    return {
      queryData: answers(fetch),
      queryChunkedData: chunks,
      checkHealth: () => healthOf(health, instance),
      callResource: resources(instance),
      subscribeStream: subscribe,
      publishStream: publish,
      runStream: run,
      async dispose() {
        state.instancesDisposed++;
        log.info('instance disposed of', { instance });
        await fetch.close();
      },
    };
  },

  validateAdmission({ operation, kind, object }) {
    if (operation === 'delete') {
      return { allowed: false, result: { status: 'Failure', message: 'keep it', reason: 'Kept', code: 403 } };
    }
    return { allowed: true, warnings: [`${kind.kind} of ${object.length} bytes`] };
  },
  mutateAdmission: ({ object, oldObject }) => ({
    allowed: true,
    object: Buffer.concat([object, Buffer.from('+'), oldObject]),
  }),
  convertObjects: ({ objects, targetVersion }) => ({
    objects: objects.map(({ raw, contentType }) => ({
      raw: Buffer.from(JSON.stringify({ ...targetVersion, was: Buffer.from(raw).toString() })),
      contentType,
    })),
  }),
});

function healthOf(health: 'ok' | 'error' | 'throw' | 'unknown', instance: number): Health {
  if (health === 'throw') throw new Error('the check itself broke');
  return {
    status: health,
    message: `it is ${health}`,
    details: { verboseMessage: 'at length', instance },
  };
}
