import { Interrupted } from '../../src/cli/interrupt';
import { exitStatus, failureStatus, failureText, processExit, shellStatus } from '../../src/cli/outcome';
import { HotwireError } from '../../src/errors';
import { OutputClosed } from '../../src/render';

test.each([
  [{ code: 0, signal: null }, 0],
  [{ code: 3, signal: null }, 3],
  [{ code: null, signal: 'SIGKILL' }, 137],
  [{ code: null, signal: null }, 1],
  [{ code: null, signal: 'SIGNONE' }, 128],
])('a process that ended with %j has status %i', (exit, status) => {
  expect(shellStatus(exit)).toBe(status);
});

test.each([
  [
    { code: 3, signal: null },
    { code: 3, signal: null },
  ],
  [{ code: 'x' }, { code: null, signal: null }],
  [null, undefined],
  ['0', undefined],
])('hotwire.exit %j is read as %j', (value, expected) => {
  expect(processExit(value)).toEqual(expected);
});

test.each([
  ['complete', undefined, 0],
  ['complete', { code: 4, signal: null }, 4],
  ['complete', { code: 0, signal: null }, 0],
  ['cancelled', { code: null, signal: 'SIGTERM' }, 130],
  ['exception', undefined, 1],
] as const)('%s, last process %j: status %i', (state, last, status) => {
  expect(exitStatus(state, last)).toBe(status);
});

test.each([
  [new Interrupted(143), 143],
  [new OutputClosed(), 141],
  [new HotwireError('Parse', 'x'), 2],
  [new HotwireError('Domain.Unreachable', 'x'), 3],
  [new HotwireError('Disconnected', 'x'), 3],
  [new HotwireError('PipelineFailed', 'x'), 1],
  [new Error('a defect'), 1],
])('%s has status %i', (thrown, status) => {
  expect(failureStatus(thrown)).toBe(status);
});

test('what a person is told', () => {
  const parse = new HotwireError('Parse', "no such command: 'x'\n  x\n  ^");
  const failed = Object.assign(new HotwireError('PipelineFailed', 'no such file'), {
    detail: 'no such file\nin ls\nat y',
  });
  expect(failureText(parse, false)).toBe(parse.message);
  expect(failureText(failed, false)).toBe('no such file');
  expect(failureText(failed, true)).toBe('no such file\nin ls\nat y');
  expect(failureText(new HotwireError('Failed', 'x', { cause: new Error('deep') }), true)).toMatch(
    /HotwireError: x.*caused by Error: deep/s,
  );
  expect(failureText(new OutputClosed(), true)).toBeUndefined();
  expect(failureText(new Interrupted(130), true)).toBeUndefined();
});

// It used to be "EBADF: bad file descriptor, write".
test('a standard output that is closed is told in words', () => {
  const cause = Object.assign(new Error('EBADF: bad file descriptor, write'), { code: 'EBADF', syscall: 'write' });
  const failed = new HotwireError('Failed', `can't write to standard output: ${cause.message}`, { cause });
  expect(failureText(failed, false)).toMatch(/^standard output is closed/);
  expect(failureStatus(failed)).toBe(1);
});
