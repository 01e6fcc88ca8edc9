import { crc32 } from 'node:zlib';
import type { Random } from './random.ts';
import { pick, secureRandom } from './random.ts';
import type { Reply } from './respond.ts';
import { authError } from './respond.ts';
import type { Gates } from './version.ts';

export type Role = 'Admin' | 'Editor' | 'Viewer';

/** Who calls, once they are known. */
export interface Caller {
  role: Role;
}

export interface Credentials {
  authorization: string | undefined;
  /** Header `X-Grafana-Org-Id`. */
  orgId: string | undefined;
}

const maxFailedLogins = 5;
const failedLoginsMs = 5 * 60_000;

/**
 * Users and tokens. A token is known by its exact text; what doesn't look like one is refused before that.
 * @see grafana/grafana: pkg/services/authn/clients/{api_key,basic}.go, pkg/services/loginattempt
 */
export class Authenticator {
  readonly #gates: Gates;
  readonly #clock: () => number;
  readonly #passwords = new Map<string, string>();
  readonly #tokens = new Map<string, Role>();
  readonly #failedLogins = new Map<string, number[]>();

  constructor(gates: Gates, clock: () => number) {
    this.#gates = gates;
    this.#clock = clock;
  }

  /** A user with the role Admin. */
  addUser(name: string, password: string): void {
    this.#passwords.set(name, password);
  }

  addToken(token: string, role: Role): void {
    if (!isWellFormedToken(token))
      throw new TypeError('a Grafana token is glsa_<32 letters or digits>_<CRC-32>');
    this.#tokens.set(token, role);
  }

  /** @returns who calls, or the 401 that they get */
  authenticate({ authorization, orgId }: Credentials): Caller | Reply {
    const [, scheme = '', value = ''] = /^(\S+) +(.*)$/.exec(authorization ?? '') ?? [];
    if (scheme === 'Bearer') return this.#byToken(value.trim(), orgId);
    if (scheme === 'Basic') return this.#byPassword(value, orgId);
    return authError(this.#gates, 401, 'Unauthorized', 'auth.unauthorized');
  }

  #byToken(token: string, orgId: string | undefined): Caller | Reply {
    const role = this.#tokens.get(token);
    if (role === undefined) {
      // A token of the right form that nobody issued is an internal error to the early versions.
      const status = isWellFormedToken(token) && !this.#gates.typedErrors ? 500 : 401;
      const text = this.#gates.typedErrors ? 'Invalid API key' : 'invalid API key';
      return authError(this.#gates, status, text, 'api-key.invalid');
    }
    const isForeign = orgId !== undefined && /^\d+$/.test(orgId) && Number(orgId) > 1;
    if (isForeign && this.#gates.orgMismatchRefused) {
      const text = 'API key does not belong to the requested organization';
      return authError(this.#gates, 401, text, 'api-key.organization-mismatch');
    }
    return { role };
  }

  #byPassword(base64: string, orgId: string | undefined): Caller | Reply {
    const pair = Buffer.from(base64, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    const user = pair.slice(0, Math.max(0, colon));
    const password = pair.slice(colon + 1);
    if (user === 'api_key') return this.#byToken(password, orgId);
    const now = this.#clock();
    const failed = (this.#failedLogins.get(user) ?? []).filter((at) => now - at < failedLoginsMs);
    const isKnown = colon >= 0 && this.#passwords.get(user) === password;
    if (isKnown && failed.length < maxFailedLogins) return { role: 'Admin' };
    // Only users that exist are remembered, so that made-up names can't fill the memory.
    if (!isKnown && this.#passwords.has(user))
      this.#failedLogins.set(user, [...failed, now].slice(-maxFailedLogins));
    const text = this.#gates.typedErrors ? 'Invalid username or password' : 'invalid username or password';
    return authError(this.#gates, 401, text, 'password-auth.failed');
  }
}

/** A new token of a service account, not known to any Grafana yet. */
export function generateToken(random: Random = secureRandom): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const secret = pick(alphabet, 32, random);
  return `glsa_${secret}_${checksum(secret)}`;
}

/** @see grafana/grafana: pkg/components/apikeygenprefixed */
function isWellFormedToken(token: string): boolean {
  const [, secret, sum] = /^glsa_([A-Za-z0-9]{32})_([0-9a-f]{8})$/.exec(token) ?? [];
  return secret !== undefined && checksum(secret) === sum;
}

/** CRC-32 (IEEE), its four bytes little-endian, as hex. */
function checksum(secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc32(`glsa_${secret}`));
  return bytes.toString('hex');
}

/** Which roles may do what, without Enterprise. @see grafana/grafana: pkg/api/accesscontrol.go */
export function isAllowed(role: Role, action: Action): boolean {
  return role === 'Admin' || readActions.has(action);
}

export type Action =
  | 'datasources:create'
  | 'datasources:delete'
  | 'datasources:query'
  | 'datasources:read'
  | 'datasources:write'
  | 'datasources.id:read'
  | 'orgs:read';

const readActions = new Set<Action>([
  'datasources:query',
  'datasources:read',
  'datasources.id:read',
  'orgs:read',
]);
