import assert from 'node:assert/strict';
import { startTestPlugin } from 'crosslink/grafana-plugin/testing';
import { datasource } from '../src/datasource.ts';

await using plugin = await startTestPlugin(datasource);
const answers = await plugin.query([{ refId: 'A', sides: 1 }], { jsonData: { dice: 3 } });
const { error, frames } = answers.get('A') ?? assert.fail('no answer');
assert.equal(error, '');
assert.equal(frames[0]?.fields[1]?.values[0], 3);
