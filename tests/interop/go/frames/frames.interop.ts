import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { decodeArrow } from '../../../../lib/grafana-plugin/frame/arrow-decode.ts';
import { encodeArrow } from '../../../../lib/grafana-plugin/frame/arrow-encode.ts';
import type { Frame } from '../../../../lib/grafana-plugin/frame/frame.ts';
import { frameFromRows } from '../../../../lib/grafana-plugin/frame/from-rows.ts';
import { decodeFrameJson } from '../../../../lib/grafana-plugin/frame/json-decode.ts';
import { encodeFrameJson, frameToJson, wireType } from '../../../../lib/grafana-plugin/frame/json-encode.ts';
import { decodeConfig, decodeMeta } from '../../../../lib/grafana-plugin/frame/schema-decode.ts';
import { toJson } from '../../../../lib/grafana-plugin/frame/schema-json.ts';
import { type Fill, longToWide, wideToLong } from '../../../../lib/grafana-plugin/frame/time-series.ts';
import { anyFrame, plain } from '../../../lib/grafana-plugin/frame/generated.ts';

/** Frames against grafana-plugin-sdk-go's own codecs, in both encodings and both directions. */

const run = promisify(execFile);
const here = import.meta.dirname;
const FRAMES = 600;
const seed = Number(process.env.CROSSLINK_SEED ?? Date.now() % 2 ** 31);

let folder: string;
let peer: string;

suiteSetup(async function () {
  this.timeout(600_000); // the first build downloads and compiles the SDK
  folder = await mkdtemp(join(tmpdir(), 'interop-frames-'));
  peer = join(folder, 'frames');
  await run('go', ['build', '-o', peer, '.'], { cwd: here });
});
suiteTeardown(() => rm(folder, { recursive: true, force: true }));

interface Dump {
  name: string;
  refId: string;
  meta: unknown;
  fields: { name: string; type: string; labels: unknown; config: unknown; values: string[] }[];
}
interface Answer {
  error?: string;
  fromArrow: Dump;
  fromJson: Dump;
  dump: Dump;
  arrow: string;
}

suite(`frames against the Go SDK, seed ${seed}`, () => {
  test(`what we write, Go reads as meant, and we read what Go makes of it: ${FRAMES} frames`, async function () {
    this.timeout(120_000);
    const frames = fc.sample(anyFrame, { numRuns: FRAMES, seed });
    const records = frames.flatMap((frame) => [record(encodeArrow(frame)), record(encodeFrameJson(frame))]);
    const lines = await ask(['decode'], Buffer.concat(records));
    assert.equal(lines.length, FRAMES);
    for (const [index, frame] of frames.entries()) {
      const answer = JSON.parse(lines[index] as string) as Answer;
      const what = () => `frame ${index}: ${frameToJson(frame)}`;
      assert.equal(answer.error, undefined, what());
      assert.deepEqual(canonical(answer.fromArrow), dumpOf(frame), what());
      assert.deepEqual(canonical(answer.fromJson), dumpOf(frame), what());
      const back = await decodeArrow(Buffer.from(answer.arrow, 'base64'));
      assert.deepEqual(dumpOf(back), dumpOf(frame), what());
      const goJson = (lines[index] as string).slice((lines[index] as string).indexOf(',"json":') + 8, -1);
      assert.deepEqual(dumpOf(decodeFrameJson(goJson)), dumpOf(frame), what());
    }
  });

  test(`what Go writes, we read as meant, and write so that Go reads the same again: ${FRAMES} frames`, async function () {
    this.timeout(120_000);
    const lines = await ask(['generate', `${seed}`, `${FRAMES}`]);
    assert.equal(lines.length, FRAMES);
    const records: Buffer[] = [];
    const answers = lines.map((line) => JSON.parse(line) as Answer);
    for (const [index, answer] of answers.entries()) {
      const line = lines[index] as string;
      assert.equal(answer.error, undefined, line);
      const fromArrow = await decodeArrow(Buffer.from(answer.arrow, 'base64'));
      const goJson = line.slice(line.indexOf(',"json":') + 8, -1);
      const fromJson = decodeFrameJson(goJson);
      assert.deepEqual(dumpOf(fromArrow), canonical(answer.dump), line);
      assert.deepEqual(dumpOf(fromJson), canonical(answer.dump), line);
      // As values, our JSON is Go's: same keys, in the same order, and the same digits.
      sameText(comparable(frameToJson(fromArrow)), comparable(goJson));
      records.push(record(encodeArrow(fromArrow)), record(encodeFrameJson(fromJson)));
    }
    const again = await ask(['decode'], Buffer.concat(records));
    for (const [index, answer] of answers.entries()) {
      const { error, fromArrow, fromJson } = JSON.parse(again[index] as string) as Answer;
      assert.equal(error, undefined);
      assert.deepEqual(canonical(fromArrow), canonical(answer.dump));
      assert.deepEqual(canonical(fromJson), canonical(answer.dump));
    }
  });

  test('long and wide series convert as they do in Go', async function () {
    this.timeout(60_000);
    const rows = fc.array(
      fc.record({
        step: fc.nat(2),
        host: fc.constantFrom('a', 'b', 'c'),
        up: fc.boolean(),
        int: fc.nat(9),
        float: fc.option(fc.nat(9)),
      }),
      { minLength: 1, maxLength: 12 },
    );
    const frames = fc.sample(rows, { numRuns: 200, seed }).map((steps) => {
      let time = 0;
      return frameFromRows(
        steps.map(({ step, ...row }) => {
          time += step;
          return { time, ...row };
        }),
        {
          name: 'long',
          columns: {
            time: 'time',
            host: 'string',
            int: 'int32',
            up: 'bool',
            float: { type: 'float64', nullable: true },
          },
        },
      );
    });
    const lines = await ask(['series'], Buffer.concat(frames.map((frame) => record(encodeArrow(frame)))));
    const fills: (Fill | undefined)[] = [
      undefined,
      { mode: 'null' },
      { mode: 'previous' },
      { mode: 'value', value: 7.5 },
    ];
    const expected = lines.map((line) => canonical((JSON.parse(line) as Answer).dump));
    const ours = frames.flatMap((frame) => {
      const wide = fills.map((fill) => longToWide(frame, fill));
      return [...wide, wideToLong(wide.at(-1) as Frame)].map(dumpOf);
    });
    assert.deepEqual(ours, expected);
  });

  test("the SDK's own golden frame of all types is the same in Arrow and in JSON", async function () {
    this.timeout(60_000);
    const { stdout } = await run(
      'go',
      ['list', '-m', '-f', '{{.Dir}}', 'github.com/grafana/grafana-plugin-sdk-go'],
      {
        cwd: here,
      },
    );
    const golden = join(stdout.trim(), 'data', 'testdata', 'all_types.golden');
    const fromArrow = await decodeArrow(await readFile(`${golden}.arrow`));
    const fromJson = decodeFrameJson(await readFile(`${golden}.json`));
    assert.ok(fromArrow.fields.length >= 30);
    assert.deepEqual(plain(fromJson), plain(fromArrow));
  });
});

/** Shows where two long texts part. */
function sameText(ours: string, theirs: string): void {
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at++;
  assert.equal(ours.slice(Math.max(0, at - 100), at + 100), theirs.slice(Math.max(0, at - 100), at + 100));
}

function record(content: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([length, content]);
}

/** @returns the lines that the Go side answers with */
function ask(args: string[], input: Uint8Array = new Uint8Array(0)): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(peer, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString().split('\n').filter(Boolean));
      else reject(new Error(`the Go side ended with ${code}`));
    });
    child.stdin.on('error', reject);
    child.stdin.end(input);
  });
}

const noMeta = { typeVersion: [0, 0] };

/** What Go says it holds, with Go's nulls for what is not there read as our decoder reads them. */
function canonical({ name, refId, meta, fields }: Dump) {
  return {
    name,
    refId,
    meta: decodeMeta(meta, 'meta') ?? undefined,
    fields: fields.map(({ labels, config, ...rest }) => ({
      ...rest,
      labels: labels ?? undefined,
      config: decodeConfig(config, 'config'),
    })),
  };
}

/** The same of ours, value by value and through none of the codecs. */
function dumpOf({ name, refId, meta, fields }: Frame) {
  return {
    name,
    refId,
    meta: meta && { ...noMeta, ...meta },
    fields: fields.map((field) => ({
      name: field.name,
      type: `${field.nullable ? '*' : ''}${wireType(field.type)}`,
      values: [...field].map((value) => show(field.type, value)),
      labels: field.labels,
      config: field.config,
    })),
  };
}

function show(type: string, value: unknown): string {
  if (value === null) return 'null';
  if (type === 'string') return JSON.stringify(Buffer.from(value as string).toString('base64'));
  if (type === 'json') return toJson(value, 'value');
  if (type === 'float32' || type === 'float64') {
    if (Number.isNaN(value)) return 'NaN';
    const bits = new DataView(new ArrayBuffer(8));
    if (type === 'float64') bits.setFloat64(0, value as number);
    else bits.setFloat32(0, value as number);
    return type === 'float64' ? bits.getBigUint64(0).toString(16) : bits.getUint32(0).toString(16);
  }
  return String(value);
}

/**
 * JSON with the spellings that are one value made one: Go escapes `<`, writes 1e+21 and a float32's 0.1 in its own way,
 * and an infinity that a config cannot have as null, which its own reader then takes for not there.
 */
function comparable(text: string): string {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
  return JSON.stringify(
    parse(text, (key, value, { source }) => {
      if (value === null && (key === 'max' || key === 'to')) return undefined;
      if (typeof value !== 'number' || !source) return value;
      return /^-?\d{17,24}$/.test(source) ? `#${source}` : `#${Math.fround(value)}`;
    }),
  );
}
