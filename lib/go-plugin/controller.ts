import { GRPCController } from './proto/controller_pb.ts';
import { implement, type Service } from './service.ts';

/** go-plugin's service by which a host asks its plugin to end; it kills what is still there after 2 s. */
export function controllerService(shutdown: () => void): Service {
  return implement(GRPCController, {
    shutdown() {
      // The answer goes out first: a host that waits for it would otherwise see a broken connection.
      setTimeout(shutdown, 10);
      return {};
    },
  });
}
