import { isStartedByJaeger, sidecar } from '#src/traces';
import { wrong } from './traces-refusal.ts';

/**
 * What Jaeger's `--grpc-storage-plugin.binary` runs, as `crosslink --config FILE`. It has no place for a subcommand.
 * @returns the exit code, when Jaeger has ended it
 */
export async function sidecarCommand(args: readonly string[]): Promise<number> {
  if (!isStartedByJaeger(args, process.env)) {
    throw wrong(
      "crosslink --config is for Jaeger's --grpc-storage-plugin.binary: run crosslink traces serve",
    );
  }
  await sidecar(args);
  return 0;
}
