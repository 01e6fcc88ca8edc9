const prefix = 'http_';

/** Keys without the prefix that are headers all the same; others are Grafana's own business. */
const plain: ReadonlySet<string> = new Set([
  'authorization',
  'x-id-token',
  'cookie',
  'fromalert',
  'x-grafana-har-capture',
]);

/**
 * The headers among what comes with a query, a health check or a stream: those of the browser's request that Grafana
 * forwards, whose keys begin with `http_`, and the user's tokens and cookies, whose keys do not. What cannot be a header
 * is left out.
 */
export function forwardedHeaders(keys: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [key, value] of Object.entries(keys)) {
    const prefixed = key.startsWith(prefix);
    if (!prefixed && !plain.has(key.toLowerCase())) continue;
    ifValid(() => headers.set(prefixed ? key.slice(prefix.length) : key, value));
  }
  return headers;
}

/** Of requests to Grafana, about that one connection or message: they mean nothing, or harm, on another one. */
const ofOneHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'accept-encoding',
  'expect',
  'range',
  // For the plugin itself.
  'x-grafana-har-capture',
]);

/** Copies what may be handed on to a datasource, never over what is there. */
export function forwardTo(outgoing: Headers, incoming: Headers): void {
  for (const [name, value] of incoming) {
    if (!ofOneHop.has(name) && !outgoing.has(name)) ifValid(() => outgoing.set(name, value));
  }
}

/** The headers of a request to a resource, each with its values. What cannot be a header is left out. */
export function requestHeaders(
  lists: Readonly<Record<string, { readonly values: readonly string[] }>>,
): Headers {
  const headers = new Headers();
  for (const [name, { values }] of Object.entries(lists)) {
    for (const value of values) ifValid(() => headers.append(name, value));
  }
  return headers;
}

function ifValid(add: () => void): void {
  try {
    add();
  } catch {
    // No name, or no value, that HTTP has: what sent it would not have been understood by anybody.
  }
}
