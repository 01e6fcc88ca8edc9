import { UsageError } from '#src/local';
import { type ProvisionedDatasource, provisioningYaml } from '../grafana/provisioning-file.ts';

/** A Grafana, and what its provisioning file is to hold. */
export interface Exported {
  readonly name: string;
  readonly datasources: readonly ProvisionedDatasource[];
}

/** What was looked at. */
export interface ExportedAll {
  /** Whose Grafanas these are: `scenario cos`. */
  readonly of: string;
  readonly grafanas: readonly Exported[];
  /** In what it is otherwise than was expected, a line each. */
  readonly differences: readonly string[];
}

/** Which Grafanas somebody wants files of. */
export interface Choice {
  readonly grafana: string | undefined;
  /** A file for each. */
  readonly output: string | undefined;
}

/**
 * @param names - of all Grafanas that there are in `of`
 * @returns the names of those that are wanted
 * @throws {UsageError} there is none, or it is not clear which
 */
export function chosen(of: string, names: readonly string[], { grafana, output }: Choice): readonly string[] {
  if (names.length === 0) throw new UsageError(`there is no Grafana in ${of}`);
  const all = names.join(', ');
  if (grafana !== undefined) {
    if (names.includes(grafana)) return [grafana];
    throw new UsageError(`--grafana ${grafana}: there is no such Grafana in ${of}, which has ${all}`);
  }
  if (names.length === 1 || output !== undefined) return names;
  const remedy = 'choose one by --grafana NAME, or take all by --output DIR';
  throw new UsageError(`there are several Grafanas in ${of}: ${all}; ${remedy}`);
}

/**
 * The file of one Grafana. Two defaults in an organisation, which two that were made at once can leave, would be
 * refused with the whole file: the first keeps it.
 * @see grafana/grafana: pkg/services/provisioning/datasources/config_reader.go
 */
export function fileOf({ datasources }: Exported): string {
  const defaults = datasources.filter(({ isDefault }) => isDefault === true);
  return provisioningYaml(
    datasources.map((one) => {
      const first = defaults.find(({ orgId }) => orgId === one.orgId);
      if (one.isDefault !== true || one === first) return one;
      const { isDefault: _second, ...others } = one;
      return others;
    }),
  );
}
