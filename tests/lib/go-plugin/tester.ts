import { type Broker, type ErrorDetail, implement, RpcError, type Service } from '#lib/go-plugin';
import { Tester } from './proto/tester_pb.ts';

/** What tests do with a service: each kind of method, each kind of failure. */
export function tester(broker?: Broker): Service {
  const service: Service = implement(Tester, {
    echo: (blob) => blob,
    async *count({ number, data }) {
      for (let at = 0; at < number; at++) yield { number: at, data };
    },
    async sum(blobs) {
      let [number, text] = [0, ''];
      for await (const blob of blobs) {
        number++;
        text += blob.text;
      }
      return { number, text };
    },
    async *mirror(blobs) {
      yield* blobs;
    },
    fail({ text }) {
      const details: ErrorDetail[] = [
        { reason: 'TEST', domain: 'crosslink', metadata: { errorSource: 'downstream' } },
      ];
      if (text === 'rpc') throw new RpcError('NOT_FOUND', 'as asked', { details });
      if (text === 'later') {
        setImmediate(() => {
          throw new Error('thrown when nobody could catch it');
        });
        void Promise.reject(new Error('rejected when nobody could catch it'));
        return {};
      }
      throw new Error(text);
    },
    print({ text }) {
      console.log(text);
      console.error(text);
      return {};
    },
    async callBack({ number, text }) {
      if (broker === undefined) throw new RpcError('FAILED_PRECONDITION', 'no broker');
      const connection = await broker.dial(number);
      try {
        return await connection.client(Tester).echo({ text });
      } finally {
        connection.close();
      }
    },
    async offer() {
      if (broker === undefined) throw new RpcError('FAILED_PRECONDITION', 'no broker');
      const number = broker.nextId();
      await broker.accept(number, [service]);
      return { number };
    },
  });
  return service;
}
