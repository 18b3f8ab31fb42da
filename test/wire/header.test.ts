import { HotwireError } from '../../src/errors';
import { encodeHeader, type HeaderToEncode, MessageType } from '../../src/wire';
import { encodeBody } from '../../src/wire/encode';
import { HeaderDecoder } from '../../src/wire/header';

const CALL = { type: MessageType.METHOD_CALL, path: '/a/b', member: 'Do' } as const;
const SIGNAL = { type: MessageType.SIGNAL, path: '/', interface: 'a.b.C', member: 'Done' } as const;

test.each<HeaderToEncode>([
  CALL,
  { ...CALL, interface: 'a.b', destination: 'org.example.X-y', sender: ':1.42', signature: 'sa{sv}', flags: 3 },
  { ...SIGNAL, destination: ':1.7' },
  { type: MessageType.METHOD_RETURN, replySerial: 2 ** 32 - 1, signature: 'as' },
  { type: MessageType.ERROR, errorName: 'a.b.Failed', replySerial: 1 },
  { ...CALL, path: `/${'long/'.repeat(2000)}path` },
])('%j goes out and comes in, in both byte orders', (header) => {
  for (const bigEndian of [false, true]) {
    const bytes = encodeHeader(header, 77, 0, bigEndian);
    const decoded = new HeaderDecoder().decode(bytes);
    const { type, flags = 0, ...fields } = header;
    expect(decoded).toMatchObject({ type, flags, fields, serial: 77, bigEndian, bodyOffset: bytes.length });
    expect(decoded.defect).toBeUndefined();
    expect(bytes.length % 8).toBe(0);
  }
});

test('a header that repeats is recognised, one that differs is not', () => {
  const decoder = new HeaderDecoder();
  const members = ['One', 'One', 'Two', 'One'].map(
    (member, index) => decoder.decode(encodeHeader({ ...SIGNAL, member }, index + 1, 8)).fields.member,
  );
  expect(members).toEqual(['One', 'One', 'Two', 'One']);
  const big = decoder.decode(encodeHeader({ ...SIGNAL, member: 'One' }, 5, 8, true));
  expect(big).toMatchObject({ fields: { member: 'One' }, bigEndian: true, serial: 5 });
});

const WRONG_NAMES: [what: string, header: HeaderToEncode, why: string][] = [
  ['a call without path', { type: 1, member: 'A' }, 'no path'],
  ['a call without member', { type: 1, path: '/' }, 'no member'],
  ['a signal without interface', { type: 4, path: '/', member: 'A' }, 'no interface'],
  ['a return without reply serial', { type: 2 }, 'no replySerial'],
  ['an error without name', { type: 3, replySerial: 1 }, 'no errorName'],
  ['a path that ends in a slash', { ...CALL, path: '/a/' }, "path '/a/'"],
  ['a relative path', { ...CALL, path: 'a' }, "path 'a'"],
  ['an empty path', { ...CALL, path: '' }, "path ''"],
  ['a member with a dot', { ...CALL, member: 'a.b' }, "member 'a.b'"],
  ['a member that starts with a digit', { ...CALL, member: '1a' }, "member '1a'"],
  ['an empty member', { ...CALL, member: '' }, "member ''"],
  ['a member of 256 letters', { ...CALL, member: 'a'.repeat(256) }, 'not a member name'],
  ['an interface of one part', { ...SIGNAL, interface: 'a' }, "interface 'a'"],
  ['an error name of one part', { type: 3, replySerial: 1, errorName: 'a' }, "errorName 'a'"],
  ['a destination of one part', { ...CALL, destination: 'a' }, "destination 'a'"],
  ['a unique name of one part', { ...CALL, destination: ':1' }, "destination ':1'"],
  ['a unique name with a space', { ...CALL, destination: ':1.2 3' }, "destination ':1.2 3'"],
  ['a unique name of 300 letters', { ...CALL, destination: `:1.${'2'.repeat(300)}` }, 'not a bus name'],
  ['a bad sender', { ...CALL, sender: 'x y' }, "sender 'x y'"],
  ['the path DBus.Local', { ...CALL, path: '/org/freedesktop/DBus/Local' }, 'reserved'],
  ['the interface DBus.Local', { ...CALL, interface: 'org.freedesktop.DBus.Local' }, 'reserved'],
  ['a type that is not there', { ...CALL, type: 5 as 1 }, 'no D-Bus message type 5'],
];

test.each(WRONG_NAMES)('%s is not sent', (_, header, why) => {
  expect(() => encodeHeader(header, 1, 0)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
  expect(() => encodeHeader(header, 1, 0)).toThrow(why);
});

/** A header as any program may write it. */
const fields = (type: number, list: [number, string, Buffer][]) => {
  const parts: Buffer[] = [];
  let size = 0;
  for (const [code, signature, value] of list) {
    const padding = Buffer.alloc((8 - (size % 8)) % 8);
    const field = Buffer.concat([Buffer.from([code, signature.length]), Buffer.from(`${signature}\0`), value]);
    parts.push(padding, field);
    size += padding.length + field.length;
  }
  const fixed = Buffer.from([0x6c, type, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  fixed.writeUInt32LE(size, 12);
  return Buffer.concat([fixed, ...parts, Buffer.alloc((8 - (size % 8)) % 8)]);
};
const text = (value: string) => encodeBody('s', [value]);

test('unknown header fields are passed over', () => {
  const bytes = fields(1, [
    [1, 'o', text('/a')],
    [99, 's', text('news')],
    [3, 's', text('Do')],
  ]);
  expect(new HeaderDecoder().decode(bytes)).toMatchObject({ fields: { path: '/a', member: 'Do' }, defect: undefined });
});

test.each<[what: string, bytes: Buffer, why: string]>([
  ['no fields', fields(1, []), 'no path'],
  [
    'a bad interface',
    fields(4, [
      [1, 'o', text('/')],
      [2, 's', text('bad')],
      [3, 's', text('A')],
    ]),
    "interface 'bad'",
  ],
  ['a missing path', fields(1, [[3, 's', text('A')]]), 'no path'],
])('%s is a defect of the message alone', (_, bytes, why) => {
  expect(new HeaderDecoder().decode(bytes).defect).toMatchObject({
    kind: 'InvalidArgs',
    message: expect.stringContaining(why),
  });
});

test.each<[what: string, bytes: Buffer, why: string]>([
  ['a path that is a text', fields(1, [[1, 's', text('/a')]]), "header field path as 's'"],
  ['a text that is cut', fields(1, [[3, 's', Buffer.from([200, 0, 0, 0, 65])]]), 'ends before'],
  ['a descriptor', fields(1, [[3, 'h', Buffer.alloc(4)]]), 'file descriptor'],
  ['an unknown type', fields(1, [[3, '?', Buffer.alloc(4)]]), 'unknown type'],
])('%s ends the connection', (_, bytes, why) => {
  const decode = () => new HeaderDecoder().decode(bytes);
  expect(decode).toThrow(HotwireError);
  expect(decode).toThrow(why);
});
