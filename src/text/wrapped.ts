/** How wide a terminal is that nobody has made wider. */
export const columns = 80;

/** @returns the text broken at spaces into indented lines as wide as a terminal; a longer word stands by itself */
export function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one) => `${' '.repeat(indent)}${one}`);
}
