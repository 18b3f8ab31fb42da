import fc from 'fast-check';
import { format, ParseError, type Plan, parse, quote, tokenize } from '../../src/language';
import { MAX_TEXT_UNITS } from '../../src/limits';
import { vocabulary } from './vocabulary';

/** A plan without what depends on how it was spelled. */
function meaning({ text: _, ...plan }: Plan): unknown {
  return JSON.parse(
    JSON.stringify(plan, (key, value) => {
      if (key === 'span') return undefined;
      return value instanceof Map ? [...value] : value;
    }),
  );
}

const hostile = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(
        ...`'"\\ \t\n\r|<>#&;$\`?*~-=[]{}()!`,
        '\u00A0',
        '日',
        'e\u0301',
        '👩‍👩‍👧',
        '\ud800',
        'a',
        'b',
        '1',
      ),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    ),
    maxLength: 12,
  })
  .filter((word) => !word.includes('\0'));

/** The same word in single quotes, in double quotes, or each unit after a backslash. */
const spelled = hostile.chain((word) =>
  fc
    .constantFrom(
      `'${word.replaceAll("'", "'\\''")}'`,
      `"${word.replace(/["\\$`]/g, '\\$&')}"`,
      word.includes('\n') || word === '' ? quote(word) : [...word].map((char) => `\\${char}`).join(''),
    )
    .map((spelling) => ({ word, spelling })),
);
const spelling = spelled.map((one) => one.spelling);
/** Words with parts that are not quoted. */
const loose = fc
  .array(fc.oneof(fc.constantFrom('*', '~', '~/x', 'a', '-b', '?', '[a]', '#', '='), spelling), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''))
  .filter((word) => !word.startsWith('#'));
const words = (least: number, most: number) =>
  fc.array(fc.oneof(spelling, loose), { minLength: least, maxLength: most }).map((list) => list.join(' '));

const redirection = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.constantFrom(' >', ' >>', ' >> '), spelling).map((two) => two.join('')),
);
const first = fc.oneof(
  words(0, 3).map((files) => `ls -a -- ${files}`),
  words(0, 3).map((args) => `sys echo ${args}`),
  words(0, 3).map((args) => `\\seq ${args}`),
  fc.constantFrom('dir -l', 'proc -a', 'filter -- a', '', 'head <a', 'seq 1'),
);
const middle = fc.oneof(
  words(1, 2).map((args) => `filter -vi -- ${args}`),
  words(1, 2).map((args) => `sort --separator='a b' -- ${args}`),
  spelling.map((value) => `sort -r -t ${value} pid`),
  fc
    .array(fc.oneof(fc.constantFrom('a', '>', '<', 'a>5', '<=', '>=b', 'and', '(a', '!='), loose, spelling), {
      minLength: 1,
      maxLength: 4,
    })
    .map((list) => `where a ${list.join(' ')}`),
  words(0, 2).map((args) => `where 'a > b' ${args}`),
  fc.constantFrom('head -3', 'head -n 4', 'head --count=x', 'json', 'js-eval 1'),
);
const pipeline = fc
  .tuple(first, fc.array(middle, { maxLength: 3 }), fc.constantFrom('|', ' | ', '\n|\t'), redirection)
  .filter(([start, rest]) => start !== '' || rest.length > 0)
  // `>>` would follow a condition that is not quoted
  .map(([start, rest, bar, target]) => [start, rest, bar, rest.at(-1)?.startsWith('where') ? '' : target] as const)
  .map(([start, rest, bar, target]) => [start, ...rest].join(bar) + target);

const prefixed = fc
  .tuple(fc.constantFrom('sh ', 'py\t', '|rb ', '| js ', 'pl \n'), hostile)
  .filter(([, script]) => /[^ \t\n\r]/.test(script))
  .map((two) => two.join(''));

test('text → plan → text → plan is stable, and the text then too', () => {
  fc.assert(
    fc.property(fc.oneof(pipeline, prefixed), (text) => {
      const plan = parse(text, vocabulary);
      const canonical = format(plan);
      const again = parse(canonical, vocabulary);
      expect(meaning(again)).toEqual(meaning(plan));
      expect(format(again)).toBe(canonical);
    }),
    { numRuns: 1000 },
  );
});

test('words survive, however they are spelled', () => {
  fc.assert(
    fc.property(fc.array(spelled, { maxLength: 5 }), (list) => {
      const expected = ['echo', ...list.map(({ word }) => word)];
      const plan = parse(`sys echo ${list.map((one) => one.spelling).join(' ')}`, vocabulary);
      const again = parse(format(plan), vocabulary);
      for (const { stages } of [plan, again]) expect(stages[0]?.args.map(({ text }) => text)).toEqual(expected);
      for (const { word } of list) expect(tokenize(quote(word))).toMatchObject([{ text: word }]);
    }),
    { numRuns: 500 },
  );
});

const fragment = fc.constantFrom(
  ...`'"\\ \t\n|<>#&;$\`-=~*`,
  '\0',
  'ls',
  'sh ',
  'py',
  'filter',
  'where ',
  '--all',
  '-n',
  'proc',
  '2',
  '\ud800',
  '日',
);

test('any text parses or fails with a ParseError whose place lies in the text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join('')),
      ),
      (text) => {
        for (const token of tokenize(text))
          expect(token.span.start + token.span.length).toBeLessThanOrEqual(text.length);
        try {
          const plan = parse(text, vocabulary);
          expect(meaning(parse(format(plan), vocabulary))).toEqual(meaning(plan));
        } catch (error) {
          if (!(error instanceof ParseError)) throw error;
          const { start, length } = error.span;
          expect(start).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThanOrEqual(0);
          expect(start + length).toBeLessThanOrEqual(text.length);
          expect(error.message.split('\n')).toHaveLength(error.hint === undefined ? 3 : 4);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

const LONG = MAX_TEXT_UNITS / 2;
/** Ten times what a slow machine needs; time quadratic in the length would be minutes. */
const SOON_MS = 3000;

test.each<[name: string, start: string, unit: string]>([
  ['bars', '', '|'],
  ['stages', 'json', '|json'],
  ['single quotes', 'ls ', "'"],
  ['double quotes', 'ls ', '"'],
  ['backslashes', 'ls ', '\\'],
  ['joined quotes', 'ls ', "a''"],
  ['continued lines', 'ls ', '\\\n'],
  ['comments', 'ls ', '#\n'],
  ['blanks', 'ls', ' '],
  ['redirections', 'ls ', '>a '],
  ['a long first word', '', 'a'],
  ['a long prefix', 'sh ', 'a'],
  ['short options', 'ls -', 'a'],
  ['options', 'ls ', '-a '],
  ['words', 'ls ', 'a '],
  ['words after --', 'ls -- ', '-a '],
  ['a long option', 'ls -', '-'],
  ['dollars', 'filter ', '$'],
  ['comparisons', 'where ', 'a>'],
  ['conditions', 'where ', 'a > 5 '],
  ['commands that compare', 'where a>5', '|where a>5'],
  ['first words in quotes', "where 'a b'", "'a b'"],
])('%s without end take no time to speak of', (_, start, unit) => {
  const text = start + unit.repeat(LONG / unit.length);
  const started = performance.now();
  try {
    format(parse(text, vocabulary));
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
  }
  expect(performance.now() - started).toBeLessThan(SOON_MS);
});
