import type { GrafanaVersion } from '../version.ts';
import { isAtLeast, parseGrafanaVersion } from '../version.ts';

/** What the embedded Grafana does differently by version. The releases are as near as public sources tell them. */
export interface Gates {
  /** Errors of services and of authentication carry `messageId` and `statusCode`. */
  typedErrors: boolean;
  /** `/api/health` has its keys in alphabetical order. */
  healthKeysSorted: boolean;
  /** Datasource health tells plugin trouble by typed errors. */
  typedPluginErrors: boolean;
  /** The DTO of one datasource has the plugin's logo; before, it is ''. */
  logoInDatasource: boolean;
  /** Plugin aliases are resolved when a datasource is read. */
  pluginAliases: boolean;
  /** A token with a foreign `X-Grafana-Org-Id` is refused rather than heard. */
  orgMismatchRefused: boolean;
  /** What isn't below the sub-path (nor `/api`) is redirected there. */
  subPathRedirects: boolean;
  /** A rename to a taken name is a 409; before, a 500. */
  renameClashIsConflict: boolean;
  /** The first datasource of an organisation is its default, whatever the request says. */
  firstIsDefault: boolean;
  /** A datasource without a name gets one made from its type. */
  nameOptional: boolean;
  /** Names over 190 and URLs over 255 characters are refused. */
  lengthsChecked: boolean;
  /** `jsonData.teamHttpHeaders` can't be set here. */
  teamHeadersRefused: boolean;
  /** UIDs must be of the allowed form. */
  uidChecked: boolean;
  /** A uid can't be changed; an attempt is a 500 unless `uidMismatchRefused`. */
  uidImmutable: boolean;
  /** A body with another uid than the path is a 400. */
  uidMismatchRefused: boolean;
  /** Routes by numeric id are there. */
  idRoutes: boolean;
  /** There are correlations. */
  correlations: boolean;
  /** All correlations come in pages; transformations are kept. */
  correlationsPaged: boolean;
  /** A correlation's type stands in its `config` rather than beside it. */
  correlationTypeInConfig: boolean;
  /** No correlation can start at a read-only datasource; later, only provisioned correlations are protected. */
  correlationsNeedWritableSource: boolean;
  uidStyle: 'short' | 'uuid' | 'snowflake';
}

/**
 * The gates of a version such as `12.1.0`.
 * @throws {TypeError} no version, or older than 9.0, whose API is another one
 */
export function gatesOf(text: string): Gates {
  const version = parseGrafanaVersion(text);
  if (version === undefined) throw new TypeError(`'${text}' is no Grafana version`);
  const from = (wanted: string) => isAtLeast(version, wanted);
  if (!from('9.0')) throw new TypeError(`Grafana ${text} is not known here: 9.0 is the first`);
  return {
    typedErrors: from('10.0'),
    healthKeysSorted: !from('10.0'),
    typedPluginErrors: from('10.0'),
    logoInDatasource: from('10.0'),
    pluginAliases: from('10.0'),
    orgMismatchRefused: from('10.0'),
    subPathRedirects: from('10.0'),
    renameClashIsConflict: from('10.0'),
    firstIsDefault: from('10.2'),
    nameOptional: from('10.2'),
    lengthsChecked: from('10.2'),
    teamHeadersRefused: from('11.0'),
    uidChecked: from('12.0'), // feature flag failWrongDSUID, on by default since
    uidImmutable: from('12.2'), // grafana/grafana pull request 107486
    uidMismatchRefused: refusesUidMismatch(version),
    idRoutes: !from('13.0'), // feature flag datasourceLegacyIdApi, off by default since
    correlations: from('9.2'),
    correlationsPaged: from('10.2'),
    correlationTypeInConfig: !from('11.3'),
    correlationsNeedWritableSource: !from('10.2'),
    uidStyle: from('10.3') ? 'snowflake' : from('9.5') ? 'uuid' : 'short',
  };
}

/** grafana/grafana pull request 125398 and its backports, by release line. */
function refusesUidMismatch(version: GrafanaVersion): boolean {
  const lines = ['11.6.15', '12.2.9', '12.3.7', '12.4.4', '13.0.2'];
  const backport = lines.find((line) => line.startsWith(`${version.major}.${version.minor}.`));
  return isAtLeast(version, backport ?? '13.1');
}
