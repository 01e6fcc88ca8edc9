import type { JsonObject } from '../../relations/python-json.ts';

/** A datasource as a Grafana lists it. */
export interface LiveDatasource {
  readonly uid: string;
  /** Numeric; Grafana 11 and 12 find datasources by it, too. */
  readonly id: number;
  readonly name: string;
  /** Plugin id, never an alias of one. */
  readonly type: string;
  readonly isDefault: boolean;
  /** From a provisioning file that says `editable: false`, as it does when it says nothing. */
  readonly readOnly: boolean;
  readonly jsonData: JsonObject;
}

/** One organisation of a Grafana at one moment. Plain data, without a secret in it unless somebody put one there. */
export interface LiveGrafana {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** '' where Grafana keeps it to itself. */
  readonly version: string;
  /** Null where the token may not ask. */
  readonly org: string | null;
  /** By name. */
  readonly datasources: readonly LiveDatasource[];
}
