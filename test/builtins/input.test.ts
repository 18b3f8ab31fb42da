// Commands that are given enough take no input: they used to wait for the end of a standard input that never ends.
import { plan } from '../../src/engine';
import { closeContexts, contextWith, registry, run } from './support';

afterAll(closeContexts);

const taken = (text: string) => plan(text, contextWith(), registry).inputType;

test.each([
  'cat a',
  'cat *.none',
  'rm a',
  'rm -rf a',
  'rm -- -f',
  'sechash a',
  'sechash -5 a',
  'kill 12',
  'kill -9 12',
  'kill -HUP -- 12',
  'kill -- 12',
  'head a',
  'head 3 a',
  'head -3 a',
  'head -3 5',
  'head -n 3 a b',
  'ls',
  'ls -a d',
])('%s takes no input', (text) => {
  expect(plan(text, contextWith(), registry)).toMatchObject({ inputType: null, inputOptional: false });
  expect(() => taken(`js-eval 1 | ${text}`)).toThrow(/takes no input as it is written here, but 'js-eval' yields/);
  expect(() => taken(`${text} < file`)).toThrow(/takes no input as it is written here/);
});

test.each([
  ['cat', 'string'],
  ['rm', 'hotwire.sysdep.fs.File'],
  ['rm -f', 'hotwire.sysdep.fs.File'],
  ['sechash -5', 'any'],
  ['kill', 'hotwire.sysdep.proc.Process'],
  ['kill -9', 'hotwire.sysdep.proc.Process'],
  ['kill -9 --', 'hotwire.sysdep.proc.Process'],
  ['head', 'any'],
  ['head 3', 'any'],
  ['head -3', 'any'],
  ['ls -i', 'string'],
  ['ls -i d', 'string'],
  ['js-eval input', 'any'],
  ['sys cat a', 'string'],
])('%s may take %s', (text, inputType) => {
  expect(plan(text, contextWith(), registry)).toMatchObject({ inputType, inputOptional: true });
});

test('an expression that does not name its input does not wait for it', async () => {
  const { values } = await run('watch 100 "js-eval 1" | js-eval 6*7');
  expect(values).toEqual([42]);
});
