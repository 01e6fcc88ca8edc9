/** A tool ends with this on stderr, after `ERROR `. Exit code 2 is for arguments, 1 for all else. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function usage(message: string): ToolFailure {
  return new ToolFailure(message, 2);
}

/** A tool's flags by long name, with a short one where there is one. */
export type Flags = Readonly<Record<string, { readonly kind: 'bool' | 'string'; readonly short?: string }>>;

export interface ParsedArgs {
  readonly positional: readonly string[];
  string(flag: string): string | undefined;
  bool(flag: string): boolean;
  /** Whether the flag was there at all, for bools that default to true. */
  has(flag: string): boolean;
  /** As the caller wrote it: `-r` or `--relation`. */
  spelling(flag: string): string;
}

const truths = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const lies = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/**
 * Reads arguments as Go's gnuflag does: flags may follow positionals, `--` ends them, `-r3` and `-r 3` are the
 * same, bools take a value only as `--x=True`.
 * @throws {ToolFailure} exit code 2
 * @see juju/gnuflag: flag.go
 */
export function parseArgs(argv: readonly string[], flags: Flags): ParsedArgs {
  const found = new Map<string, { value: string | boolean; spelling: string }>();
  const positional: string[] = [];
  const queue = [...argv];
  const put = (name: string, spelling: string, attached: string | undefined) => {
    if (flags[name]?.kind === 'bool') {
      found.set(name, { value: attached === undefined ? true : parseBool(attached, spelling), spelling });
      return;
    }
    const value = attached ?? queue.shift();
    if (value === undefined) throw usage(`option needs an argument: ${spelling}`);
    found.set(name, { value, spelling });
  };
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === '--') {
      positional.push(...queue);
      break;
    }
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      const name = arg.slice(2, equals < 0 ? undefined : equals);
      if (!Object.hasOwn(flags, name) || name.length === 1) throw undefinedFlag(`--${name}`);
      put(name, `--${name}`, equals < 0 ? undefined : arg.slice(equals + 1));
    } else if (arg.startsWith('-') && arg !== '-') {
      for (let letters = arg.slice(1); letters !== ''; ) {
        const letter = letters[0] ?? '';
        letters = letters.slice(1);
        const name = Object.keys(flags).find((long) => long === letter || flags[long]?.short === letter);
        if (name === undefined) throw undefinedFlag(`-${letter}`);
        if (flags[name]?.kind === 'bool') put(name, `-${letter}`, undefined);
        else {
          put(name, `-${letter}`, letters === '' ? undefined : letters);
          letters = '';
        }
      }
    } else positional.push(arg);
  }
  return {
    positional,
    string: (flag) => {
      const value = found.get(flag)?.value;
      return typeof value === 'string' ? value : undefined;
    },
    bool: (flag) => found.get(flag)?.value === true,
    has: (flag) => found.has(flag),
    spelling: (flag) => found.get(flag)?.spelling ?? `--${flag}`,
  };
}

/** @throws {ToolFailure} when there are more than `count` positional arguments */
export function noMore(args: readonly string[], count = 0): void {
  if (args.length <= count) return;
  throw usage(
    `unrecognized args: [${args
      .slice(count)
      .map((arg) => JSON.stringify(arg))
      .join(' ')}]`,
  );
}

function undefinedFlag(spelling: string): ToolFailure {
  return usage(`option provided but not defined: ${spelling}`);
}

function parseBool(text: string, spelling: string): boolean {
  if (truths.includes(text)) return true;
  if (lies.includes(text)) return false;
  throw usage(
    `invalid boolean value ${JSON.stringify(text)} for option ${spelling}: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}
