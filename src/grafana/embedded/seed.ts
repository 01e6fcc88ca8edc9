import type { DatasourceCommand } from '../datasources.ts';
import type { CorrelationConfig, CorrelationRow } from './correlation-store.ts';
import type { Row } from './store.ts';
import { provisionedUid } from './uid.ts';

/** A datasource that is there from the start, e.g. one that a provisioning file made. */
export interface DatasourceSeed extends Partial<Omit<DatasourceCommand, 'access'>> {
  name: string;
  type: string;
  /** Default `proxy`. Grafana takes any text. */
  access?: string;
  /** As with `editable: false` in a provisioning file. Default false. */
  readOnly?: boolean;
  /** Default 1. */
  version?: number;
}

/** A whole row: what the seed leaves out is empty, its uid made from its name as file provisioning does it. */
export function rowOf(seed: DatasourceSeed): Omit<Row, 'id' | 'orgId'> {
  return {
    uid: seed.uid ?? provisionedUid(seed.name),
    name: seed.name,
    type: seed.type,
    access: seed.access ?? 'proxy',
    url: seed.url ?? '',
    user: seed.user ?? '',
    database: seed.database ?? '',
    basicAuth: seed.basicAuth ?? false,
    basicAuthUser: seed.basicAuthUser ?? '',
    withCredentials: seed.withCredentials ?? false,
    isDefault: seed.isDefault ?? false,
    jsonData: structuredClone(seed.jsonData ?? {}),
    secureJsonData: { ...seed.secureJsonData },
    version: seed.version ?? 1,
    readOnly: seed.readOnly ?? false,
  };
}

/** A correlation that is there from the start. */
export interface CorrelationSeed extends Partial<Omit<CorrelationRow, 'uid' | 'config'>> {
  sourceUID: string;
  targetUID: string;
  config?: Partial<CorrelationConfig>;
}

/** A whole row: what the seed leaves out is empty. */
export function correlationRowOf({ config = {}, ...given }: CorrelationSeed): Omit<CorrelationRow, 'uid'> {
  const { field = '', target = {}, transformations = [] } = config;
  return {
    label: '',
    description: '',
    type: 'query',
    provisioned: false,
    ...given,
    config: structuredClone({ field, target, transformations }),
  };
}
