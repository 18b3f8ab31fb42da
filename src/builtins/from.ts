import { stat } from 'node:fs/promises';
import { absolutePath, type Batch, type Builtin, batchesOf, rawPath } from '../engine';
import { HotwireError } from '../errors';
import { BATCH_OBJECTS } from './lib/batches';
import { lookAt } from './lib/check';
import { delimiterOf, delimiterOption } from './lib/csv-delimiter';
import { CsvReader } from './lib/csv-read';
import { FORMATS, type Format, formatNamed } from './lib/formats';
import { JsonLinesReader, JsonReader } from './lib/json-read';
import { TextLines, type TextReader } from './lib/text-reader';

export const from: Builtin = {
  name: 'from',
  summary: 'Objects of text: json, jsonl, csv or lines',
  help:
    'json is one value or several; of a list it yields the members, while they come. jsonl is a value on each line. csv has a header, or ' +
    "none when names are given, and yields an object of texts for each record (RFC 4180). With -d ';' another sign stands between the fields. lines splits texts at their line ends.",
  options: [delimiterOption],
  arguments: [
    { name: 'format', kind: 'string', choices: FORMATS },
    { name: 'name', kind: 'string', optional: true, repeated: true },
  ],
  input: { type: 'string' },
  output: 'any',
  idempotent: true,
  examples: [
    {
      text: `sys echo '[{"a": 1}, {"a": 2}]' | from json`,
      shows: 'what a program prints',
      result: [{ a: 1 }, { a: 2 }],
    },
    {
      text: 'cat a.jsonl | from jsonl',
      shows: 'a value on each line',
      files: { 'a.jsonl': '1\n[2]\n' },
      result: [1, [2]],
    },
    {
      text: 'cat a.csv | from csv',
      shows: 'a file with a header',
      files: { 'a.csv': 'name,size\n"b, c",2\n' },
      result: [{ name: 'b, c', size: '2' }],
    },
    {
      text: 'cat /etc/passwd | from csv -d : name password uid gid gecos home shell | filter ^0$ uid | prop name',
      shows: 'another sign between the fields, and no header',
      result: ['root'],
    },
    {
      text: 'cat /etc/passwd | from lines | first',
      shows: 'lines stay lines',
      className: 'string',
    },
  ],
  check({ args: [word = '', ...names], options }) {
    lookAt(0, () => formatNamed('from', word));
    lookAt(delimiterOption.name, () => delimiterOf('from', word, options));
    for (const [index, name] of names.entries()) lookAt(index + 1, () => assertName(word, name));
  },
  async *run({ args: [word = '', ...names], options, input, cwd }) {
    const format = formatNamed('from', word);
    for (const name of names) assertName(format, name);
    // A header of one name is rare, and one that is called as a file here most likely means it.
    if (names.length === 1 && (await isFile(cwd, names[0] ?? ''))) throw readsInput(format, names[0] ?? '');
    const reader = READERS[format](names, delimiterOf('from', format, options));
    const lines = new TextLines();
    for await (const batch of input) yield* inSlices(lines.read(batch, reader));
    yield* inSlices(reader.end());
  },
};

/** @throws InvalidArgs for what can't be the name of a field */
function assertName(format: string, name: string): void {
  if (name.includes('/')) throw readsInput(format, name);
  if (format === 'csv') return;
  const hint = `use select new=old after it; to read a file write cat ${name} | from ${format}`;
  throw new HotwireError('InvalidArgs', `from ${format}: only csv takes names: ${hint}`);
}

function readsInput(format: string, file: string): HotwireError {
  const hint = `from reads its input: cat ${file} | from ${format}`;
  return new HotwireError('InvalidArgs', `from ${format}: ${file} is a file, and no name of a field: ${hint}`);
}

async function isFile(cwd: string, name: string): Promise<boolean> {
  const found = await stat(rawPath(absolutePath(cwd, name))).catch(() => undefined); // most often there is none
  return found?.isFile() === true;
}

const READERS: Readonly<Record<Format, (names: readonly string[], delimiter: string) => TextReader>> = {
  json: () => new JsonReader(),
  jsonl: () => new JsonLinesReader(),
  csv: (names, delimiter) => new CsvReader(delimiter, names),
  lines: () => ({
    line: (text) => [text],
    end: () => [],
  }),
};

function* inSlices(values: Iterable<unknown>): Generator<Batch> {
  let slice: unknown[] = [];
  for (const value of values) {
    slice.push(value);
    if (slice.length < BATCH_OBJECTS) continue;
    yield* batchesOf(slice);
    slice = [];
  }
  yield* batchesOf(slice);
}
