import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where traces are kept when nobody says where.
 * @see https://specifications.freedesktop.org/basedir-spec: a path in XDG_DATA_HOME that is not absolute does not count
 */
export function defaultTracesFolder({ XDG_DATA_HOME: data = '' }: NodeJS.ProcessEnv): string {
  const base = isAbsolute(data) ? data : join(homedir(), '.local/share');
  return join(base, 'crosslink/traces');
}
