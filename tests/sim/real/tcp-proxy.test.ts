import assert from 'node:assert/strict';
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { randomFrom } from '#lib/juju-local';
import { type Fault, faultKinds, randomFaults } from './faults.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Waits for what comes by itself; mocha ends what never does. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(5);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

suite('a TCP proxy that goes wrong', () => {
  const text = 'x'.repeat(2000);
  /** What reached the server in full. */
  let arrived: string[];
  let server: Server;
  let proxy: TcpProxy;
  let agent: Agent;

  setup(async () => {
    arrived = [];
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      arrived.push(`${request.method} ${request.url} ${body}`.trim());
      response.setHeader('content-length', text.length);
      response.end(text);
    });
    // A request that is cut off.
    server.on('clientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  teardown(async () => {
    agent.destroy();
    await proxy.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Each connection has the next of these faults, and then none. */
  async function start(...faults: (Fault | undefined)[]): Promise<void> {
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const left = [...faults];
    proxy = await TcpProxy.start({ target: `http://127.0.0.1:${address.port}`, faults: () => left.shift() });
  }

  function ask(method: string, path: string, { body = '', timeoutMs = 5000 } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const request = httpRequest(`${proxy.url}${path}`, { method, agent, signal }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  function struck(): Record<string, number> {
    return Object.fromEntries(Object.entries(proxy.struck).filter(([, count]) => count > 0));
  }

  const well = { status: 200, body: text };
  const reset = { code: 'ECONNRESET' };
  const closed = { message: /socket hang up|aborted|ECONNRESET/ };

  test('passes everything on where it has no fault, and sees what was asked', async () => {
    await start();
    assert.deepEqual(await ask('GET', '/a'), well);
    assert.deepEqual(await ask('POST', '/b', { body: 'what' }), well);
    assert.deepEqual(arrived, ['GET /a', 'POST /b what']);
    assert.deepEqual(proxy.exchanges, [
      { method: 'GET', path: '/a', state: 'answered' },
      { method: 'POST', path: '/b', state: 'answered' },
    ]);
    assert.deepEqual([proxy.connections, struck()], [1, {}]);
  });

  test('refuses for a time', async () => {
    await start({ kind: 'refuse', forMs: 300 });
    await assert.rejects(ask('GET', '/a'), { code: 'ECONNREFUSED' });
    await until(() =>
      ask('GET', '/a').then(
        () => true,
        () => false,
      ),
    );
    assert.deepEqual(struck(), { refuse: 1 });
  });

  test('refuses no more when it is to behave', async () => {
    await start({ kind: 'refuse', forMs: 60_000 }, { kind: 'silent', applied: false });
    await proxy.behave();
    assert.deepEqual(await ask('GET', '/a'), well);
  });

  test('goes wrong in another way from the next connection on', async () => {
    await start();
    proxy.misbehave(() => ({ kind: 'reset-answer', afterBytes: 0 }));
    for (const path of ['/a', '/b']) await assert.rejects(ask('GET', path), reset);
    await proxy.behave();
    assert.deepEqual(await ask('GET', '/c'), well);
    assert.deepEqual(struck(), { 'reset-answer': 2 });
  });

  for (const applied of [false, true]) {
    test(`is silent about what was ${applied ? 'done' : 'not even passed on'}`, async () => {
      await start({ kind: 'silent', applied });
      await assert.rejects(ask('POST', '/a', { timeoutMs: 300 }), { name: 'AbortError' });
      assert.deepEqual(arrived, applied ? ['POST /a'] : []);
      await until(() => proxy.exchanges[0]?.state === 'gone');
      assert.deepEqual(struck(), { silent: 1 });
    });
  }

  test('resets a request on its way, which then is not carried out', async () => {
    await start({ kind: 'reset-request', afterBytes: 30 });
    await assert.rejects(ask('POST', '/a', { body: text }), reset);
    assert.deepEqual([arrived, struck()], [[], { 'reset-request': 1 }]);
  });

  test('leaves a request alone that is shorter than the bytes after which it resets', async () => {
    await start({ kind: 'reset-request', afterBytes: 5000 });
    assert.deepEqual(await ask('GET', '/a'), well);
    assert.deepEqual(struck(), {});
  });

  for (const afterBytes of [0, 20, 500]) {
    test(`resets an answer after ${afterBytes} bytes, when the request is done`, async () => {
      await start({ kind: 'reset-answer', afterBytes });
      await assert.rejects(ask('POST', '/a'), closed);
      assert.deepEqual([arrived, struck()], [['POST /a'], { 'reset-answer': 1 }]);
      await until(() => proxy.exchanges[0]?.state === (afterBytes === 0 ? 'gone' : 'answered'));
    });
  }

  test('delays, and drips', async () => {
    await start({ kind: 'delay', ms: 200 }, { kind: 'drip', bytes: 100, everyMs: 5 });
    const began = performance.now();
    assert.deepEqual(await ask('GET', '/a'), well);
    // Timers may be a little early.
    assert.ok(performance.now() - began > 190);
    agent.destroy();
    assert.deepEqual(await ask('GET', '/b'), well);
    assert.deepEqual(struck(), { delay: 1, drip: 1 });
  });

  test('cuts a kept-alive connection after its first answer', async () => {
    await start({ kind: 'cut-idle', when: 'at-once' });
    assert.deepEqual(await ask('GET', '/a'), well);
    await until(() => Object.keys(agent.freeSockets).length === 0);
    assert.deepEqual(await ask('GET', '/b'), well);
    assert.deepEqual([proxy.connections, struck()], [2, { 'cut-idle': 1 }]);
  });

  test('cuts a kept-alive connection on top of the next request', async () => {
    await start({ kind: 'cut-idle', when: 'next-request' });
    assert.deepEqual(await ask('GET', '/a'), well);
    await assert.rejects(ask('GET', '/b'), reset);
    assert.deepEqual([arrived, struck()], [['GET /a'], { 'cut-idle': 1 }]);
  });

  test('answers garbage, before anything is done or after', async () => {
    const page = 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\nno';
    await start(
      { kind: 'garbage', answer: page, applied: false },
      { kind: 'garbage', answer: 'SSH-2.0', applied: true },
    );
    assert.deepEqual(await ask('POST', '/a'), { status: 502, body: 'no' });
    agent.destroy();
    await assert.rejects(ask('POST', '/b'), { code: /^HPE_/ });
    assert.deepEqual([arrived, struck()], [['POST /b'], { garbage: 2 }]);
  });

  test('stops while connections are silent, delayed and refused', async () => {
    await start(
      { kind: 'silent', applied: false },
      { kind: 'delay', ms: 60_000 },
      { kind: 'refuse', forMs: 60_000 },
    );
    const asked = [ask('GET', '/a')];
    await until(() => proxy.connections === 1);
    agent = new Agent();
    asked.push(ask('GET', '/b'));
    await until(() => proxy.connections === 2);
    await proxy.stop();
    const ended = await Promise.allSettled(asked);
    assert.deepEqual(
      ended.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    proxy = await TcpProxy.start({ target: 'http://127.0.0.1:1' });
  });
});

suite('random faults', () => {
  const draw = (seed: number, count: number, options = { share: 0.25, silences: 2 }) => {
    const next = randomFaults(randomFrom(seed), options);
    return Array.from({ length: count }, next);
  };

  test('are the same for the same seed, and others for another', () => {
    assert.deepEqual(draw(1, 200), draw(1, 200));
    assert.notDeepEqual(draw(1, 200), draw(2, 200));
  });

  test('hit their share of connections, with every kind, and with no more silences than allowed', () => {
    const drawn = draw(3, 1000).filter((fault) => fault !== undefined);
    assert.ok(drawn.length > 200 && drawn.length < 300, `${drawn.length} of 1000`);
    assert.deepEqual(new Set(drawn.map(({ kind }) => kind)), new Set(faultKinds));
    assert.equal(drawn.filter(({ kind }) => kind === 'silent').length, 2);
  });

  test('leave everything alone with a share of nothing', () => {
    assert.deepEqual(new Set(draw(1, 100, { share: 0, silences: 1 })), new Set([undefined]));
  });
});
