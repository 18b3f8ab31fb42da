import { MAX_MESSAGE_BYTES } from '../../src/limits';
import { encodeMessage, MessageType } from '../../src/wire';
import { FrameReader } from '../../src/wire/frames';

const signal = (text: string, serial: number) =>
  encodeMessage(
    { type: MessageType.SIGNAL, path: '/a', interface: 'a.b', member: 'C', signature: 's', body: [text] },
    serial,
  );
const MESSAGES = [
  signal('a', 1),
  signal('b'.repeat(100_000), 2),
  signal('', 3),
  signal('d'.repeat(3_000_000), 4),
  signal('e', 5),
];

const readAll = (reader: FrameReader) => {
  const frames: Buffer[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) frames.push(frame);
  return frames;
};

test.each([1_000_000_000, 65_536, 4096, 17, 16, 7])('messages come whole out of chunks of %d bytes', (size) => {
  const stream = Buffer.concat(size < 100 ? MESSAGES.slice(0, 3) : MESSAGES);
  const reader = new FrameReader();
  const frames: Buffer[] = [];
  for (let at = 0; at < stream.length; at += size) {
    reader.push(stream.subarray(at, at + size));
    frames.push(...readAll(reader));
  }
  expect(frames.map((frame) => frame.length)).toEqual(MESSAGES.slice(0, frames.length).map((frame) => frame.length));
  expect(Buffer.concat(frames).equals(stream)).toBe(true);
  expect(reader.partialBytes).toBe(0);
});

test('messages are pulled one by one, and what is left is known', () => {
  const reader = new FrameReader();
  reader.push(Buffer.concat([MESSAGES[0] as Buffer, (MESSAGES[2] as Buffer).subarray(0, 20)]));
  expect(reader.next()).toEqual(MESSAGES[0]);
  expect(reader.next()).toBeUndefined();
  expect(reader.partialBytes).toBe(20);
});

test('16 MiB in chunks of 100 bytes take no longer than in proportion', () => {
  const message = signal('x'.repeat(16 * 1024 * 1024), 1);
  const reader = new FrameReader();
  const start = performance.now();
  let frame: Buffer | undefined;
  for (let at = 0; at < message.length; at += 100) {
    reader.push(message.subarray(at, at + 100));
    frame = reader.next();
  }
  expect(frame?.equals(message)).toBe(true);
  expect(performance.now() - start).toBeLessThan(5000); // copying the whole for each chunk would take minutes
});

test('a length that is only announced takes no memory', () => {
  const header = Buffer.from(signal('', 1).subarray(0, 16));
  header.writeUInt32LE(MAX_MESSAGE_BYTES - 1024, 4);
  const before = process.memoryUsage().arrayBuffers;
  const reader = new FrameReader();
  reader.push(header);
  expect(reader.next()).toBeUndefined();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1024 * 1024);
});

const changed = (change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(signal('a', 1));
  change(bytes);
  return bytes;
};

test.each<[what: string, bytes: Buffer, why: string]>([
  ['another endianness', changed((bytes) => bytes.write('x', 0)), 'not D-Bus'],
  ['text', Buffer.from('Welcome to host web1!\n'), 'Welcome to host'],
  ['protocol version 2', changed((bytes) => bytes.writeUInt8(2, 3)), 'version 2'],
  ['type 0', changed((bytes) => bytes.writeUInt8(0, 1)), 'type 0'],
  ['serial 0', changed((bytes) => bytes.writeUInt32LE(0, 8)), 'serial 0'],
  ['a body of 200 MiB', changed((bytes) => bytes.writeUInt32LE(200 * 1024 * 1024, 4)), 'more than'],
  ['a body of 4 GiB', changed((bytes) => bytes.writeUInt32LE(0xffffffff, 4)), 'more than'],
  ['header fields of 65 MiB', changed((bytes) => bytes.writeUInt32LE(65 * 1024 * 1024, 12)), 'more than'],
  ['header fields of 4 GiB', changed((bytes) => bytes.writeUInt32LE(0xffffffff, 12)), 'more than'],
])('%s ends the reading at once, from the fixed header alone', (_, bytes, why) => {
  for (const chunks of [[bytes.subarray(0, 16)], [bytes.subarray(0, 5), bytes.subarray(5, 16)]]) {
    const reader = new FrameReader();
    for (const chunk of chunks) reader.push(chunk);
    expect(() => reader.next()).toThrow(why);
  }
});
