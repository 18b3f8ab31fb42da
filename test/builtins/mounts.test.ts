import { type MountObject, mountOf, parseMountInfo, visibleMounts } from '../../src/builtins/lib/mounts';
import { propertiesOf } from '../../src/classes';
import { closeContexts, valuesOf } from './support';

afterAll(closeContexts);

const ROOT = '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard';

test.each([
  ['any number of optional fields', '36 35 98:0 /m1 /m2 rw shared:1 master:2 - ext3 /dev/root rw', { root: '/m1' }],
  ['no source', '40 27 0:30 / /mnt rw - tmpfs  rw', { source: '', type: 'tmpfs' }],
  [
    'octal escapes',
    String.raw`40 27 0:30 / /a\040b\011c\012d\134e rw - tmpfs x\040y rw`,
    { mount_point: '/a b\tc\nd\\e' },
  ],
  ['a backslash that was escaped', String.raw`40 27 0:30 / /a\134040 rw - tmpfs x rw`, { mount_point: '/a\\040' }],
  [
    'a comma in an option',
    String.raw`40 27 0:30 / /a rw - overlay o rw,lowerdir=/x\054y`,
    { options: ['rw', 'lowerdir=/x,y'] },
  ],
  [
    'a mount that is read-only',
    '40 27 0:30 / /a ro,nosuid - ext4 x rw',
    { read_only: true, options: ['ro', 'nosuid'] },
  ],
  ['a file system that is', '40 27 0:30 / /a rw,nosuid - ext4 x ro', { read_only: true, options: ['nosuid', 'ro'] }],
  ['a directory named -', '40 27 0:30 / - rw - ext4 x rw', { mount_point: '-', type: 'ext4' }],
])('reads %s', (_, line, expected) => {
  expect(parseMountInfo(`${line}\n`)).toEqual([expect.objectContaining(expected)]);
});

test('a line reads as a whole', () => {
  expect(parseMountInfo(ROOT)).toEqual([
    {
      mount_point: '/',
      source: '/dev/vda',
      type: 'ext4',
      read_only: false,
      options: ['rw', 'relatime', 'discard'],
      root: '/',
      device: '254:0',
      mount_id: 27,
      parent_id: 1,
    },
  ]);
});

test.each(['', '\n', 'garbage', '1 2 3 4 5 6 7'])('%j is no mount', (text) => {
  expect(parseMountInfo(text)).toEqual([]);
});

const at = (mount_point: string, mount_id: number) => ({ mount_point, mount_id }) as MountObject;
const TREE = [at('/', 1), at('/a', 2), at('/a/b', 3), at('/a', 4)];

test.each([
  ['/', 1],
  ['/x', 1],
  ['/a', 4],
  ['/ab', 1],
  ['/a/c', 4],
  ['/a/b/c', 3],
])('%s lies in mount %i', (file, id) => {
  expect(mountOf(file, TREE)?.mount_id).toBe(id);
});

test('of several mounts on one directory the last can be seen', () => {
  expect(visibleMounts(TREE).map(({ mount_id }) => mount_id)).toEqual([1, 4, 3]);
});

test('the mounts of this machine have what their class declares', async () => {
  const found = (await valuesOf('mounts')) as MountObject[];
  expect(found.map(({ mount_point }) => mount_point)).toContain('/proc');
  expect(Object.keys(found[0] ?? {})).toEqual(propertiesOf('hotwire.sysdep.fs.Mount').map(({ name }) => name));
});
