// DESIGN section 4, "Values": what arrives at a client that is not ours is valid, exact and whole, or the pipeline fails.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ERRORS } from '../../src/errors';
import { MAX_LINE_BYTES, MAX_OBJECT_BYTES } from '../../src/limits';
import { type Bus, startBus } from '../support/bus';
import { GdbusClient } from '../support/gdbus-client';
import { startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';

let bus: Bus;
let client: GdbusClient;
let cwd: string;

beforeAll(async () => {
  bus = await startBus();
  await startSlave(bus);
  client = await GdbusClient.connect(bus);
  cwd = temporaryFolder();
});

/** Runs it to its end in `cwd`. @returns its objects, or its result */
async function values(text: string): Promise<unknown[]> {
  const id = await client.finish(text, `{'cwd': <${JSON.stringify(cwd)}>}`);
  const result = client.of(id).find(([member]) => member === 'PipelineResult');
  return result === undefined ? client.objects(id) : [JSON.parse(result[2] as string)];
}

/** The error of a pipeline that failed, as GetPipeline has it. */
async function failure(text: string): Promise<{ name: string; message: string }> {
  const id = await client.finish(text);
  const [described] = (await client.call('GetPipeline', id)) as [{ state: string; error: string }];
  expect(described.state).toBe('exception');
  return JSON.parse(described.error);
}

test.each([
  ['9007199254740991', 9007199254740991],
  ['9007199254740993n', '9007199254740993'],
  ['0n - 2n ** 70n', '-1180591620717411303424'],
  ['"a\\0b"', 'a\0b'],
  ['"\\ud800"', '\ufffd'],
  ['"größe 日本 🦆"', 'größe 日本 🦆'],
  ['({"__proto__": 1, a: [null, true, ""]})', { a: [null, true, ''] }],
])('js-eval %s', async (expression, value) => {
  expect(await values(`js-eval '${expression}'`)).toEqual([value]);
});

test.each([
  ['9007199254740993', '9007199254740993'],
  ['{"a":[-123456789012345678901234567890]}', { a: ['-123456789012345678901234567890'] }],
  ['0.1', 0.1],
])('from json: %s', async (json, value) => {
  expect(await values(`sys echo '${json}' | from json`)).toEqual([value]);
});

test('a line that is not UTF-8 has its bad bytes shown, and one with a NUL is whole', async () => {
  expect(await values(String.raw`sys printf 'a\377b\nc\000d\n\303\244\n'`)).toEqual(['a\ufffdb', 'c\0d', 'ä']);
});

test('files whose names are not UTF-8 can be told apart, and say their bytes', async () => {
  const names = [Buffer.from([0x61, 0xff]), Buffer.from([0x61, 0xfe]), Buffer.from('ä')];
  const folder = path.join(cwd, 'names');
  mkdirSync(folder);
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), '');
  const files = (await values('ls names')) as { basename: string; path_bytes?: string }[];
  expect(files.map(({ basename }) => basename).toSorted()).toEqual(['a\ufffd', 'a\ufffd', 'ä']);
  const bytes = files.flatMap(({ path_bytes: base64 }) =>
    base64 ? [Buffer.from(base64, 'base64').toString('latin1')] : [],
  );
  expect(bytes.toSorted()).toEqual([`${folder}/a\xfe`, `${folder}/a\xff`]);
});

test('the largest object arrives whole; one that is larger fails the pipeline, and says so', async () => {
  const quotes = 2;
  const most = MAX_OBJECT_BYTES - quotes;
  const [text] = (await values(`js-eval '"x".repeat(${most})'`)) as [string];
  expect(text).toHaveLength(most);
  const { name, message } = await failure(`js-eval '"x".repeat(${most + 1})'`);
  expect(name).toBe(ERRORS.LimitExceeded.busName);
  expect(message).toContain(`${MAX_OBJECT_BYTES} bytes`);
});

test('the longest line arrives whole; one that is longer fails the pipeline, and says so', async () => {
  const [line] = (await values(`sys head -c ${MAX_LINE_BYTES} /dev/zero | js-map it.length`)) as [number];
  expect(line).toBe(MAX_LINE_BYTES);
  const { name, message } = await failure(`sys head -c ${MAX_LINE_BYTES + 1} /dev/zero`);
  expect(name).toBe(ERRORS.LimitExceeded.busName);
  expect(message).toContain(String(MAX_LINE_BYTES));
});
