import { DatasourceError } from 'crosslink/grafana-plugin';

/**
 * The URL of a path below the datasource's own: whoever may write a query chooses what to ask of the server, and not
 * which server gets the token.
 */
export function below(base: string, path: string): URL {
  const folder = URL.parse(base.replace(/\/*$/, '/'));
  if (folder === null) throw wrong("set the datasource's URL, as in http://localhost:8080/series");
  const url = URL.parse(`./${path.replace(/^\/+/, '')}`, folder);
  if (url?.href.startsWith(folder.href)) return url;
  throw wrong(`${path} leads away from the datasource's URL`);
}

/** Whoever set it up or wrote the query can mend it: it counts as nobody's bug. */
function wrong(message: string): DatasourceError {
  return new DatasourceError(message, { status: 400, source: 'downstream' });
}
