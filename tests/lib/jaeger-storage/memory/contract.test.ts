import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import { traceStoreContract } from '../contract/trace-store-contract.ts';

traceStoreContract('in memory', async () => memoryStore());
