import { columns, printableIn, wrapped } from '#src/text';
import type { Link } from './explain.ts';

/** Links as text for people, in lines of at most 80 columns unless a single name is longer. */
export function explainText(links: readonly Link[]): string {
  if (links.length === 0) return 'This application is no datasource that could link to others.';
  const byGrafana = Map.groupBy(printableIn(links), ({ grafanaUid }) => grafanaUid);
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
      ...reasons.flatMap(({ message }) => wrapped(message, indent)),
    ].join('\n');
  }
  const why = reasons.flatMap(({ code, message, remedy }) => {
    return wrapped(`${code}: ${message}${remedy === '' ? '' : `. To mend it, ${remedy}`}.`, indent);
  });
  return [heading(`${source}:`, 'not linked'), ...why].join('\n');
}

/** UIDs that the Python charm gives are so long that two of them don't fit on one line. */
function heading(source: string, rest: string): string {
  return `${source}${source.length + 1 + rest.length <= columns ? ' ' : `\n${' '.repeat(indent)}`}${rest}`;
}

const indent = 6;
