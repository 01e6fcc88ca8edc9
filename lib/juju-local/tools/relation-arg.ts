import type { Flags, ParsedArgs } from './args.ts';
import { usage } from './args.ts';
import type { ToolContext } from './tool.ts';

export const relationFlag: Flags = { relation: { kind: 'string', short: 'r' } };

/**
 * `-r 3`, `-r db:3` (only what follows the last colon counts), or the relation that the hook is about.
 * @throws {ToolFailure} exit code 2
 */
export function relationId(args: ParsedArgs, context: ToolContext): number {
  const id = optionalRelationId(args) ?? hookRelationId(context);
  if (id === undefined) throw usage('no relation id specified');
  return id;
}

export function optionalRelationId(args: ParsedArgs): number | undefined {
  const text = args.string('relation');
  if (text === undefined || text === '') return undefined;
  const digits = text.slice(text.lastIndexOf(':') + 1);
  if (/^[0-9]+$/.test(digits)) return Number(digits);
  throw usage(
    `invalid value ${JSON.stringify(text)} for option ${args.spelling('relation')}: invalid relation id`,
  );
}

function hookRelationId({ event }: ToolContext): number | undefined {
  return 'relationId' in event ? event.relationId : undefined;
}
