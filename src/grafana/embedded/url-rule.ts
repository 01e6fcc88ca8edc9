import { findPlugin } from './plugins.ts';

/**
 * Whether Grafana takes this URL for this type. Stands for Go's `url.Parse`, which is laxer than the WHATWG parser
 * in most and stricter in few things.
 * @see grafana/grafana: pkg/api/datasource/validation.go
 */
export function isUrlAllowed(type: string, url: string): boolean {
  if (url === '') return findPlugin(type, false)?.needsUrl !== true;
  if (type === 'mssql') return true; // host\instance, with a parser of its own
  if (hasControlCharacter(url)) return false;
  const [, scheme, rest] = /^([^:]*):\/\/(.*)$/s.exec(/^[^:]*:\/\//.test(url) ? url : `http://${url}`) ?? [];
  if (scheme === undefined || rest === undefined || !/^[a-z][a-z0-9+.-]*$/i.test(scheme)) return false;
  const [beforeQuery = ''] = rest.split(/[?#]/, 1);
  if (/%(?![0-9a-f]{2})/i.test(beforeQuery)) return false;
  const authority = beforeQuery.split('/', 1)[0] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return /^(\[[^\]]*\]|[^\s[\]<>"`{}|\\^:]*)(:\d*)?$/.test(host);
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}
