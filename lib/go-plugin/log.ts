import { cut, plainFields } from './log-values.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes for the host's log. Never throws, whatever the fields hold. */
export interface Logger {
  readonly level: LogLevel | 'off';
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each line. A field of the line's own hides one of the same name. */
  with(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** Nothing below it is written; 'debug' where unsaid, as Go plugins do. Hosts sort out further. */
  readonly level?: LogLevel | 'off';
  /** Who speaks, the host's `@module`; left out where unsaid. */
  readonly name?: string;
  /** Takes one whole line with its newline; the real standard error where unsaid. */
  readonly write?: (line: string) => void;
  /** The time in Unix milliseconds. */
  readonly now?: () => number;
}

const ranks = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, off: 5 } as const;

/**
 * Hosts cut standard error into lines with a buffer of 64 KiB; what is longer falls apart into raw pieces. Bytes,
 * newline included.
 */
const lineLimitBytes = 60 * 1024;

/**
 * Logs as go-plugin's hosts read it: one JSON object a line, in the form of hclog.
 * @see hashicorp/go-plugin: log_entry.go (a line whose level, message or timestamp is not text ends the host)
 */
export class HclogLogger implements Logger {
  readonly level: LogLevel | 'off';
  readonly #fields: LogFields;
  readonly #name: string | undefined;
  readonly #write: (line: string) => void;
  readonly #now: () => number;

  constructor(options: LoggerOptions & { write: (line: string) => void }, fields: LogFields = {}) {
    this.level = options.level ?? 'debug';
    this.#name = options.name;
    this.#write = options.write;
    this.#now = options.now ?? Date.now;
    this.#fields = fields;
  }

  trace(message: string, fields?: LogFields): void {
    this.#log('trace', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }

  with(fields: LogFields): Logger {
    const options = { level: this.level, write: this.#write, now: this.#now };
    return new HclogLogger(
      this.#name === undefined ? options : { ...options, name: this.#name },
      joined(this.#fields, fields),
    );
  }

  #log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (ranks[level] < ranks[this.level]) return;
    const head = { level, message: String(message), name: this.#name, now: this.#now() };
    this.#write(logLine(head, joined(this.#fields, fields)));
  }
}

/** What stands in both, the second before the first. Some may be computed, and not be there to be read. */
function joined(first: LogFields, second: LogFields): LogFields {
  try {
    return { ...first, ...second };
  } catch {
    const keys = [...Object.keys(first), ...Object.keys(second)];
    return Object.fromEntries(keys.map((key) => [key, valueIn(key in second ? second : first, key)]));
  }
}

function valueIn(fields: LogFields, key: string): unknown {
  try {
    return fields[key];
  } catch {
    return '[unreadable]';
  }
}

interface Head {
  readonly level: LogLevel;
  readonly message: string;
  readonly name: string | undefined;
  /** Unix milliseconds */
  readonly now: number;
}

/** How long a single text in a line may be, in UTF-16 units: the first of these with which the line fits. */
const textLimits = [32 * 1024, 8 * 1024, 2 * 1024, 512] as const;

/** One line, newline included and never over the limit: long texts are cut first, then whole fields left out. */
export function logLine(head: Head, fields: LogFields): string {
  const withStack = head.level === 'error';
  for (const textLimit of textLimits) {
    const line = assemble(head, plainFields(fields, { textLimit, withStack }), textLimit);
    if (Buffer.byteLength(line) <= lineLimitBytes) return line;
  }
  const kept: [string, unknown][] = [];
  const all = plainFields(fields, { textLimit: 512, withStack });
  // Room for the head and for the count of what was left out.
  let room = lineLimitBytes - 8 * 1024;
  for (const [key, value] of all) {
    room -= Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(JSON.stringify(value)) + 2;
    if (room < 0) break;
    kept.push([key, value]);
  }
  return assemble(head, [...kept, ['fieldsLeftOut', all.length - kept.length]], 512);
}

function assemble(head: Head, fields: readonly (readonly [string, unknown])[], textLimit: number): string {
  const parts = [
    `"@level":"${head.level}"`,
    `"@message":${JSON.stringify(cut(head.message, textLimit))}`,
    `"@timestamp":"${timestamp(head.now)}"`,
  ];
  if (head.name !== undefined) parts.push(`"@module":${JSON.stringify(cut(head.name, 512))}`);
  for (const [key, value] of fields) parts.push(`${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${parts.join(',')}}\n`;
}

/** Hosts take exactly six digits after the second; a line with three is plain text to them. */
function timestamp(now: number): string {
  const date = new Date(now);
  const text = Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
  return `${text.slice(0, -1)}000Z`;
}
