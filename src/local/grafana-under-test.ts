import { readFile } from 'node:fs/promises';
import { type GrafanaApiError, type GrafanaClient, grafanaClient, isGrafanaApiError } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { readCorrelationMarker, readMarker } from '#src/grafana/provisioner';
import { UsageError } from './errors.ts';
import { inOptions, shownUrl } from './grafana-option.ts';
import type { ReportedCorrelation, ReportedDatasource } from './result.ts';
import type { Scenario } from './scenario.ts';

/** A Grafana that a scenario runs against: an embedded one, or somebody's real one. */
export interface GrafanaUnderTest {
  /** In the scenario. */
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly embedded: boolean;
  /** Every datasource there is, in full, by name. */
  datasources(): Promise<ReportedDatasource[]>;
  /** What gateways made with the Correlations API, each once: units of one application ask for the same. */
  correlations(): Promise<ReportedCorrelation[]>;
  stop(): Promise<void>;
}

/** A real Grafana to use in place of an embedded one. */
export interface RealGrafana {
  readonly url: string;
  readonly tokenFile: string;
}

/**
 * Starts the embedded Grafanas of a scenario, or gets in touch with the real one.
 * @throws {UsageError} the real one can't be reached or refuses the token, or the scenario needs more than one
 */
export async function startGrafanas(
  scenario: Scenario,
  real: RealGrafana | undefined,
): Promise<GrafanaUnderTest[]> {
  const names = Object.keys(scenario.grafanas);
  if (real !== undefined) {
    const [name] = names;
    if (name === undefined || names.length > 1) {
      throw new UsageError(
        `--grafana stands in for one Grafana, and scenario ${scenario.name} has ${names.length}`,
      );
    }
    return [await useReal(name, real)];
  }
  const started: GrafanaUnderTest[] = [];
  try {
    for (const name of names) started.push(await startEmbedded(name, scenario));
  } catch (error) {
    await Promise.all(started.map((grafana) => grafana.stop()));
    throw error;
  }
  return started;
}

async function startEmbedded(name: string, scenario: Scenario): Promise<GrafanaUnderTest> {
  const { version, datasources = [] } = scenario.grafanas[name] ?? {};
  const seed = datasources.map(({ name, type, uid, url, readOnly }) => ({
    name,
    type,
    access: 'proxy' as const,
    ...(uid !== undefined && { uid }),
    ...(url !== undefined && { url }),
    ...(readOnly !== undefined && { readOnly }),
  }));
  const grafana = await started(
    () => EmbeddedGrafana.start({ ...(version !== undefined && { version }), seed }),
    name,
  );
  const client = grafanaClient({ url: grafana.url, auth: { kind: 'bearer', token: grafana.token } });
  return {
    name,
    url: grafana.url,
    token: grafana.token,
    embedded: true,
    datasources: () => allDatasources(client),
    correlations: () => allCorrelations(client),
    stop: () => grafana.stop(),
  };
}

async function started(start: () => Promise<EmbeddedGrafana>, name: string): Promise<EmbeddedGrafana> {
  try {
    return await start();
  } catch (error) {
    // The scenario's own words: an unknown version, seeds that clash.
    if (error instanceof TypeError)
      throw new UsageError(`grafanas.${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function useReal(name: string, { url, tokenFile }: RealGrafana): Promise<GrafanaUnderTest> {
  const token = await readToken(tokenFile);
  try {
    const client = grafanaClient({ url, auth: { kind: 'bearer', token } });
    await client.listDatasources();
    return {
      name,
      url: url.replace(/\/+$/, ''),
      token,
      embedded: false,
      datasources: () => allDatasources(client),
      correlations: () => allCorrelations(client),
      stop: async () => {},
    };
  } catch (error) {
    if (!isGrafanaApiError(error)) throw error;
    throw new UsageError(`--grafana ${shownUrl(url)}: ${error.message}; ${remedyOf(error)}`, {
      cause: error,
    });
  }
}

function remedyOf({ code, remedy }: GrafanaApiError): string {
  if (code === 'UNAUTHORIZED') return 'put a valid token into the file of --token-file';
  return inOptions(
    remedy.replace(
      /^set grafana-ca to .* \((\w+)\)$/,
      'give --grafana the URL of one whose certificate is signed by a CA that Node knows ($1)',
    ),
  );
}

async function readToken(file: string): Promise<string> {
  let token: string;
  try {
    token = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new UsageError(`--token-file ${file}: can't be read`, { cause: error });
  }
  if (token === '') throw new UsageError(`--token-file ${file}: is empty; put a service account token in it`);
  return token;
}

async function allDatasources(client: GrafanaClient): Promise<ReportedDatasource[]> {
  const list = await client.listDatasources();
  const full = await Promise.all(list.map(({ uid }) => client.getDatasource(uid)));
  return full.flatMap((datasource) => (datasource === undefined ? [] : [datasource]));
}

async function allCorrelations(client: GrafanaClient): Promise<ReportedCorrelation[]> {
  const [datasources, correlations = []] = await Promise.all([
    client.listDatasources(),
    client.listCorrelations(),
  ]);
  const appOf = new Map(datasources.map((one) => [one.uid, readMarker(one)?.application ?? one.uid]));
  const reported = correlations.flatMap(({ sourceUID, targetUID, description }) => {
    const kind = readCorrelationMarker(description)?.kind;
    const [from, to] = [appOf.get(sourceUID) ?? sourceUID, appOf.get(targetUID) ?? targetUID];
    return kind === undefined ? [] : [{ kind, from, to }];
  });
  const byText = new Map(reported.map((one) => [JSON.stringify(one), one]));
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
