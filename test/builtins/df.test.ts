import { statfs } from 'node:fs/promises';
import { type Answer, askSpace, type FileSystemObject } from '../../src/builtins/lib/file-systems';
import { isSubclass, propertiesOf } from '../../src/classes';
import { FILE_SYSTEM_TIMEOUT_MS, MAX_STUCK_FILE_SYSTEMS } from '../../src/limits';
import { closeContexts, contextWith, run, valuesOf } from './support';

afterAll(closeContexts);

const fileSystems = async (text: string) => (await valuesOf(text)) as FileSystemObject[];

test('a file system is a mount with its space', async () => {
  const [found] = await fileSystems('df /proc/../');
  const { bsize, blocks, files } = await statfs('/');
  expect(found).toMatchObject({ mount_point: '/', size: bsize * blocks, files, stat_error: null });
  expect((found?.used ?? 0) + (found?.available ?? 0)).toBeLessThanOrEqual(found?.size ?? 0);
  expect(isSubclass('hotwire.sysdep.fs.FileSystem', 'hotwire.sysdep.fs.Mount')).toBe(true);
  const declared = propertiesOf('hotwire.sysdep.fs.FileSystem').map(({ name }) => name);
  expect(Object.keys(found ?? {})).toEqual(declared);
});

test('each file system once and only with space; -a shows all; a path shows its own', async () => {
  const once = await fileSystems('df');
  expect(new Set(once.map(({ device }) => device)).size).toBe(once.length);
  expect(once.every(({ size }) => size !== 0)).toBe(true);
  expect((await fileSystems('df -a')).length).toBeGreaterThan(once.length);
  expect(await fileSystems('df /proc/self /proc')).toMatchObject([{ mount_point: '/proc' }, { mount_point: '/proc' }]);
});

test('a path that is not there fails, and is named', async () => {
  const { state, error } = await run('df missing', contextWith());
  expect([state, error?.message]).toEqual(['exception', 'missing: no such file or directory']);
});

const answer: Answer = { bsize: 1024, blocks: 100, bfree: 60, bavail: 40, files: 10, ffree: 4 };

test('what is kept for the administrator counts as neither used nor available', async () => {
  expect(await askSpace('/a', async () => answer)).toEqual({
    size: 102_400,
    used: 40_960,
    available: 40_960,
    used_percent: 50,
    files: 10,
    files_used: 6,
    stat_error: null,
  });
  const none = { ...answer, blocks: 0, bfree: 0, bavail: 0 };
  expect(await askSpace('/a', async () => none)).toMatchObject({ size: 0, used_percent: 0 });
});

test('one that may not be asked says why', async () => {
  const denied = Object.assign(new Error('EACCES: permission denied, statfs'), { code: 'EACCES' });
  expect(await askSpace('/a', () => Promise.reject(denied))).toMatchObject({
    size: null,
    stat_error: 'permission denied',
  });
});

test('those that do not answer are given up, and hold few threads until they do', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  const waiting: ((answer: Answer) => void)[] = [];
  const away = jest.fn(() => new Promise<Answer>((resolve) => waiting.push(resolve)));
  try {
    const asked = Array.from({ length: MAX_STUCK_FILE_SYSTEMS }, (_, index) => askSpace(`/away/${index}`, away));
    await jest.advanceTimersByTimeAsync(FILE_SYSTEM_TIMEOUT_MS);
    for (const space of await Promise.all(asked)) expect(space.stat_error).toMatch(/has not answered for 2 s/);
    expect((await askSpace('/away/0', away)).stat_error).toMatch(/has not answered/);
    expect((await askSpace('/other', away)).stat_error).toMatch(/not asked/);
    expect(away).toHaveBeenCalledTimes(MAX_STUCK_FILE_SYSTEMS);
  } finally {
    jest.useRealTimers();
  }
  for (const resolve of waiting) resolve(answer);
  await new Promise(setImmediate);
  expect(await askSpace('/away/0', async () => answer)).toMatchObject({ stat_error: null });
});
