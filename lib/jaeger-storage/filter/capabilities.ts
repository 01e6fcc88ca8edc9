import { operators } from './evaluate.ts';
import { builtInFields } from './fields.ts';

/**
 * What filters may consist of, as storage_v2's FilterCapabilities wants to know it: a promise to evaluate it. Read off
 * the tables that evaluation goes by.
 */
export const filterCapabilities: {
  readonly levels: readonly string[];
  readonly operators: readonly string[];
} = {
  levels: Object.keys(builtInFields),
  operators: Object.keys(operators),
};
