// Which domain an object is of: what is said here, never what comes from there.
import { tagged } from '../src/domain-tag';

test.each([
  [{ a: 1 }, { '@domain': 'web1', a: 1 }],
  ['text', { '@domain': 'web1', value: 'text' }],
  [[1], { '@domain': 'web1', value: [1] }],
  [null, { '@domain': 'web1', value: null }],
  // `on` within `on`, and whoever says that it is another
  [
    { '@domain': 'db1', a: 1 },
    { '@domain': 'web1/db1', a: 1 },
  ],
  [
    { a: 1, '@domain': { toString: 'db1' } },
    { '@domain': 'web1', a: 1 },
  ],
])('%j', (object, expected) => {
  expect(JSON.stringify(tagged([object], 'web1'))).toBe(JSON.stringify([expected]));
});
