import * as z from 'zod';
import { UsageError } from '#src/local';
import { type ModelInput, readModel, readStatus, type Source } from './juju/model-input.ts';
import { redacted } from './redact.ts';

const what =
  'What crosslink doctor read of Juju models: only the relations of datasources, with secrets taken out. To explain it: crosslink doctor --saved FILE';

/** What `--save` writes of Juju models: the same as Juju prints, less what is not looked at. */
const Saved = z.object({
  'crosslink-doctor': z.literal(1),
  models: z.array(z.object({ status: z.unknown(), 'show-unit': z.unknown() })),
});

/** @returns text for a file that can be shown to others */
export function savedText(inputs: readonly ModelInput[]): string {
  const models = inputs.map(redacted).map(({ status, units }) => ({
    status,
    'show-unit': Object.fromEntries([...units].map(([unit, rows]) => [unit, { 'relation-info': rows }])),
  }));
  return `${JSON.stringify({ 'crosslink-doctor': 1, what, models }, null, 1)}\n`;
}

/** @throws {UsageError} nobody has saved this */
export function readSaved({ from, value }: Source): ModelInput[] {
  const result = Saved.safeParse(value);
  if (!result.success) {
    throw new UsageError(`${from}: not what crosslink doctor --save writes`, { cause: result.error });
  }
  return result.data.models.map(({ status, 'show-unit': shown }) =>
    readModel(readStatus({ from, value: status }), [{ from, value: shown }]),
  );
}
