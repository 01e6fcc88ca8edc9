import type { Link } from './explain.ts';

/** Links as text for people, in lines of at most 80 columns unless a single name is longer. */
export function explainText(links: readonly Link[]): string {
  if (links.length === 0) return 'This application is no datasource that could link to others.';
  const byGrafana = Map.groupBy(links, ({ grafanaUid }) => grafanaUid);
  const sections = [...byGrafana].map(([grafanaUid, inGrafana]) => {
    return [`Grafana ${grafanaUid ?? '(none that says who it is)'}`, ...inGrafana.map(linkText)].join('\n');
  });
  return sections.join('\n\n');
}

function linkText({ from, kind, to, reasons }: Link): string {
  const source = `  ${from.uid ?? from.app}  ${kind}`;
  if (to !== null) {
    return [
      heading(source, `-> ${to.uid} (${to.app})`),
      ...reasons.map(({ message }) => wrapped(`${message}`)),
    ].join('\n');
  }
  const why = reasons.map(({ code, message, remedy }) => {
    return wrapped(`${code}: ${message}${remedy === '' ? '' : `. To mend it, ${remedy}`}.`);
  });
  return [heading(`${source}:`, 'not linked'), ...why].join('\n');
}

/** UIDs that the Python charm gives are so long that two of them don't fit on one line. */
function heading(source: string, rest: string): string {
  return `${source}${source.length + 1 + rest.length <= width ? ' ' : `\n${indent}`}${rest}`;
}

const indent = '      ';
const width = 80;

/** Breaks a sentence at spaces; a word that is too long stands on a line of its own. */
function wrapped(sentence: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((text) => `${indent}${text}`).join('\n');
}
