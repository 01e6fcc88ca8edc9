// Characters that a YAML 1.1 parser refuses (controls, U+FFFE, U+FFFF), takes for a byte order mark, or folds away with
// the spaces around them as line breaks (U+0085, U+2028, U+2029), where JSON allows them raw.
const unsafe = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** YAML finds a key only when its colon comes within 1024 characters; quotes and some room are left. */
const maxKeyLength = 1000;

/**
 * Writes a map of strings so that a JSON parser and a YAML 1.1 parser read the same from it: `relation-set --file`
 * and `state-set --file` read YAML.
 * @returns one line of JSON
 * @throws {TypeError} for a lone surrogate, which no UTF-8 text can hold, and for a key over 1000 characters, which
 * YAML does not take as a key
 * @see yaml/go-yaml: readerc.go, scannerc.go
 */
export function toYamlSafeJson(values: Readonly<Record<string, string>>): string {
  for (const [key, value] of Object.entries(values)) {
    if (!key.isWellFormed() || !value.isWellFormed()) {
      throw new TypeError(`the value of ${JSON.stringify(key)} holds half a surrogate pair`);
    }
    if (JSON.stringify(key).replace(unsafe, escaped).length > maxKeyLength) {
      throw new TypeError(`the key that starts with ${JSON.stringify(key.slice(0, 40))} is too long`);
    }
  }
  return JSON.stringify(values).replace(unsafe, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
