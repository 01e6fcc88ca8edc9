/** Writes traces until it is killed, and tells its parent process of those that were acknowledged. For recovery.test.ts. */
import { openSqliteStore } from '../../../../lib/jaeger-storage/sqlite/open-store.ts';
import { as } from '../contract/fixtures.ts';
import { otlpOf, traceOf } from './stores.ts';

const [folder = '', first = '1'] = process.argv.slice(2);
const store = await openSqliteStore({ folder, tuning: { segmentSpans: 64 } });
let next = Number(first);

async function write(): Promise<void> {
  for (;;) {
    const traces = Array.from({ length: 5 }, () => next++);
    await store.write(otlpOf(...traces.map((trace) => traceOf(trace, 8))), as(''));
    process.send?.(traces);
  }
}

await Promise.all(Array.from({ length: 4 }, write));
