// Objects as JSON texts, in parts that fit a signal.
import { MAX_BATCH_BYTES, MAX_BATCH_OBJECTS } from '../../src/limits';
import { configure } from '../../src/settings';
import { encodeBatch } from '../../src/slave/batches';

configure({ maxObjectBytes: MAX_BATCH_BYTES });

function sizes(objects: unknown[]): number[] {
  return [...encodeBatch({ className: 'any', objects })].map(({ texts }) => texts.length);
}

test.each([
  ['nothing', [], []],
  ['a few', [1, 'two', null], [3]],
  ['more objects than fit', Array(MAX_BATCH_OBJECTS + 1).fill(0), [MAX_BATCH_OBJECTS, 1]],
  ['more bytes than fit', Array(3).fill('x'.repeat(MAX_BATCH_BYTES / 2 - 2)), [2, 1]],
  ['one as large as allowed', ['x'.repeat(MAX_BATCH_BYTES - 2)], [1]],
])('%s', (_, objects, expected) => {
  expect(sizes(objects)).toEqual(expected);
});

test.each([
  ['of ASCII', 'x'.repeat(MAX_BATCH_BYTES - 1)],
  ['of characters of several bytes', '€'.repeat(MAX_BATCH_BYTES / 3 + 1)],
])('an object %s over the limit is refused, by name and number', (_, text) => {
  const message = `an object of class any is over ${MAX_BATCH_BYTES} bytes as JSON (setting maxObjectBytes)`;
  expect(() => sizes([text])).toThrow(expect.objectContaining({ kind: 'LimitExceeded', message }));
});
