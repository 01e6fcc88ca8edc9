interface Limits {
  /** Most UTF-16 units of one text */
  readonly textLimit: number;
  /** Whether errors bring their stack, as a field of its own */
  readonly withStack: boolean;
}

const depthLimit = 6;
const itemLimit = 100;

/** Fields as values that `JSON.stringify` takes: whatever they hold, nothing here throws. Undefined ones are left out. */
export function plainFields(fields: Readonly<Record<string, unknown>>, limits: Limits): [string, unknown][] {
  const plain: [string, unknown][] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    // Keys with an at sign are the host's own: a second '@level' that is no text would end it.
    const name = cut(key.replace(/^@+/, '_'), 128);
    plain.push([name, plainValue(value, limits, [])]);
    if (limits.withStack && value instanceof Error) {
      plain.push([
        key === 'error' || key === 'err' ? 'stack' : `${name}Stack`,
        cut(stackOf(value), limits.textLimit),
      ]);
    }
  }
  return plain;
}

function plainValue(value: unknown, limits: Limits, above: readonly object[]): unknown {
  try {
    switch (typeof value) {
      case 'string':
        return cut(value, limits.textLimit);
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
      case 'symbol':
        return String(value);
      case 'function':
        return `[function ${value.name}]`;
      case 'undefined':
        return null;
      case 'object':
        return value === null ? null : plainObject(value, limits, above);
    }
  } catch {
    return '[unreadable]';
  }
}

function plainObject(value: object, limits: Limits, above: readonly object[]): unknown {
  if (value instanceof Error) return cut(withCauses(value), limits.textLimit);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (above.includes(value)) return '[circular]';
  if (above.length >= depthLimit) return '[deeper]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const path = [...above, value];
  if (value instanceof URL || value instanceof RegExp) return cut(String(value), limits.textLimit);
  if (value instanceof Map) return plainObject(Object.fromEntries(value), limits, above);
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value];
    const plain = items.slice(0, itemLimit).map((item) => plainValue(item, limits, path));
    return items.length > itemLimit ? [...plain, `[${items.length - itemLimit} more]`] : plain;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return plainValue(value.toJSON(), limits, path);
  }
  const entries = Object.entries(value);
  const plain = entries
    .slice(0, itemLimit)
    .map(([key, item]) => [cut(key, 128), item === undefined ? undefined : plainValue(item, limits, path)]);
  if (entries.length > itemLimit) plain.push(['...', `[${entries.length - itemLimit} more]`]);
  return Object.fromEntries(plain);
}

/** 'cannot query: connect ECONNREFUSED': what went wrong first is usually what helps. */
function withCauses(error: Error): string {
  const messages: string[] = [];
  for (
    let at: unknown = error, depth = 0;
    at instanceof Error && depth < depthLimit;
    depth++, at = at.cause
  ) {
    const text = at.message === '' ? at.name : at.message;
    // Many repeat the cause's message in their own.
    if (!messages.some((message) => message.includes(text))) messages.push(text);
  }
  return messages.join(': ');
}

function stackOf(error: Error): string {
  const stacks: string[] = [];
  try {
    for (
      let at: unknown = error, depth = 0;
      at instanceof Error && depth < depthLimit;
      depth++, at = at.cause
    ) {
      stacks.push(String(at.stack ?? `${at.name}: ${at.message}`));
    }
  } catch {
    stacks.push('[unreadable]');
  }
  return stacks.join('\ncaused by ');
}

/** A text of at most so many UTF-16 units, with a mark that says how much is missing. */
export function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)} [${text.length - limit} more]`;
}
