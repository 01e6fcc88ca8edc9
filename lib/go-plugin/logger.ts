import { HclogLogger, type Logger, type LoggerOptions } from './log.ts';
import { writeFully } from './output.ts';

/** A logger for the host's log, by way of the real standard error. */
export function createLogger(options: LoggerOptions = {}): Logger {
  return new HclogLogger({ ...options, write: options.write ?? ((line) => writeFully(2, line)) });
}
