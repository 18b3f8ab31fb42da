import { type Builtin, textOf } from '../engine';
import { HotwireError } from '../errors';
import { checkProperties, lookAt } from './lib/check';
import { delimiterOf, delimiterOption } from './lib/csv-delimiter';
import { csvLines } from './lib/csv-write';
import { FORMATS, formatNamed } from './lib/formats';
import { jsonLines } from './lib/json-write';

export const to: Builtin = {
  name: 'to',
  summary: 'Objects as text: json, jsonl, csv or lines',
  help:
    'json is one list; jsonl a line for each object; csv a header and a line for each object (RFC 4180), of all properties of the first ' +
    "objects or of those that are named, with -d ';' another sign between its fields; lines the text of each object. Redirect or write " +
    'them to a file: … | to csv > file.csv.',
  options: [delimiterOption],
  arguments: [
    { name: 'format', kind: 'string', choices: FORMATS },
    { name: 'property', kind: 'property', optional: true, repeated: true },
  ],
  input: { type: 'any' },
  output: 'string',
  idempotent: true,
  examples: [
    { text: "js-eval '[1, {a: 2}]' | iter | to json", shows: 'a list', result: ['[', '1,', '{"a":2}', ']'] },
    { text: "js-eval '[1, {a: 2}]' | iter | to jsonl", shows: 'a line each', result: ['1', '{"a":2}'] },
    {
      text: 'js-eval \'[{a: 1, b: "x, y"}]\' | iter | to csv',
      shows: 'a header and a line',
      result: ['a,b', '1,"x, y"'],
    },
    {
      text: "js-eval '[{a: 1, b: 2}]' | iter | to csv -d '\\t'",
      shows: 'tabs between the fields',
      result: ['a\tb', '1\t2'],
    },
    { text: 'proc | to csv pid cmd', shows: 'two columns' },
  ],
  check({ args: [word = '', ...properties], options }, inputType) {
    lookAt(0, () => formatNamed('to', word));
    lookAt(delimiterOption.name, () => delimiterOf('to', word, options));
    if (properties.length > 0) lookAt(1, () => assertCsv(word));
    checkProperties('to', properties, inputType, 1);
  },
  async *run({ args: [word = '', ...properties], options, input }) {
    const format = formatNamed('to', word);
    if (properties.length > 0) assertCsv(format);
    const delimiter = delimiterOf('to', format, options);
    if (format === 'json') yield* jsonLines(input);
    else if (format === 'csv') yield* csvLines(input, delimiter, properties);
    else {
      const write = format === 'jsonl' ? (object: unknown) => JSON.stringify(object) : textOf;
      for await (const { objects } of input) yield { className: 'string', objects: objects.map(write) };
    }
  },
};

function assertCsv(format: string): void {
  if (format === 'csv') return;
  throw new HotwireError('InvalidArgs', `to ${format}: only csv takes properties: put select before it`);
}
