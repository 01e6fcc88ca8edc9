import assert from 'node:assert/strict';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { EncodedMessage, implement } from '#lib/go-plugin';
import { collect, served } from './helpers.ts';
import { BlobSchema, Tester } from './proto/tester_pb.ts';

const encoded = (text: string) => toBinary(BlobSchema, create(BlobSchema, { text }));

suite('messages that stay encoded', () => {
  test('requests arrive as the bytes that they are, and answers leave so', async () => {
    const service = implement(
      Tester,
      {
        echo: (bytes) => new EncodedMessage(bytes.subarray(0, 1), bytes.subarray(1)),
        async sum(requests) {
          const texts = [];
          for await (const bytes of requests) texts.push(fromBinary(BlobSchema, bytes).text);
          return { text: texts.join(' ') };
        },
        // Not named below, so that it gets a message.
        async *count({ number }) {
          for (let at = 0; at < number; at++) yield new EncodedMessage(encoded(`no ${at}`));
        },
      },
      { encodedRequests: ['echo', 'sum'] },
    );
    await served(Tester, service, async ({ client }) => {
      const echo = await client.echo({ text: 'grüße', number: 7 });
      assert.deepEqual([echo.text, echo.number], ['grüße', 7]);
      assert.equal((await client.sum([{ text: 'a' }, { text: 'b' }])).text, 'a b');
      const counted = await collect(client.count({ number: 3 }));
      assert.deepEqual(
        counted.map(({ text }) => text),
        ['no 0', 'no 1', 'no 2'],
      );
    });
  });

  test('what is no message of the type reaches the method all the same, as a plain Uint8Array', async () => {
    const seen: Uint8Array[] = [];
    const service = implement(
      Tester,
      {
        echo(bytes) {
          seen.push(bytes.slice());
          assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
          return {};
        },
      },
      { encodedRequests: ['echo'] },
    );
    await served(Tester, service, async ({ connection }) => {
      const garbage = Buffer.from('ffffffff', 'hex');
      const asIs = (bytes: Buffer) => bytes;
      await new Promise<void>((resolve, reject) => {
        connection.makeUnaryRequest('/crosslink.test.Tester/Echo', asIs, asIs, garbage, (error) =>
          error ? reject(error) : resolve(),
        );
      });
    });
    assert.deepEqual(seen, [new Uint8Array([255, 255, 255, 255])]);
  });

  test('50 MB of parts arrive as one message', async () => {
    const size = 1024 * 1024;
    const data = new Uint8Array(50 * size).map((_, at) => at % 251);
    // The field's tag and length, and then its bytes in pieces.
    const whole = toBinary(BlobSchema, create(BlobSchema, { data }));
    const parts: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += size) parts.push(whole.subarray(at, at + size));
    const service = implement(Tester, {
      async *count() {
        yield new EncodedMessage(...parts);
        yield new EncodedMessage();
      },
    });
    await served(Tester, service, async ({ client }) => {
      const [first, second] = await collect(client.count({}));
      assert.ok(Buffer.from(first?.data ?? []).equals(data));
      assert.equal(second?.data.length, 0);
    });
  });
});
