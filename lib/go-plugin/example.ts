import { EventEmitter, on } from 'node:events';
import { argv } from 'node:process';
import { implement, RpcError, serve } from 'crosslink/go-plugin';
import { KeyValue } from './proto/example_pb.ts';

/** A whole plugin: it keeps values for its host, and tells it when they change. */
export function keyValue() {
  const values = new Map<string, Uint8Array>();
  const changes = new EventEmitter<Record<string, [value: Uint8Array]>>();
  return implement(KeyValue, {
    get({ key }) {
      const value = values.get(key);
      if (value === undefined) throw new RpcError('NOT_FOUND', `there is no '${key}'`);
      return { value };
    },
    put({ key, value }) {
      values.set(key, value);
      changes.emit(`put ${key}`, value);
      return {};
    },
    async *watch({ key }, { signal }) {
      const coming = on(changes, `put ${key}`, { signal });
      const value = values.get(key);
      if (value !== undefined) yield { value };
      for await (const [value] of coming) yield { value };
    },
  });
}

// The host runs this file; a test imports it.
if (argv[1] === import.meta.filename) {
  await serve({
    name: 'The key-value example',
    cookie: { key: 'KEY_VALUE_PLUGIN', value: 'hello' },
    versions: { 1: [keyValue()] },
  });
}
