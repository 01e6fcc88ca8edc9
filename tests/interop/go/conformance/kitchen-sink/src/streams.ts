import {
  DatasourceError,
  downstreamError,
  type Publication,
  type StreamPacket,
  type StreamRequest,
  type Subscription,
} from '#lib/grafana-plugin';
import { line } from './frames.ts';
import { state, wait } from './state.ts';

export function subscribe({ path, data }: StreamRequest): Subscription {
  if (path === 'private') return 'permission-denied';
  if (path === 'schema') return { status: 'ok', initialData: { frame: line(1), include: 'schema' } };
  if (path === 'echo') return { status: 'ok', initialData: { json: { data } } };
  if (path === 'throw') throw new DatasourceError('no subscription today', { status: 503 });
  return path.startsWith('ticks') ? 'ok' : 'not-found';
}

export function publish({ path, data }: StreamRequest): Publication {
  if (path === 'private') return 'permission-denied';
  if (path === 'echo') return { status: 'ok', data: { json: { data } } };
  return path === 'quiet' ? 'ok' : 'not-found';
}

/** By path: `ticks...` until aborted, `count/5`, `rows`, `fast/<bytes>`, and several that fail. */
export async function* run(request: StreamRequest): AsyncGenerator<StreamPacket> {
  const { path, signal } = request;
  const [kind = '', parameter = '0'] = path.split('/');
  state.running++;
  try {
    if (kind === 'count') {
      for (let i = 0; i < Number(parameter); i++) yield { json: { i } };
    } else if (kind === 'rows') {
      yield line(1);
      yield { frame: line(2), include: 'data' };
    } else if (kind === 'fast') {
      const filler = 'x'.repeat(Number(parameter));
      for (;;) {
        state.packets++;
        yield { json: filler };
      }
    } else if (kind === 'fast-rows') {
      const frame = line(Number(parameter));
      for (;;) yield frame;
    } else if (kind === 'throw') {
      yield { json: 'first' };
      throw parameter === 'downstream'
        ? downstreamError('the feed is down', { status: 502 })
        : new Error('the stream broke');
    } else if (kind === 'no-json') {
      yield { json: undefined };
    } else {
      for (let i = 0; ; i++) {
        yield { json: { i } };
        await wait(10, signal);
      }
    }
    state.returned++;
  } finally {
    state.running--;
    if (signal.aborted) state.aborted++;
  }
}
