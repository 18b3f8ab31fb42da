import {
  decodeObjects,
  encodeMessage,
  encodeObjectsSignal,
  type IncomingMessage,
  jsonText,
  MessageType,
} from '../../src/wire';
import { HeaderDecoder } from '../../src/wire/header';
import { ReceivedMessage } from '../../src/wire/incoming';
import { frameOf } from './support';

const HEADER = { path: '/a', interface: 'a.b', member: 'PipelineObjects', destination: ':1.5' };
const SIGNAL = { type: MessageType.SIGNAL, ...HEADER, signature: 'isas' } as const;
const received = (bytes: Buffer): IncomingMessage =>
  new ReceivedMessage(bytes, new HeaderDecoder().decode(bytes), undefined, () => undefined);

const BATCHES: [what: string, className: string, objects: unknown[]][] = [
  ['nothing', 'number', []],
  ['plain texts', 'string', Array.from({ length: 500 }, (_, index) => 'x'.repeat(index % 20))],
  ['long texts', 'string', Array.from({ length: 50 }, (_, index) => 'y'.repeat(100 * index))],
  ['numbers', 'number', [1, -2.5, 1e300, 0]],
  ['Latin-1 texts', 'string', ['grüße', 'a', 'ÿÿÿÿÿ', '']],
  ['a text with one bad fit', 'string', ['plain', 'é']],
  ['other texts', 'string', ['€', '👋', 'a👋b', '日本語']],
  [
    'objects',
    'hotwire.sysdep.proc.Process',
    [{ pid: 1, cmd: 'a\0b "q" \\ \n', list: [null, true] }, { __proto__x: 1 }],
  ],
  ['another class', 'klaße', ['a']],
];

test.each(BATCHES)('%s: the bytes are those of the general way, and come back', (_, className, objects) => {
  const texts = objects.map((object) => jsonText(object));
  const bytes = encodeObjectsSignal(HEADER, -5, className, texts, 42);
  expect(bytes.equals(encodeMessage({ ...SIGNAL, body: [-5, className, texts] }, 42))).toBe(true);
  const message = received(bytes);
  expect(decodeObjects(message)).toEqual({ pipeline: -5, className, objects });
  expect(message.body).toEqual([-5, className, texts]);
});

test('big-endian objects are read', () => {
  const text = (value: string, padding: number) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(value));
    return Buffer.concat([length, Buffer.from(`${value}\0`), Buffer.alloc(padding)]);
  };
  const texts = Buffer.concat([text('[1]', 0), text('"ü"', 3), text('2', 0)]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(texts.length);
  const body = Buffer.concat([Buffer.from([0, 0, 0, 9]), text('any', 0), size, texts]);
  const message = received(frameOf(SIGNAL, body, true));
  expect(message.body).toEqual([9, 'any', ['[1]', '"ü"', '2']]);
  expect(decodeObjects(message)).toEqual({ pipeline: 9, className: 'any', objects: [[1], 'ü', 2] });
});

test('the call that feeds a pipeline is read too', () => {
  const call = { type: MessageType.METHOD_CALL, path: '/a', member: 'PutObjects', signature: 'ias' } as const;
  const message = received(encodeMessage({ ...call, body: [3, ['{"a":1}', '2']] }, 1));
  expect(decodeObjects(message)).toEqual({ pipeline: 3, className: '', objects: [{ a: 1 }, 2] });
});

test.each([
  [['1', 'x', '2'], 'object 1 of 3'],
  [[''], 'object 0 of 1'],
  [['1,2'], 'object 0 of 1'],
  [['[1', '2]'], 'object 0 of 2'],
  [['1', '2', '3]', '[4'], 'object 2 of 4'],
  [['"a', 'b"'], 'object 0 of 2'],
  [['{"a":1', '"b":2}'], 'object 0 of 2'],
])('texts %j are refused', (texts, why) => {
  const message = received(encodeMessage({ ...SIGNAL, body: [1, 'x', texts] }, 1));
  expect(() => decodeObjects(message)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
  expect(() => decodeObjects(message)).toThrow(why);
});

test('a hostile key is one like any other', () => {
  const message = received(encodeMessage({ ...SIGNAL, body: [1, 'x', ['{"__proto__":{"admin":true}}']] }, 1));
  const [object] = decodeObjects(message).objects as [Record<string, unknown>];
  expect(object.admin).toBeUndefined();
});

test('another signature is refused', () => {
  const message = received(encodeMessage({ ...SIGNAL, signature: 'is', body: [1, 'x'] }, 1));
  expect(() => decodeObjects(message)).toThrow("not 'is'");
});

test('every byte changed, every cut: nothing but an error of ours', () => {
  const whole = encodeObjectsSignal(HEADER, 1, 'string', ['"a"', '"grüße"', '[1,2]'], 1);
  const { bodyOffset } = received(whole).frame;
  const body = whole.subarray(bodyOffset);
  const bodies = [...body.keys()].flatMap((index) => {
    const variants = [0, 1, 0x7f, 0xff].map((value) =>
      Buffer.from(body.map((byte, at) => (at === index ? value : byte))),
    );
    return [...variants, body.subarray(0, index)];
  });
  let refused = 0;
  for (const hostile of bodies) {
    const message = received(frameOf(SIGNAL, hostile));
    try {
      const { objects } = decodeObjects(message);
      expect(objects).toHaveLength((message.body[2] as unknown[]).length); // both ways agree that it is valid
    } catch (error) {
      expect(error).toMatchObject({ name: 'HotwireError', kind: 'InvalidArgs' });
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test.each([
  'plain text',
  '',
  'quote " and \\',
  'new\nline',
  'ü',
  '\u2028',
  '\ud800',
  '\x7f',
  { a: [1, 'x'] },
  null,
  -0,
  undefined,
])('the JSON text of %j is that of JSON', (value) => {
  expect(jsonText(value)).toBe(JSON.stringify(value) ?? 'null');
});

test('an object over the limit of an array is refused', () => {
  const text = `"${'x'.repeat(65 * 1024 * 1024)}"`;
  expect(() => encodeObjectsSignal(HEADER, 1, 'string', [text], 1)).toThrow(
    expect.objectContaining({ kind: 'LimitExceeded' }),
  );
});

test('a class name with a NUL is refused', () => {
  expect(() => encodeObjectsSignal(HEADER, 1, 'a\0b', [], 1)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
});
