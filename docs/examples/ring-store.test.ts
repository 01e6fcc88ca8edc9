import { traceStoreContract } from '../../tests/lib/jaeger-storage/contract/trace-store-contract.ts';
import { ringStore } from './ring-store.ts';

traceStoreContract('the ring of docs/jaeger-storage.md', async () => ringStore(100_000));
