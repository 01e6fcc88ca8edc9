import { FrameError } from './errors.ts';
import type { Field } from './field.ts';
import type { FrameMeta } from './frame-meta.ts';

/** A table of named columns of equal length: what a query answers with. */
export interface Frame {
  readonly name: string;
  /** The query that asked for it; the SDK fills an empty one in. */
  readonly refId: string;
  readonly meta: FrameMeta | undefined;
  readonly fields: readonly Field[];
}

export interface FrameParts {
  name?: string | undefined;
  refId?: string | undefined;
  meta?: FrameMeta | undefined;
  fields?: readonly Field[] | undefined;
}

/**
 * Put fields together.
 * @throws {FrameError} `LENGTH_MISMATCH` when they differ in length, `BAD_SCHEMA` when a name is no text
 */
export function createFrame({ name = '', refId = '', meta, fields = [] }: FrameParts): Frame {
  if (typeof name !== 'string' || typeof refId !== 'string') {
    throw new FrameError('BAD_SCHEMA', "a frame's name and refId are text: pass strings, or leave them out");
  }
  const frame = { name, refId, meta, fields };
  rowCount(frame);
  return frame;
}

/**
 * @returns rows of the frame, 0 when it has no fields
 * @throws {FrameError} `LENGTH_MISMATCH`
 */
export function rowCount({ name, fields }: Pick<Frame, 'name' | 'fields'>): number {
  const rows = fields[0]?.length ?? 0;
  for (const field of fields) {
    if (field.length === rows) continue;
    throw new FrameError(
      'LENGTH_MISMATCH',
      `frame "${name}": field "${fields[0]?.name}" has ${rows} rows, field "${field.name}" has ${field.length}: ` +
        'give every field one value per row, null where there is none',
    );
  }
  return rows;
}
