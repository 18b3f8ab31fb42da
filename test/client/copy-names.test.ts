// Which names a source may list: those that were asked for, by the same patterns as where they are expanded.
import fc from 'fast-check';
import { SourceNames } from '../../src/client/copy-names';
import { wildcard } from '../../src/engine/wildcard';

const admits = (sources: string[], name: string | Buffer, patterns = false) =>
  new SourceNames(sources, patterns).admits(Buffer.from(name));

test.each([
  ['report.txt', 'report.txt'],
  ['/srv/www/', 'www'],
  ['/srv/www/.', 'www'],
  ['.ssh', '.ssh'],
  ['.', 'home'],
  ['a/..', 'home'],
  ['*', '*'],
  ['~', '~'],
])('%s: %s is what was asked for', (source, name) => {
  expect(admits([source], name)).toBe(true);
});

test.each([
  ['report.txt', '.ssh'],
  ['report.txt', 'report.txt2'],
  ['*', 'a'],
  ['.', '.ssh'],
])('%s: %s is not', (source, name) => {
  expect(admits([source], name)).toBe(false);
});

test('of a source whose name only the other side knows, that is one', () => {
  const names = new SourceNames(['.', 'a', '~'], true);
  const admitted = ['home', 'a', 'user', 'home', 'third'].map((name) => names.admits(Buffer.from(name)));
  expect(admitted).toEqual([true, true, true, true, false]);
});

test('bytes that are no UTF-8 are one character each', () => {
  const name = Buffer.from([0xff, 0x61, 0xc3, 0xbc, 0x80]);
  expect(admits(['?a??'], name, true)).toBe(true);
  expect(admits(['?a?'], name, true)).toBe(false);
});

test('patterns are those of the engine', () => {
  const part = fc.constantFrom(
    '*',
    '?',
    '[',
    ']',
    '!',
    '^',
    '-',
    'a',
    'b',
    'z',
    '.',
    '[a-c]',
    '[!a]',
    '[]b]',
    '[:alpha:]',
    '[[:digit:]x]',
    '\\',
    '(',
    '{',
    '+',
    'ü',
    '7',
  );
  const pattern = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  const name = fc.array(fc.constantFrom('a', 'b', 'c', 'z', '.', '7', ']', '-', 'ü', '\n', '[', '\\', '('), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(pattern, name, (text, characters) => {
      fc.pre(!/^[.~]+$/.test(text));
      const shown = characters.join('');
      // A backslash in a source is quoted on its way.
      const expected = wildcard(text.replaceAll('\\', '\\\\'))(shown) || shown === text;
      expect([text, shown, admits([text], shown, true)]).toEqual([text, shown, expected]);
    }),
    { numRuns: 5000 },
  );
});

test('a long name takes no time', () => {
  expect(admits(['*a*a*a*a*a*b'], 'a'.repeat(20_000), true)).toBe(false);
});
