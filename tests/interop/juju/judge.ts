import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';

const program = process.env.CROSSLINK_JUDGE;
assert.ok(program, 'tests/interop/juju/run builds the judge and says where it is');
const run = promisify(execFile);

const names = z.array(z.string());
const interfaces = z.record(z.string(), z.string());

const PackedCharm = z.object({
  Name: z.string(),
  Provides: interfaces,
  Requires: interfaces,
  Peers: interfaces,
  Containers: z.number(),
  Assumes: z.unknown(),
  Bases: names,
  Options: z.record(z.string(), z.object({ Type: z.string(), Default: z.unknown() })),
  Actions: names,
  FormatErrors: names,
  DispatchMode: z.string(),
});

const MergedBundle = z.object({ Applications: names, Relations: z.array(names), Errors: names });

const Module = z.object({
  Variables: z.record(
    z.string(),
    z.object({ Type: z.string(), Description: z.string(), Required: z.boolean(), Sensitive: z.boolean() }),
  ),
  Outputs: names,
  Resources: names,
  DataSources: names,
  Modules: z.record(z.string(), z.string()),
  Providers: z.record(z.string(), z.object({ Source: z.string(), Versions: names })),
  RequireCore: names,
  Diagnostics: names,
});

async function judge<T>(schema: z.ZodType<T>, ...args: readonly string[]): Promise<T> {
  const { stdout } = await run(program ?? '', args);
  return schema.parse(JSON.parse(stdout));
}

export const judgeCharm = (file: string) => judge(PackedCharm, 'charm', file);
/** @returns what Juju says against the parameters; empty when it takes them */
export const judgeParams = (file: string, action: string, params: object) =>
  judge(z.string(), 'action', file, action, JSON.stringify(params));
export const judgeBundle = (...files: readonly string[]) => judge(MergedBundle, 'bundle', ...files);
export const judgeModule = (folder: string) => judge(Module, 'terraform', folder);
