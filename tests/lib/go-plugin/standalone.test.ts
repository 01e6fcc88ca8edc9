import assert from 'node:assert/strict';
import { Client as Connection, credentials } from '@grpc/grpc-js';
import { clientOf, serveStandalone } from '../../../lib/go-plugin/index.ts';
import { GRPCController } from '../../../lib/go-plugin/proto/controller_pb.ts';
import { harmlessEffects } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';
import { tester } from './tester.ts';

suite('a plugin that a debugger has started', () => {
  test('stays when a host that has attached to it leaves', async () => {
    let exits = 0;
    const plugin = await serveStandalone(
      { services: [tester()] },
      harmlessEffects(() => {
        exits += 1;
      }),
    );
    const connection = new Connection(plugin.address, credentials.createInsecure());
    try {
      await clientOf(GRPCController, connection).shutdown({});
      // Longer than an answer to the host is waited for.
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal((await clientOf(Tester, connection).echo({ text: 'still here' })).text, 'still here');
      assert.equal(exits, 0);
    } finally {
      connection.close();
      await plugin.stop();
    }
  });
});
