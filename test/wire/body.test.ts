// Bodies both ways, and every way in which one can be wrong.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { HotwireError } from '../../src/errors';
import { Variant } from '../../src/wire';
import { encodeBody } from '../../src/wire/encode';
import { decodeBody } from '../../src/wire/reader';
import { validateBody } from '../../src/wire/validate';

const bytes = (...parts: (number[] | string)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const plain = (value: unknown): unknown => {
  if (value instanceof Variant) return { signature: value.signature, value: plain(value.value) };
  if (Buffer.isBuffer(value)) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

const VALUES: [signature: string, body: unknown[]][] = [
  ['', []],
  ['ybnqiud', [255, true, -32768, 65535, -(2 ** 31), 2 ** 32 - 1, -0.5]],
  ['xt', [-(2n ** 63n) + 1n, 2n ** 64n - 1n]],
  ['sog', ['grüße 👋 €', '/a/b_1', 'a{sv}']],
  ['yas', [1, ['', 'a', 'ab', 'abc', 'abcd', 'grüße', '👋']]],
  ['as', [[]]],
  ['ay', [[1, 2, 3]]],
  ['a(ii)', [[]]],
  ['ya{sv}', [1, { cwd: new Variant('s', '/'), input: new Variant('b', false), list: new Variant('as', ['x']) }]],
  ['a{ss}', [{ PATH: '/bin', __proto__x: 'y' }]],
  [
    'ya(sas)',
    [
      1,
      [
        ['number', ['1', '2']],
        ['x', []],
        ['grüße', ['ü', 'a']],
      ],
    ],
  ],
  ['a(ss)u', [[['a', 'b']], 7]],
  ['v', [new Variant('v', new Variant('(ia{s(d)})', [1, { a: [2.5] }]))]],
  ['(y(y(yx)))', [[1, [2, [3, 4n]]]]],
  ['aa{sv}', [[{}, { t: new Variant('t', 1n) }]]],
  ['yaav', [1, [[], [new Variant('ay', [])]]]],
];

test.each(VALUES)('%s goes out and comes in', (signature, body) => {
  const encoded = encodeBody(signature, body);
  expect(plain(decodeBody(encoded, false, signature))).toEqual(plain(body));
  validateBody(encoded, false, signature);
});

describe('what a relay passes on to a bus, which cuts off whoever sends what is malformed', () => {
  test.each([
    ['a text that is not UTF-8', 's', bytes([1, 0, 0, 0, 0xff, 0])],
    ['one of many texts', 'as', bytes([14, 0, 0, 0, 1, 0, 0, 0], 'a', [0, 0, 0, 1, 0, 0, 0, 0xff, 0])],
    [
      'one of many texts, beside a long one',
      'as',
      bytes([142, 0, 0, 0, 128, 0, 0, 0], 'a'.repeat(128), [0, 0, 0, 0, 1, 0, 0, 0, 0xff, 0]),
    ],
    ['a text that is cut in a character', 'as', bytes([14, 0, 0, 0, 1, 0, 0, 0], 'Ã', [0, 0, 0, 1, 0, 0, 0, 0xa4, 0])],
    ['a NUL in a text', 's', bytes([3, 0, 0, 0], 'a', [0], 'b', [0])],
    ['no NUL behind a text', 's', bytes([1, 0, 0, 0], 'ab')],
    ['padding that is not zero', 'yu', bytes([1, 1, 0, 0, 1, 0, 0, 0])],
    ['padding before an element', 'at', bytes([8, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])],
    ['half an element', 'au', bytes([6, 0, 0, 0, 1, 0, 0, 0, 1, 0])],
    ['an array that ends too late', 'as', bytes([9, 0, 0, 0, 1, 0, 0, 0], 'a', [0])],
    ['a boolean of 2', 'b', bytes([2, 0, 0, 0])],
    ['a path that is none', 'o', bytes([2, 0, 0, 0], 'a/', [0])],
    ['a signature that is none', 'g', bytes([1], 'z', [0])],
    ['a variant of two types', 'v', bytes([2], 'ii', [0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])],
    ['a file descriptor', 'h', bytes([0, 0, 0, 0])],
    ['more than its arguments', 'y', bytes([1, 2])],
    ['less than its arguments', 'uu', bytes([1, 0, 0, 0])],
    ['an empty body', 's', bytes()],
  ])('%s is refused', (_, signature, body) => {
    expect(() => validateBody(body, false, signature)).toThrow(HotwireError);
  });

  test('nothing passes that can not be decoded', () => {
    const changed = fc.record({
      value: fc.nat(VALUES.length - 1),
      changes: fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 3 }),
      cut: fc.nat(3),
    });
    const property = fc.property(changed, ({ value, changes, cut }) => {
      const [signature, body] = VALUES[value] as (typeof VALUES)[number];
      const encoded = Buffer.from(encodeBody(signature, body));
      for (const [at, byte] of changes) if (encoded.length > 0) encoded[at % encoded.length] = byte;
      const altered = encoded.subarray(0, encoded.length - Math.min(cut === 3 ? 1 : 0, encoded.length));
      let passes = true;
      try {
        validateBody(altered, false, signature);
      } catch {
        passes = false;
      }
      if (passes) decodeBody(altered, false, signature);
    });
    fc.assert(property, { numRuns: 5000 });
  });
});

// Written by GLib, which is neither ours nor dbus-next's.
const GLIB = `
import sys
from gi.repository import Gio, GLib
cases = [
  ('(ybnqiudxt)', '(0x01, true, -2, 3, -4, 5, 6.5, -7, 18446744073709551615)'),
  ('(sogv)', "('grüße 👋', '/a', 'as', <'x'>)"),
  ('(yasa(sas))', "(1, ['', 'ab', 'grüße'], [('number', ['1', '22'])])"),
  ('(ya{sv}a{ss}ay)', "(1, {'a': <int64 1>, 'b': <{'c': <@as []>}>}, {'x': 'y'}, [1, 2])"),
]
for order in (Gio.DBusMessageByteOrder.LITTLE_ENDIAN, Gio.DBusMessageByteOrder.BIG_ENDIAN):
  for signature, text in cases:
    message = Gio.DBusMessage.new_signal('/a', 'a.b', 'c')
    message.set_byte_order(order)
    message.set_serial(1)
    message.set_body(GLib.Variant.parse(GLib.VariantType(signature), text, None, None))
    print(message.to_blob(0).hex())
`;
const FROM_GLIB = [
  ['ybnqiudxt', [1, true, -2, 3, -4, 5, 6.5, -7n, 2n ** 64n - 1n]],
  ['sogv', ['grüße 👋', '/a', 'as', new Variant('s', 'x')]],
  ['yasa(sas)', [1, ['', 'ab', 'grüße'], [['number', ['1', '22']]]]],
  [
    'ya{sv}a{ss}ay',
    [1, { a: new Variant('x', 1n), b: new Variant('a{sv}', { c: new Variant('as', []) }) }, { x: 'y' }, [1, 2]],
  ],
] as const;

test('bodies are byte for byte those of GLib, and its big-endian ones are read', () => {
  const python = '/usr/bin/python3';
  const messages = execFileSync(python, ['-c', GLIB], { encoding: 'utf8' }).trim().split('\n');
  expect(messages).toHaveLength(2 * FROM_GLIB.length);
  messages.forEach((hex, index) => {
    const message = Buffer.from(hex, 'hex');
    const bigEndian = message[0] === 'B'.charCodeAt(0);
    const length = bigEndian ? message.readUInt32BE(4) : message.readUInt32LE(4);
    const body = message.subarray(message.length - length);
    validateBody(body, bigEndian, (FROM_GLIB[index % FROM_GLIB.length] as (typeof FROM_GLIB)[number])[0]);
    const [signature, values] = FROM_GLIB[index % FROM_GLIB.length] as (typeof FROM_GLIB)[number];
    expect(bigEndian).toBe(index >= FROM_GLIB.length);
    expect(plain(decodeBody(body, bigEndian, signature))).toEqual(plain(values));
    if (!bigEndian) expect(encodeBody(signature, values).toString('hex')).toBe(body.toString('hex'));
  });
});

const nestedVariants = (depth: number) => bytes(...Array(depth).fill([1, 0x76, 0]), [1, 0x79, 0], [5]);

const BAD_BODIES: [what: string, signature: string, body: Buffer, why: string][] = [
  ['a descriptor', 'h', bytes([0, 0, 0, 0]), 'file descriptor'],
  ['a descriptor in a variant', 'v', bytes([1], 'h', [0, 0, 0, 0, 0, 0]), 'file descriptor'],
  ['an unknown type', 'z', bytes([0]), 'unknown type'],
  ['an unfinished signature', 'a', bytes([0, 0, 0, 0]), 'ends too early'],
  ['nothing for its signature', 'i', bytes(), 'ends before'],
  ['too little for a number', 'x', bytes([1, 2, 3, 4]), 'ends before'],
  ['no byte', 'y', bytes(), 'ends before'],
  ['more than its signature', 'y', bytes([1, 2]), '1 bytes follow'],
  ['more than no signature', '', bytes([1]), '1 bytes follow'],
  ['a text longer than the body', 's', bytes([9, 0, 0, 0], 'abc\0'), 'ends before'],
  ['a text of 4 GiB', 's', bytes([255, 255, 255, 255], 'abc\0'), 'ends before'],
  ['a text without NUL', 's', bytes([3, 0, 0, 0], 'abcd'), 'does not end with a NUL'],
  ['a text with a NUL inside', 's', bytes([3, 0, 0, 0], 'a\0c\0'), 'holds a NUL'],
  ['bad UTF-8', 's', bytes([2, 0, 0, 0], [0xc3, 0x28, 0]), 'not valid UTF-8'],
  ['a surrogate in UTF-8', 's', bytes([3, 0, 0, 0], [0xed, 0xa0, 0x80, 0]), 'not valid UTF-8'],
  ['an array longer than the body', 'as', bytes([16, 0, 0, 0], [1, 0, 0, 0], 'a\0'), 'ends before'],
  ['an array over 64 MiB', 'ay', bytes([1, 0, 0, 4]), 'over the limit'],
  ['an array that cuts its element', 'au', bytes([6, 0, 0, 0], [1, 0, 0, 0, 2, 0, 0, 0]), 'crosses the end'],
  ['a bad path', 'o', bytes([2, 0, 0, 0], '//\0'), 'not an object path'],
  ['a bad signature', 'g', bytes([1], 'z\0'), 'unknown type'],
  ['a variant of two types', 'v', bytes([2], 'yy\0', [1, 2]), 'not one complete'],
  ['a variant of none', 'v', bytes([0, 0]), 'not one complete'],
  ['a boolean of 2', 'b', bytes([2, 0, 0, 0]), 'neither 0 nor 1'],
  ['65 nested variants', 'v', nestedVariants(64), 'deeper than 64'],
  ['20,000 nested variants', 'v', nestedVariants(20_000), 'deeper than 64'],
  ['a dict entry that is cut', 'a{sv}', bytes([4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]), 'ends before'],
];

test.each(BAD_BODIES)('%s is refused', (_, signature, body, why) => {
  expect(() => decodeBody(body, false, signature)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
  expect(() => decodeBody(body, false, signature)).toThrow(why);
});

test('64 nested variants are not too deep', () => {
  expect(decodeBody(nestedVariants(63), false, 'v')).toHaveLength(1);
});

test('U+FFFD that was sent is valid', () => {
  expect(decodeBody(encodeBody('s', ['\ufffd']), false, 's')).toEqual(['\ufffd']);
});

test('a message of very many tiny values is refused before it fills the memory', () => {
  const body = Buffer.alloc(4 + 4 * 5_000_000);
  body.writeUInt32LE(body.length - 4);
  expect(() => decodeBody(body, false, 'aay')).toThrow(expect.objectContaining({ kind: 'LimitExceeded' }));
});

test('a hostile key is a key like any other', () => {
  const wire = encodeBody('a{sv}', [{ aaaaaaaaa: new Variant('a{sv}', { admin: new Variant('b', true) }) }]);
  wire.write('__proto__', wire.indexOf('aaaaaaaaa'));
  const [dictionary] = decodeBody(wire, false, 'a{sv}') as [Record<string, unknown>];
  expect(Object.keys(dictionary)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(dictionary)).toBeNull();
  expect('admin' in dictionary).toBe(false);
});

test('no bytes and no signature make it throw anything but its own error', () => {
  const codes = fc.constantFrom(...'ybnqiuxtdsoghva(){}'.split(''));
  const signatures = fc.array(codes, { maxLength: 6 }).map((list) => list.join(''));
  const known = fc.constantFrom('a{sv}', 'isas', 'v', 'a(sas)', 'aav', 'a{s(ix)}');
  fc.assert(
    fc.property(fc.oneof(signatures, known), fc.uint8Array({ maxLength: 80 }), fc.boolean(), (signature, body, big) => {
      try {
        decodeBody(Buffer.from(body), big, signature);
      } catch (error) {
        expect(error).toMatchObject({ name: 'HotwireError', kind: 'InvalidArgs' });
      }
    }),
    { numRuns: 3000 },
  );
});

test.each<[what: string, signature: string, body: unknown[], why: string]>([
  ['a path', 'o', ['no/path'], "argument 1 must be of the D-Bus type 'o'"],
  ['a signature', 'g', ['a{s}'], 'signature'],
  ['a text with a NUL', 's', ['a\0b'], 'holds a NUL'],
  ['a text with a NUL in a list', 'as', [['ok', 'a\0b']], 'holds a NUL'],
  ['a text with a NUL as a key', 'a{ss}', [{ 'a\0': '' }], 'holds a NUL'],
  ['a number as a text', 's', [1], "'s', not 1"],
  ['a number in a list of texts', 'as', [[1]], "'s', not 1"],
  ['a text as a list', 'as', ['x'], "'a', not x"],
  ['nothing', 's', [null], "'s', not null"],
  ['nothing at all', 'i', [undefined], "'i', not undefined"],
  ['too few', 'ss', ['a'], 'takes 2 values, not 1'],
  ['too many', 's', ['a', 'b'], 'takes 1 values, not 2'],
  ['a fraction', 'i', [1.5], 'not 1.5'],
  ['a number out of range', 'u', [-1], 'not -1'],
  ['a number out of range', 'y', [256], 'not 256'],
  ['a long out of range', 't', [-1n], 'not -1'],
  ['an inexact long', 'x', [2 ** 53], 'not 9007199254740992'],
  ['NaN', 'd', [Number.NaN], 'not NaN'],
  ['infinity', 'd', [Number.POSITIVE_INFINITY], 'not Infinity'],
  ['no variant', 'v', ['x'], "'v', not x"],
  ['no variant in a dictionary', 'a{sv}', [{ a: 1 }], "argument 1['a'] must be of the D-Bus type 'v'"],
  ['a variant of two types', 'v', [new Variant('ss', 'x')], 'not one complete'],
  ['a struct of the wrong length', '(ss)', [['a']], "'(ss)'"],
  ['a batch of the wrong length', 'a(sas)', [[['a', [], 1]]], "'a(sas)'"],
  ['a list as a dictionary', 'a{ss}', [[]], "'{ss}'"],
  ['a dictionary of numbers', 'a{us}', [{}], 'only dictionaries with text keys'],
  ['a descriptor', 'h', [0], "the type 'h'"],
])('%s as %s is not sent', (_, signature, body, why) => {
  expect(() => encodeBody(signature, body)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
  expect(() => encodeBody(signature, body)).toThrow(why);
});

test('values nested deeper than D-Bus allows are not sent', () => {
  let value = new Variant('y', 1) as Variant;
  for (let depth = 0; depth < 70; depth++) value = new Variant('v', value);
  expect(() => encodeBody('v', [value])).toThrow('deeper than 64');
});

test('arrays over 64 MiB are not sent', () => {
  const text = 'x'.repeat(1024 * 1024);
  const texts = Array<string>(65).fill(text);
  for (const [signature, value] of [
    ['as', texts],
    ['a(sas)', [['string', texts]]],
  ] as const) {
    expect(() => encodeBody(signature, [value])).toThrow(expect.objectContaining({ kind: 'LimitExceeded' }));
  }
});

test('lone surrogates become U+FFFD', () => {
  const body = ['a\ud800b', ['\udc00', 'x', '👋\ud83d']];
  expect(decodeBody(encodeBody('sas', body), false, 'sas')).toEqual(['a\ufffdb', ['\ufffd', 'x', '👋\ufffd']]);
});
