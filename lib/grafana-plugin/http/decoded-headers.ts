/** What fetch decodes. */
const decoded: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd']);

/**
 * The headers of an answer as its body now is. `fetch` hands out a body decompressed and leaves the headers as they came:
 * whoever hands the two on would say of plain text that it is gzip, of another length. Go's client takes them out, too.
 */
export function decodedHeaders(received: Iterable<readonly [string, string]>): Headers {
  const headers = new Headers();
  for (const [name, value] of received) headers.append(name, value);
  const codings = (headers.get('content-encoding') ?? '').toLowerCase().split(',');
  if (codings.every((coding) => decoded.has(coding.trim()))) {
    headers.delete('content-encoding');
    headers.delete('content-length');
  }
  return headers;
}
