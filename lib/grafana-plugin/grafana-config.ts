/**
 * What Grafana's own configuration says to its plugins; it comes with each call. Older Grafanas leave keys out.
 * @see grafana/grafana-plugin-sdk-go: config/grafana_cfg.go
 */
export class GrafanaConfig {
  readonly #values: Readonly<Record<string, string>>;
  #toggles: ReadonlySet<string> | undefined;

  constructor(values: Readonly<Record<string, string>> = {}) {
    this.#values = values;
  }

  /**
   * Grafana's own names: `GF_...`. Read through the members below where there is one. Keys and client secrets are among
   * them, so that they do not show when this is printed or made into JSON.
   */
  get values(): Readonly<Record<string, string>> {
    return this.#values;
  }

  get(name: string): string | undefined {
    return Object.hasOwn(this.values, name) ? this.values[name] : undefined;
  }

  /** Where users reach Grafana, as `https://grafana.example/`. */
  get appUrl(): string | undefined {
    return this.get('GF_APP_URL');
  }

  /** The feature toggles that are on. */
  get featureToggles(): ReadonlySet<string> {
    this.#toggles ??= new Set(
      (this.get('GF_INSTANCE_FEATURE_TOGGLES_ENABLE') ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    );
    return this.#toggles;
  }

  /** How many queries of one request to run at a time. */
  get concurrentQueryCount(): number | undefined {
    return this.#integer('GF_CONCURRENT_QUERY_COUNT');
  }

  /** What to tell a user of an error that is not for users. */
  get userFacingDefaultError(): string | undefined {
    return this.get('GF_USER_FACING_DEFAULT_ERROR');
  }

  /** Bytes of one HTTP answer; 0 for no limit. */
  get responseLimitBytes(): number {
    return this.#integer('GF_RESPONSE_LIMIT') ?? 0;
  }

  /** How many packets Grafana keeps for a subscriber that reads slowly. */
  get liveClientQueueMaxSize(): number | undefined {
    return this.#integer('GF_LIVE_CLIENT_QUEUE_MAX_SIZE');
  }

  /** Defaults for datasources that speak SQL. */
  get sql(): Readonly<
    Record<'rowLimit' | 'maxOpenConns' | 'maxIdleConns' | 'maxConnLifetimeSeconds', number | undefined>
  > {
    return {
      rowLimit: this.#integer('GF_SQL_ROW_LIMIT'),
      maxOpenConns: this.#integer('GF_SQL_MAX_OPEN_CONNS_DEFAULT'),
      maxIdleConns: this.#integer('GF_SQL_MAX_IDLE_CONNS_DEFAULT'),
      maxConnLifetimeSeconds: this.#integer('GF_SQL_MAX_CONN_LIFETIME_SECONDS_DEFAULT'),
    };
  }

  /** @returns undefined where there is none, and where what is there is no whole number from 0 on */
  #integer(name: string): number | undefined {
    const text = this.get(name);
    if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
    return Number(text);
  }
}
