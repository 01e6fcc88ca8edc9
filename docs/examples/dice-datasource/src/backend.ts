import { serveDatasource } from 'crosslink/grafana-plugin';
import { datasource } from './datasource.ts';

await serveDatasource(datasource);
