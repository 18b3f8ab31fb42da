import { classInto, commandOf, locate, quoteAs, slotAfter, tokenize } from '../../src/language';
import { FILE, PROCESS, vocabulary } from './vocabulary';

test.each([
  ['', 'command', 0, undefined],
  ['pr', 'command', 0, 'pr'],
  ['  pr', 'command', 2, 'pr'],
  ['ls ', 'operand', 3, undefined],
  ['ls "a b', 'operand', 3, 'a b'],
  ["ls 'a'b", 'operand', 3, 'ab'],
  ['ls a\\', 'operand', 3, 'a'],
  ['ls |', 'command', 4, undefined],
  ['ls|h', 'command', 3, 'h'],
  ['ls || h', 'command', 6, 'h'],
  ['| s', 'command', 2, 's'],
  ['ls >', 'target', 4, undefined],
  ['ls >>a', 'target', 5, 'a'],
  ['ls > > a', 'target', 7, 'a'],
  ['head < a ', 'operand', 9, undefined],
  ['> a ', 'command', 4, undefined],
  ['ls # a\nb', 'operand', 7, 'b'],
  ['sh', 'command', 0, 'sh'],
  ['where a > b', 'operand', 10, 'b'],
  ['where a>b', 'operand', 6, 'a>b'],
  ["where 'a > 5' > b", 'target', 16, 'b'],
  ["where 'a > 5", 'operand', 6, 'a > 5'],
  ['where a >> b', 'target', 11, 'b'],
  ['where a > 5 | sor', 'command', 14, 'sor'],
])('at the end of %j is a %s from %d: %j', (text, role, start, word) => {
  const place = locate(text, vocabulary);
  expect({ role: place?.role, start: place?.start, word: place?.word?.text }).toEqual({ role, start, word });
});

test.each(['sh l', 'sh ', '|py p', '| js it', 'ls # a', '#', 'ls #\n #x'])('at the end of %j is nothing', (text) => {
  expect(locate(text, vocabulary)).toBeUndefined();
});

test.each([
  ['proc | sort ', PROCESS],
  ['proc | filter x | head 3 | sort ', PROCESS],
  ['proc > a | sort ', null],
  ['head < a ', 'string'],
  ['proc | json | sort ', 'string'],
  ['ls | nonsense | sort ', 'string'],
  ['current | sort ', 'any'],
  ['current | pids ', PROCESS],
  ['sort ', 'any'],
  ['| rm ', FILE],
  ['ls || sort ', 'any'],
  ['proc ', null],
])('%j gets %j', (text, className) => {
  expect(classInto(locate(text, vocabulary)?.stages ?? [], vocabulary)).toBe(className);
});

test.each([
  ['ls ', { options: true, kind: 'path' }],
  ['ls -- ', { options: false, kind: 'path' }],
  ['proc ', { options: true, kind: undefined }],
  ['filter ', { options: true, kind: 'regexp' }],
  ['filter -i a ', { options: true, kind: 'property' }],
  ['filter - a ', { options: true, kind: undefined }],
  ['filter --nonsense -zz a ', { options: true, kind: 'property' }],
  ['head -n ', { options: false, kind: undefined, value: 'number' }],
  ['head --count ', { options: false, kind: undefined, value: 'number' }],
  ['head --count=3 ', { options: true, kind: 'path' }],
  ['head -3 ', { options: true, kind: 'path' }],
  ['head -n3 ', { options: true, kind: 'path' }],
  ['sort -rt ', { options: false, kind: undefined, value: 'text' }],
  ['sys ', { options: false, kind: 'program' }],
  ['sys -x ', { options: false, kind: 'path' }],
  ['where ', { options: false, kind: 'property' }],
  ['where a > 5 and ', { options: false, kind: 'property' }],
  ['where a > ', { options: false, kind: undefined }],
  ['where a eq ', { options: false, kind: undefined }],
  ['nonsense -- ', { options: false, kind: 'path' }],
  ["'ls' ", { options: false, kind: 'path' }],
])('after %j may stand %j', (text, slot) => {
  const stage = locate(text, vocabulary)?.stages.at(-1);
  if (!stage) throw new Error('nothing may stand there');
  const { command, operands } = commandOf(stage, vocabulary);
  if (!command) throw new Error('there is no such command');
  expect(slotAfter(command, operands)).toEqual(slot);
});

test.each([
  ['', true],
  ['  # note\n p', true],
  ['| p', true],
  ['p ', false],
  ['ls | p', false],
  ['ls p', false],
  ['> p', false],
  ['>a p', false],
])('at the end of %j a prefix may stand: %s', (text, startsText) => {
  expect(locate(text, vocabulary)?.startsText).toBe(startsText);
});

test.each([
  ['a', undefined, 'a'],
  ['a b', undefined, "'a b'"],
  ['a', "'", "'a'"],
  ["it's", "'", "'it'\\''s'"],
  ['a', '"', '"a"'],
  ['"$x`\\\n', '"', '"\\"\\$x\\`\\\\\n"'],
] as const)('%j in the style %j is %j', (text, style, quoted) => {
  expect(quoteAs(text, style)).toBe(quoted);
  expect(tokenize(quoted)).toMatchObject([{ text }]);
});
