import { type PluginRequest, router } from '#lib/grafana-plugin';
import { settle, state, wait } from './state.ts';

export function resources(instance: number): (request: Request, call: PluginRequest) => Promise<Response> {
  return router({
    'GET /instance': () => Response.json({ instance, made: state.instancesMade }),
    'GET /state': () => Response.json({ ...state, pid: process.pid }),
    'POST /settle': async () => Response.json(await settle()),

    '/echo/*': async (request) => {
      const body = Buffer.from(await request.arrayBuffer()).toString('base64');
      const { method, url } = request;
      return Response.json({ method, url, headers: Object.fromEntries(request.headers), body });
    },
    'POST /bytes': async (request) =>
      new Response(await request.arrayBuffer(), { headers: { 'content-type': 'application/octet-stream' } }),
    'GET /status/:code': (_request, { params }) => {
      const headers = new Headers({ 'x-thing': 'a' });
      headers.append('x-thing', 'b');
      headers.append('set-cookie', 'one=1');
      headers.append('set-cookie', 'two=2');
      return new Response(null, { status: Number(params.code), headers });
    },

    'GET /pieces': (_request, { url, signal }) => {
      const count = Number(url.searchParams.get('count') ?? 'Infinity');
      const everyMs = Number(url.searchParams.get('everyMs') ?? 0);
      return new Response(pieces(count, everyMs, signal), { headers: { 'content-type': 'text/plain' } });
    },
    'GET /one-buffer': (_request, { url }) =>
      new Response(oneBuffer(Number(url.searchParams.get('count')), Number(url.searchParams.get('bytes')))),
    'GET /throw': () => {
      throw new Error('this resource is broken');
    },
    'GET /throw-late': () => {
      let asked = 0;
      return new Response(
        new ReadableStream({
          pull(controller) {
            if (asked++ > 0) throw new Error('the rest is lost');
            controller.enqueue(Buffer.from('the beginning'));
          },
        }),
      );
    },

    'POST /log': (_request, { log }) => {
      log.trace('a trace line', { n: 1 });
      log.debug('a debug line', { n: 2, nested: { a: [1, 2] } });
      log.info('an info line', { text: 'two\nlines', big: 2n ** 60n, at: new Date(0) });
      log.warn('a warning ✓', { '@level': 'error', nothing: undefined });
      log.error('an error line', { error: new Error('its message', { cause: new Error('its cause') }) });
      log.with({ fixed: 'yes' }).info('with fields', {});
      return new Response(null, { status: 204 });
    },
    'POST /print': () => {
      console.log('1|2|unix|/nowhere|grpc|');
      console.error('printed to standard error');
      // Longer than the line that a host can read.
      process.stdout.write('x'.repeat(200_000));
      process.stdout.write('\n');
      return new Response(null, { status: 204 });
    },
    'POST /unhandled': () => {
      Promise.reject(new Error('nobody handles this rejection'));
      setTimeout(() => {
        throw new Error('nobody catches this error');
      }, 1);
      return new Response(null, { status: 202 });
    },
  });
}

function pieces(count: number, everyMs: number, signal: AbortSignal): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (sent > 0 && everyMs > 0) await wait(everyMs, signal).catch(() => {});
        controller.enqueue(Buffer.from(`piece ${sent++}\n`));
        if (sent >= count) controller.close();
      },
      cancel() {
        state.cancelledBodies++;
      },
    },
    { highWaterMark: 0 },
  );
}

/** Pieces that are all in the same memory: the first are zeros, then come ones, ... */
function oneBuffer(count: number, bytes: number): ReadableStream<Uint8Array> {
  const buffer = new Uint8Array(bytes);
  let sent = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(buffer.fill(sent++));
        if (sent === count) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
