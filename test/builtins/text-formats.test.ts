// to and from: json, jsonl, csv, lines.
import fc from 'fast-check';
import { CsvReader } from '../../src/builtins/lib/csv-read';
import { csvLines } from '../../src/builtins/lib/csv-write';
import { JsonReader } from '../../src/builtins/lib/json-read';
import { TextLines } from '../../src/builtins/lib/text-reader';
import { closeContexts, contextWith, failureOf, valuesOf } from './support';

afterAll(closeContexts);

test.each([
  ['from json', ['1'], [1]],
  ['from json', ['1 "a" null', '{"a":', ' [1,', ' "]}\\""]}'], [1, 'a', null, { a: [1, ']}"'] }]],
  ['from json', ['[', ' 1,', ' {"a": 2},[3]', ',"x"', ']', '[]', '[ ]true'], [1, { a: 2 }, [3], 'x', true]],
  ['from json', ['\uFEFF{"__proto__": 1}\r'], [JSON.parse('{"__proto__": 1}')]],
  ['from json', ['[1,2]{"a":1}"x""y"'], [1, 2, { a: 1 }, 'x', 'y']],
  ['from json', ['{\n"a": 1\n}\n'], [{ a: 1 }]],
  ['from json', [''], []],
  ['from jsonl', ['1', '', '{"a": 2}\r', '[3]'], [1, { a: 2 }, [3]]],
  [
    'from csv',
    ['a,b', '1,', '"x, y","q ""z"""', '', ',"two', '', 'lines"'],
    [
      { a: '1', b: '' },
      { a: 'x, y', b: 'q "z"' },
      { a: '', b: 'two\n\nlines' },
    ],
  ],
  ['from csv', ['a\r', '"1"\r', '"x\r', 'y"\r'], [{ a: '1' }, { a: 'x\r\ny' }]],
  ['from csv', ['a\r\n', '"x\r\n', 'y\r"\r\n'], [{ a: 'x\r\ny\r' }]],
  ['from csv', ['\uFEFF"a",b', '1,2'], [{ a: '1', b: '2' }]],
  ["from csv -d ';'", ['a;b', '1,5;"x;y"'], [{ a: '1,5', b: 'x;y' }]],
  ["from csv -d '\\t' a b", ['1\t"2\t3"'], [{ a: '1', b: '2\t3' }]],
  ["to csv -d ';'", [{ a: '1,5', b: 'x;y' }], ['a;b', '1,5;"x;y"']],
  ['to csv', [{ '\uFEFFa': '\uFEFF' }], ['"\uFEFFa"', '"\uFEFF"']],
  ['from csv x __proto__', ['1,2'], [JSON.parse('{"x": "1", "__proto__": "2"}')]],
  ['from csv', ['a,b,', '1,2,""'], [{ a: '1', b: '2', '': '' }]],
  ['from lines', ['a\nb\r\n', 'c'], ['a', 'b', 'c']],
  ['to lines', ['a', 1, { b: 2 }], ['a', '1', '{"b":2}']],
  ['to jsonl', ['a', { b: 2 }], ['"a"', '{"b":2}']],
  ['to json', [], ['[', ']']],
  ['to json', [1, 'x', null], ['[', '1,', '"x",', 'null', ']']],
  [
    'to csv',
    [
      { a: 1, b: 'x "y"' },
      { b: 'p\nq', a: null },
      { a: [1], b: { c: ',' } },
    ],
    ['a,b', '1,"x ""y"""', ',"p\nq"', '[1],"{""c"":"",""}"'],
  ],
  ['to csv b', [{ a: 1, b: 2 }], ['b', '2']],
  ['to csv', ['x', 1], ['value', 'x', '1']],
  ['to csv a', [{ a: null }], ['a', '""']],
])('%s of %j', async (text, input, expected) => {
  expect(await valuesOf(text, contextWith(), input)).toEqual(expected);
});

test.each([
  ['from json', ['{"a": 1', '', 'b}'], /^from json: line 3: /],
  ['from json', ['[1,', '2'], /line 2: the list does not end/],
  ['from json', ['', '{"a":', '1'], /line 2: the value that begins here does not end/],
  ['from json', ['[1 2]'], /line 1: a comma or \] is missing before 2\]/],
  ['from json', ['[1,]'], /line 1: a value is missing before \]/],
  ['from json', ['1', ']'], /line 2: a value is missing/],
  ['from json', ['{"a": "b', '"}'], /line 1: a text does not end/],
  ['from json', ['{"a": 1]'], /line 1: /],
  ['from json', ['{"a": "b\\'], /line 1: a text does not end/],
  ['from json', ['tru'], /line 1: /],
  ['from jsonl', ['1', '{"a"'], /^from jsonl: line 2: /],
  ['from csv', ['a,b', '1'], /^from csv: line 2: 1 fields, but the header has 2/],
  ['from csv', ['a,a'], /line 1: two columns are called a/],
  ['from csv', ['a', '"x', 'y'], /line 2: a quote of the record that begins here is not closed/],
  ['from csv', ['a', 'x"y'], /line 2: a quote inside the field/],
  ['from csv', ['a', '"x"y'], /line 2: a comma is missing before y/],
  ["from csv -d ';'", ['a;b', '"x",1'], /line 2: a ; is missing before ,1/],
  ["from csv -d '\\t'", ['a\tb', '"x",1'], /line 2: a tab is missing before ,1/],
  ['from csv -d \\t', ['a'], /^from csv: "t" can't stand between fields: give one sign .* -d '\\t'(?:\n|$)/],
  ["to csv -d '::'", [{ a: 1 }], /^to csv: "::" can't/],
  ["to csv -d '\"'", [{ a: 1 }], /can't stand between fields/],
  ['to csv -d ""', [{ a: 1 }], /^to csv: "" can't/],
  ['to csv -d 😀', [{ a: 1 }], /can't stand between fields/],
  ['to json -d :', [1], /only csv has a delimiter/],
  ['from jsnl', ['1'], /no format jsnl: did you mean json/],
  ['from xml', ['1'], /no format xml: give one of json, jsonl, csv, lines/],
  ['from json a', ['1'], /only csv takes names/],
  ['to json a', [1], /only csv takes properties/],
  ['to csv', [{ a: 1 }, 5], /has the property value, which the header \(a\) has not/],
  ['to csv', [{}], /no properties/],
  ['to csv c', [{ a: 1 }], /no property c/],
])('%s of %j fails', async (text, input, message) => {
  expect(await failureOf(text, contextWith(), input)).toMatchObject({
    kind: expect.stringMatching(/^(?:Parse|InvalidArgs)$/),
    message: expect.stringMatching(message),
  });
});

test('members of a list come before the list has ended', () => {
  const reader = new JsonReader();
  expect([...reader.line('[{"a": 1},', 1)]).toEqual([{ a: 1 }]);
  expect([...reader.line('{"a": 2}', 2)]).toEqual([{ a: 2 }]);
  expect([...reader.line(']', 3)]).toEqual([]);
  expect([...reader.end()]).toEqual([]);
});

test('a line of megabytes, of escapes, of brackets', () => {
  const long = JSON.stringify('\\"'.repeat(1_000_000));
  expect([...new JsonReader().line(long, 1)]).toEqual(['\\"'.repeat(1_000_000)]);
  const many = Array.from({ length: 100_000 }, (_, index) => index);
  expect([...new JsonReader().line(JSON.stringify(many), 1)]).toEqual(many);
  expect(() => [...new JsonReader().line('['.repeat(1_000_000), 1), ...[]]).not.toThrow();
});

test('a value that never ends is refused before it fills the memory', () => {
  const reader = new JsonReader();
  const part = `"${'x'.repeat(1024 * 1024)}",`;
  const feed = () => {
    for (let number = 1; number < 100; number++)
      for (const _ of reader.line(`${number === 1 ? '{' : ''}${part}`, number));
  };
  expect(feed).toThrow(expect.objectContaining({ kind: 'LimitExceeded' }));
});

test.each(['json', 'jsonl'])('to %s and back', async (format) => {
  const values = [{ a: 1, b: [null, 'x\ny'] }, 'text', 3, null];
  expect(await valuesOf(`to ${format} | from ${format}`, contextWith(), values)).toEqual(values);
});

const text = fc.string({
  unit: fc.oneof(fc.constantFrom(...'",;\t \r\n\uFEFF', 'a', '日'), fc.string({ unit: 'binary', maxLength: 1 })),
});
const table = fc
  .uniqueArray(text, { minLength: 1, maxLength: 4 })
  .chain((header) =>
    fc.array(fc.tuple(...header.map(() => text)), { minLength: 1, maxLength: 5 }).map((rows) => ({ header, rows })),
  );

test('any texts to csv and back, as lines and as one text with either line end', async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom(',', ';', '\t', ' ', '|'), async ({ header, rows }, delimiter) => {
      const objects = rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]])));
      const lines: string[] = [];
      const input = async function* () {
        yield { className: 'object', objects };
      };
      for await (const batch of csvLines(input(), delimiter, header)) lines.push(...(batch.objects as string[]));
      for (const texts of [lines, [`${lines.join('\n')}\n`], [lines.join('\r\n')]]) {
        const reader = new CsvReader(delimiter, []);
        const read = [...new TextLines().read({ className: 'string', objects: texts }, reader), ...reader.end()];
        expect(read).toEqual(objects);
      }
    }),
    { numRuns: 300 },
  );
});

test('to csv and back in a pipeline', async () => {
  const rows = [
    { a: 'x; "y"', b: 'p\r\nq' },
    { a: '', b: ' ' },
  ];
  expect(await valuesOf("to csv -d ';' | from csv -d ';'", contextWith(), rows)).toEqual(rows);
});
