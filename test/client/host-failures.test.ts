// Failures of many hosts, told in as few lines as there are kinds and messages.

import { failureLines } from '../../src/client/host-failures';
import { HostLines } from '../../src/client/host-lines';
import { type ErrorKind, HotwireError } from '../../src/errors';

const failure = (domain: string, kind: ErrorKind, message: string) => ({
  domain,
  error: new HotwireError(kind, message),
});

test.each([
  [
    'the same of several hosts is one line, though each names itself',
    [
      failure('web3', 'Domain.Unreachable', 'ssh:web3: connect to host web3 port 22: refused'),
      failure('web7', 'Domain.Unreachable', 'ssh:web7: connect to host web7 port 22: refused'),
      failure('db1', 'Parse', 'no such command'),
    ],
    ['web[3,7]: Domain.Unreachable: connect to host web[3,7] port 22: refused', 'db1: Parse: no such command'],
  ],
  [
    'what differs is told each for itself',
    [failure('a', 'PipelineFailed', 'x\nstack'), failure('b', 'PipelineFailed', 'y')],
    ['a: PipelineFailed: x', 'b: PipelineFailed: y'],
  ],
  [
    'a name within another word is none, and one with signs of a pattern is taken as it is',
    [failure('a', 'Failed', 'a cat: a'), failure('me@[::1]:22', 'Failed', 'to [::1] $& me')],
    ['a: Failed: a cat: a', 'me@[::1]:22: Failed: to me@[::1]:22 $& me'],
  ],
])('%s', (_name, failures, lines) => {
  const order = failures.map(({ domain }) => domain);
  expect(failureLines(failures.toReversed(), order)).toEqual(lines);
});

test('lines of standard error are whole', () => {
  const lines = new HostLines();
  expect(lines.add('a', 'one\ntw')).toBe('a: one\n');
  expect(lines.add('b', 'x\n')).toBe('b: x\n');
  expect(lines.add('a', 'o\n\nrest')).toBe('a: two\na: \n');
  expect(lines.end('a')).toBe('a: rest\n');
  expect(lines.end('a')).toBe('');
});
