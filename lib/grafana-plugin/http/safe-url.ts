const masked = 'redacted';

/** Names of query parameters that hold secrets in the APIs that are known; others cannot be told from their names. */
const secretName =
  /(^|[-_.])(key|sig|pwd|pass|auth|code|jwt|sid)$|api-?_?key|access_?key|token|secret|password|passwd|credential|signature|session|authorization/i;

/** A short one would be found everywhere; it is not much of a secret either. */
const shortestSecret = 4;

/**
 * A URL as it may stand in a span: without user and password, without values of query parameters that are named like
 * secrets, and without any of the values that are known to be one, wherever in it they are. What is secret and neither
 * named so nor known stays.
 */
export function safeUrl(url: URL, secrets: readonly string[] = []): string {
  const safe = new URL(url);
  safe.username = '';
  safe.password = '';
  safe.hash = '';
  for (const name of new Set(safe.searchParams.keys())) {
    if (secretName.test(name)) safe.searchParams.set(name, masked);
  }
  return without(safe.href, secrets);
}

/** A URL as it may stand in an error that a user reads: where, and nothing of what was asked. */
export function safePlace(url: URL, secrets: readonly string[] = []): string {
  return without(`${url.origin}${url.pathname}`, secrets);
}

function without(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) {
    if (secret.length < shortestSecret) continue;
    for (const form of new Set([secret, encodeURIComponent(secret), encodeURI(secret), asQuery(secret)])) {
      safe = safe.replaceAll(form, masked);
    }
  }
  return safe;
}

function asQuery(value: string): string {
  return new URLSearchParams({ _: value }).toString().slice(2);
}
