import { serveDatasource } from 'crosslink/grafana-plugin';
import { datasource } from './datasource.ts';

// Grafana starts this as a process of its own. What the datasource does is in another file, so that tests need none.
await serveDatasource(datasource);
