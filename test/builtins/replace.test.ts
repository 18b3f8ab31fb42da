import { closeContexts, contextWith, failureOf, run, valuesOf } from './support';

afterAll(closeContexts);

test.each([
  ['replace a b', ['banana'], ['bbnbnb']],
  ["replace -i A '[$0]'", ['Aa'], ['[A][a]']],
  ["replace '(a)(n)?' '<$2>'", ['ana'], ['<n><>']],
  [`replace '(?P<first>.)b' '\${first}$$\${1}'`, ['ab'], ['a$a']],
  ["replace '^' '> '", ['x', ''], ['> x', '> ']],
  ["replace 'x*' '-'", ['axb'], ['-a--b-']],
  ["replace '[äé]' ''", ['äpfelé😀'], ['pfel😀']],
  ["replace '.' x", ['😀a'], ['xx']],
  ["replace '\\$' '$$'", ['$'], ['$']],
  [
    'replace b c name',
    [
      { name: 'bob', age: 1 },
      { name: null, age: 2 },
    ],
    [
      { name: 'coc', age: 1 },
      { name: null, age: 2 },
    ],
  ],
])('%s of %j', async (text, input, output) => {
  expect(await valuesOf(text, contextWith(), input)).toEqual(output);
});

test('objects keep their class, and what flowed in is not changed', async () => {
  const context = contextWith({ 'a.txt': '' });
  const first = await run('ls', context);
  const { batches } = await run('current | replace a b basename', context);
  expect(batches).toMatchObject([{ className: 'hotwire.sysdep.fs.File', objects: [{ basename: 'b.txt' }] }]);
  expect(first.values).toMatchObject([{ basename: 'a.txt' }]);
});

test.each([
  ['replace ( x', ['a'], 'Parse', /replace: /],
  ["replace 'a(?=b)' x", ['a'], 'Parse', /lookahead/],
  ["replace a '$1'", ['a'], 'Parse', /\$1 names a group.*no groups/],
  ["replace (a) '$2'", ['a'], 'Parse', /\$2 names a group.*1 of them/],
  [`replace (a) '\${constructor}'`, ['a'], 'Parse', /names a group/],
  ["replace a '$'", ['a'], 'Parse', /alone means nothing/],
  ['replace a b', [1], 'InvalidArgs', /class number is no text.*stringify/],
  ['replace a b', [{ a: 1 }], 'InvalidArgs', /name a property/],
  ['replace a b age', [{ age: 1 }], 'InvalidArgs', /the property age is no text/],
  ['replace a b x', [{ age: 1 }], 'InvalidArgs', /no property x/],
  ['replace a b x.y', [{ x: { y: 'a' } }], 'InvalidArgs', /x.y is a part of another/],
])('%s of %j fails', async (text, input, kind, message) => {
  expect(await failureOf(text, contextWith(), input)).toMatchObject({
    kind,
    message: expect.stringMatching(message),
  });
});

test('an expression that looks ahead again and again is given up', async () => {
  const { error } = await run("replace '(a*b)|a' x", contextWith(), ['a'.repeat(200_000)]);
  expect(error).toMatchObject({
    kind: 'LimitExceeded',
    message: expect.stringMatching(/200000 characters took longer/),
  });
});

test('a text that would become too large is refused', async () => {
  const { error } = await run(`replace a ${'x'.repeat(1000)}`, contextWith(), ['a'.repeat(1_000_000)]);
  expect(error).toMatchObject({ kind: 'LimitExceeded', message: expect.stringMatching(/larger than|took longer/) });
});

test('pprint', async () => {
  expect(await valuesOf('pprint', contextWith(), ['a', null, { b: [] }])).toEqual(['"a"', 'null', '{\n  "b": []\n}']);
});
