import {
  type DatasourceOptions,
  datasourceFetch,
  downstreamError,
  frameFromRows,
  perQuery,
  withSpan,
} from 'crosslink/grafana-plugin';
import { below } from './below.ts';
import { HttpQuery, Points } from './model.ts';

const columns = { time: 'time', value: 'float64' } as const;

export const datasource: DatasourceOptions = {
  id: 'crosslink-http-datasource',
  create(settings) {
    const { token } = settings.secureJsonData;
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    // Each request is a span, is counted, and takes along what Grafana forwards of its user's request.
    const fetch = datasourceFetch(settings, { headers, forwardHeaders: true });

    async function get(path: string): Promise<string> {
      const response = await fetch(below(settings.url, path));
      if (response.ok) return response.text();
      await response.body?.cancel();
      const { status } = response;
      throw downstreamError(`the server answered ${status} to GET ${path || '/'}`, {
        status: Math.max(status, 400),
      });
    }

    return {
      queryData: perQuery(HttpQuery, async ({ model: { path } }) => {
        const body = await get(path);
        // A span of our own, within that of the query: it shows what is the server's time and what is ours.
        const points = await withSpan('parse points', { 'body.length': body.length }, () => pointsIn(body));
        return frameFromRows(points, { name: path, columns });
      }),
      async checkHealth() {
        await get('');
        return { status: 'ok', message: 'the server answers' };
      },
      dispose: () => fetch.close(),
    };
  },
};

function pointsIn(body: string): Points {
  try {
    return Points.parse(JSON.parse(body));
  } catch (cause) {
    throw downstreamError('the server did not answer with a list of {time, value}', { status: 502, cause });
  }
}
