import { limitBytes, type ModelInput, readJujuFiles, readLive } from '#src/doctor';
import { UsageError } from '#src/local';

const none: string[] = [];

/** Options, as `parseArgs` takes them, that say which Juju models to look at. */
export const modelOptions = {
  juju: { type: 'boolean', default: false },
  model: { type: 'string', multiple: true, default: none },
  status: { type: 'string', multiple: true, default: none },
  'show-unit': { type: 'string', multiple: true, default: none },
  saved: { type: 'string' },
  timeout: { type: 'string' },
} as const;

/** What `parseArgs` made of {@link modelOptions}. */
export interface ModelValues {
  readonly juju: boolean;
  readonly model: readonly string[];
  readonly status: readonly string[];
  readonly 'show-unit': readonly string[];
  readonly saved?: string | undefined;
  readonly timeout?: string | undefined;
}

/** @returns for each way to look at models whether it was asked for: exactly one can be */
export function waysGiven({ juju, status, 'show-unit': showUnit, saved }: ModelValues): boolean[] {
  return [juju, status.length > 0 || showUnit.length > 0, saved !== undefined];
}

/**
 * How to read the models that were asked for, but for those of `--saved`, which may hold something else.
 * @param wrong - what to throw for options that do not go together, in the words of the command
 * @returns undefined where none were asked for
 */
export function modelsReader(
  values: ModelValues,
  wrong: (what: string) => UsageError,
): (() => Promise<readonly ModelInput[]>) | undefined {
  const { juju, model, status, 'show-unit': showUnit } = values;
  if (model.length > 0 && !juju) throw wrong('--model goes with --juju');
  if (juju) {
    const timeoutMs = seconds(values.timeout ?? '60') * 1000;
    return () => readLive(model, { timeoutMs, limitBytes });
  }
  if (status.length === 0 && showUnit.length === 0) return undefined;
  if (status.length === 0) throw wrong('--show-unit needs --status FILE of the same model');
  if (showUnit.length === 0) throw wrong('--status needs --show-unit FILE of the same model');
  return () => readJujuFiles({ status, showUnit });
}

/** @throws {UsageError} it is none, or 0 */
export function seconds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--timeout takes a whole number of seconds, at least 1, not '${text}'`);
}
