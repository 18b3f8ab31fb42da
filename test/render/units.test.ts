import { formatValue } from '../../src/render/units';

test.each([
  ['bytes', 0, '0 B'],
  ['bytes', 1023, '1023 B'],
  ['bytes', 1024, '1.0 KiB'],
  ['bytes', 1_300_000_000, '1.2 GiB'],
  ['bytes', 1024 * 1024 - 1, '1.0 MiB'],
  ['bytes', '9223372036854775807', '8.0 EiB'],
  ['seconds', 7.9, '0:07'],
  ['seconds', 3723, '1:02:03'],
  ['seconds', 2 * 86_400 + 3723, '2d 01:02:03'],
  ['seconds', -62, '-1:02'],
  ['percent', 12.345, '12.3%'],
  ['mode', 0o100644, '-rw-r--r--'],
  ['mode', 0o040755, 'drwxr-xr-x'],
  ['mode', 0o104755, '-rwsr-xr-x'],
  ['mode', 0o041777, 'drwxrwxrwt'],
  ['mode', 0o102644, '-rw-r-Sr--'],
  ['mode', 0o750, 'rwxr-x---'],
  ['count', 1234567, '1234567'],
  ['epoch-seconds', 1e20, '100000000000000000000'],
  ['bytes', 'unknown', 'unknown'],
  ['bytes', null, ''],
  [undefined, ['a', 1], '["a",1]'],
  [undefined, true, 'true'],
] as const)('%s: %j is shown as %j', (unit, value, expected) => {
  expect(formatValue(value, unit)).toBe(expected);
});

test('a time is local', () => {
  const time = new Date(2024, 4, 1, 2, 3, 4);
  expect(formatValue(time.getTime() / 1000, 'epoch-seconds')).toBe('2024-05-01 02:03:04');
});
