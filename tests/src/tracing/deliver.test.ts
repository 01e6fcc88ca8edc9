import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TraceBuffer } from '../../../src/tracing/buffer.ts';
import { deliver, type Send, type SendOutcome } from '../../../src/tracing/deliver.ts';

/** A buffer in memory, with room for `most`. */
function memoryBuffer(held: string[] = [], most = 100) {
  let serial = 0;
  const requests = new Map(held.map((body) => [String(serial++).padStart(3, '0'), Buffer.from(body)]));
  const buffer: TraceBuffer = {
    waiting: () => [...requests.keys()],
    read: (name) => requests.get(name),
    remove: (name) => void requests.delete(name),
    add(body) {
      requests.set(String(serial++).padStart(3, '0'), Buffer.from(body));
      const [oldest = ''] = requests.keys();
      if (requests.size <= most) return 0;
      requests.delete(oldest);
      return 1;
    },
  };
  return { buffer, held: () => [...requests.values()].map(String) };
}

/** Answers by what is sent, and remembers it. */
function endpoint(answer: (body: string) => SendOutcome) {
  const seen: string[] = [];
  const send: Send = async (body) => {
    seen.push(Buffer.from(body).toString());
    return answer(Buffer.from(body).toString());
  };
  return { send, seen };
}

const sent: SendOutcome = { kind: 'sent' };
const away: SendOutcome = { kind: 'away', reason: 'ECONNREFUSED', needsAttention: false };
const never = () => new AbortController().signal;

suite('tracing: deliver', () => {
  test('what waits goes first, in order, and then what is new', async () => {
    const { buffer, held } = memoryBuffer(['a', 'b']);
    const { send, seen } = endpoint(() => sent);
    const delivery = await deliver(Buffer.from('c'), buffer, send, never());
    assert.deepEqual(seen, ['a', 'b', 'c']);
    assert.deepEqual(held(), []);
    assert.deepEqual(delivery, { sent: 3, away: null, lost: [] });
  });

  test('an endpoint that is away is asked once, and all waits', async () => {
    const { buffer, held } = memoryBuffer(['a', 'b']);
    const { send, seen } = endpoint(() => away);
    const delivery = await deliver(Buffer.from('c'), buffer, send, never());
    assert.deepEqual(seen, ['a']);
    assert.deepEqual(held(), ['a', 'b', 'c']);
    assert.equal(delivery.away?.reason, 'ECONNREFUSED');
  });

  test('an endpoint that is not known yet is not asked, and all waits', async () => {
    const { buffer, held } = memoryBuffer(['a']);
    const delivery = await deliver(Buffer.from('b'), buffer, null, never());
    assert.deepEqual(held(), ['a', 'b']);
    assert.match(delivery.away?.reason ?? '', /not known yet/);
  });

  test('a request that is refused is dropped and told of, and does not hold up those behind it', async () => {
    const { buffer, held } = memoryBuffer(['corrupt', 'b']);
    const { send, seen } = endpoint((body) =>
      body === 'corrupt' ? { kind: 'refused', reason: 'it answered 400' } : sent,
    );
    const delivery = await deliver(Buffer.from('c'), buffer, send, never());
    assert.deepEqual(seen, ['corrupt', 'b', 'c']);
    assert.deepEqual(held(), []);
    assert.deepEqual(delivery.lost, ['the tracing endpoint refuses a trace: it answered 400']);
    assert.equal(delivery.sent, 2);
  });

  test('when the time is up nothing more is sent, and the rest waits', async () => {
    const { buffer, held } = memoryBuffer(['a', 'b', 'c']);
    const deadline = new AbortController();
    const { send, seen } = endpoint((body) => {
      if (body === 'b') deadline.abort();
      return sent;
    });
    const delivery = await deliver(Buffer.from('d'), buffer, send, deadline.signal);
    assert.deepEqual(seen, ['a', 'b']);
    assert.deepEqual(held(), ['c', 'd']);
    assert.equal(delivery.away?.reason, 'no time left');
  });

  test('what could not be read is left where it is', async () => {
    const { buffer, held } = memoryBuffer(['a']);
    const unreadable = { ...buffer, read: () => undefined };
    const { send, seen } = endpoint(() => sent);
    await deliver(Buffer.from('b'), unreadable, send, never());
    assert.deepEqual(seen, ['b']);
    assert.deepEqual(held(), ['a']);
  });

  test('a folder that can not be written to costs this trace, and says so', async () => {
    const { buffer } = memoryBuffer();
    const full: TraceBuffer = {
      ...buffer,
      add() {
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      },
    };
    const delivery = await deliver(Buffer.from('a'), full, endpoint(() => away).send, never());
    assert.deepEqual(delivery.lost, [
      "the trace of this hook can't be kept: ENOSPC: no space left on device",
    ]);
  });

  test('says how many had to go for want of room', async () => {
    const { buffer } = memoryBuffer(['a'], 1);
    const delivery = await deliver(Buffer.from('b'), buffer, endpoint(() => away).send, never());
    assert.match(delivery.lost[0] ?? '', /1 of the oldest dropped/);
  });

  test('however the endpoint comes and goes, everything arrives, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 4 }), { maxLength: 12 }), async (reaches) => {
        const { buffer, held } = memoryBuffer();
        const arrived: string[] = [];
        const hooks = [...reaches, 1_000].map((reach, index) => ({ reach, body: `t${index}` }));
        for (const { reach, body } of hooks) {
          let left = reach;
          const { send } = endpoint((one) => {
            if (left === 0) return away;
            left -= 1;
            arrived.push(one);
            return sent;
          });
          await deliver(Buffer.from(body), buffer, send, never());
        }
        assert.deepEqual(
          arrived,
          hooks.map(({ body }) => body),
        );
        assert.deepEqual(held(), []);
      }),
      { numRuns: 50 },
    );
  });
});
