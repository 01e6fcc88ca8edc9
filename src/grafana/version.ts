/** A Grafana version as far as behaviour depends on it. */
export interface GrafanaVersion {
  major: number;
  minor: number;
  patch: number;
}

/**
 * Read a version leniently: `12.1.0`, `11.0.0-12345`, `9.4.0-pre`, `12.1.0+security-01`, `v10.2`.
 * @returns undefined where no `major.minor` stands at the beginning, e.g. in '' of a Grafana that hides it
 */
export function parseGrafanaVersion(text: string): GrafanaVersion | undefined {
  const found = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(text);
  if (found === null) return undefined;
  return { major: Number(found[1]), minor: Number(found[2]), patch: Number(found[3] ?? 0) };
}

/** @returns whether `version` is `wanted` (e.g. `12.3.7`) or later; a pre-release counts as its release */
export function isAtLeast(version: GrafanaVersion, wanted: string): boolean {
  const other = parseGrafanaVersion(wanted);
  if (other === undefined) throw new TypeError(`'${wanted}' is no Grafana version`);
  if (version.major !== other.major) return version.major > other.major;
  if (version.minor !== other.minor) return version.minor > other.minor;
  return version.patch >= other.patch;
}
