import { httpUrl } from '../relations/http-url.ts';

/**
 * Takes out of a text what URLs in it may hold in secret: user and password, and the query. Text without any stays
 * as it is, byte for byte.
 */
export function withoutUrlSecrets(text: string): string {
  return withoutUrlPasswords(text).replace(
    /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^?#\s]*)\?[^#\s]+/gi,
    '$1?redacted',
  );
}

/** Takes user and password out of the URLs in a text, and leaves all else, byte for byte. */
export function withoutUrlPasswords(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^/?#\s]*@/gi, '$1redacted@');
}

/** A URL that a charm published, without what may be secret in it. What is no such URL goes as a whole. */
export function urlWithoutSecrets(text: string): string {
  const url = httpUrl(text);
  if (url === undefined) return notAUrl;
  const [plain = ''] = text.split(/[?#]/);
  const shown = plain === text ? text : `${plain}?redacted`;
  return httpUrl(shown) === undefined ? plain : shown;
}

/** Readers find this as wrong as what it stands for. */
const notAUrl = 'redacted://';
