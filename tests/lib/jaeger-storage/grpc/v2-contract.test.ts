import { traceStoreContract } from '../contract/trace-store-contract.ts';
import { serving } from './serving.ts';
import { v2Client } from './v2-client.ts';

traceStoreContract(
  'in memory, through storage_v2 and OTLP',
  async () => {
    const { connection, close } = await serving({ tenancy: {} });
    return v2Client(connection, close);
  },
  {
    skip: { 'U42 (otlp)': 'on the wire a longest duration of 0 is no bound' },
    lacks: {
      'empty-service': 'storage_v2 takes an empty service for any',
      limits: 'on the wire 0 stands for the default; see storage-v2/query.test.ts',
      answers:
        'Jaeger writes span by span, and hears of none that is rejected; see storage-v2 and storage-v1',
      formats: 'storage_v2 answers with OTLP alone',
      close: 'what is closed is a connection',
      abort: 'the call is cancelled, which its client sees at once',
    },
  },
);
