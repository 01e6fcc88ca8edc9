import { currentScope } from '../scope.ts';
import type { FetchOptions } from './options.ts';
import type { Middleware } from './request.ts';

/** @returns undefined where there is nobody to tell, or no datasource to tell of */
export function observed({ metrics, labels, secureSocksProxy }: FetchOptions): Middleware | undefined {
  const datasourceType = labelValue(labels?.datasource_type ?? '');
  if (metrics === undefined || datasourceType === '') return undefined;
  return async (request, next) => {
    const common = {
      datasourceType,
      secureSocksProxyEnabled: secureSocksProxy !== undefined,
      endpoint: currentScope()?.endpoint ?? '',
    };
    const startedMs = performance.now();
    metrics.observe({ ...common, kind: 'sent' });
    request.watchers.push({ end: (sizeBytes) => metrics.observe({ ...common, kind: 'read', sizeBytes }) });
    try {
      const response = await next(request);
      metrics.observe({
        ...common,
        kind: 'answered',
        code: response.status,
        method: request.method.toLowerCase(),
        durationSeconds: (performance.now() - startedMs) / 1000,
      });
      return response;
    } catch (error) {
      metrics.observe({ ...common, kind: 'failed' });
      throw error;
    }
  };
}

/** As Go's SDK writes it, so that one dashboard serves both. */
function labelValue(type: string): string {
  return type.replaceAll(' ', '_').replaceAll(/\W/g, '').replace(/^\d+/, '');
}
