// The hot path: batches of objects as JSON texts (signature isas). Written with a cached header and one string write,
// read by turning the body into one JSON array in place, so that no text is ever a string of its own.
import { isAscii, isUtf8 } from 'node:buffer';
import { HotwireError } from '../errors';
import { encodeHeader, patchHeader } from './header';
import { type IncomingMessage, MessageType } from './message';
import { encodeTextArray } from './texts';

/** Where a signal of objects comes from and goes to. */
export interface ObjectsHeader {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly destination?: string | undefined;
  readonly sender?: string | undefined;
}

/** Signatures that end in the texts: of the signals, and of the call that feeds a pipeline. */
const SIGNATURE = 'isas';
const CALL_SIGNATURE = 'ias';
/** Headers that are kept encoded: about one per client and domain. */
const CACHED_HEADERS = 500;

const headers = new Map<string, Buffer>();

/**
 * The bytes of a signal `isas`. `texts` are JSON texts, one per object: see `jsonText`.
 * @throws InvalidArgs, LimitExceeded as any message
 */
export function encodeObjectsSignal(
  header: ObjectsHeader,
  pipeline: number,
  className: string,
  texts: readonly string[],
  serial: number,
): Buffer {
  const template = headerTemplate(header);
  const bytes = encodeObjects(template, pipeline, className, texts);
  patchHeader(bytes, serial, bytes.length - template.length);
  return bytes;
}

/** The body of such a signal alone. @throws as `encodeObjectsSignal` */
export function encodeObjectsBody(pipeline: number, className: string, texts: readonly string[]): Buffer {
  return encodeObjects(NO_HEADER, pipeline, className, texts);
}

const NO_HEADER = Buffer.alloc(0);

/** `template`, a whole header, followed by the body. */
function encodeObjects(template: Buffer, pipeline: number, className: string, texts: readonly string[]): Buffer {
  if (className.includes('\0')) throw new HotwireError('InvalidArgs', 'the class name holds a NUL');
  const nameBytes = Buffer.byteLength(className);
  const head = Buffer.alloc(template.length + 8 + ((nameBytes + 4) & ~3));
  template.copy(head);
  head.writeInt32LE(pipeline, template.length);
  head.writeUInt32LE(nameBytes, template.length + 4);
  head.write(className, template.length + 8);
  return encodeTextArray(head, texts);
}

function headerTemplate(header: ObjectsHeader): Buffer {
  const key = `${header.path} ${header.interface} ${header.member} ${header.destination ?? ''} ${header.sender ?? ''}`;
  const known = headers.get(key);
  if (known) return known;
  const bytes = encodeHeader({ ...header, type: MessageType.SIGNAL, signature: SIGNATURE }, 0, 0);
  if (headers.size >= CACHED_HEADERS) headers.clear();
  headers.set(key, bytes);
  return bytes;
}

/** A text that is its own JSON but for the quotes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** `JSON.stringify`, twice as fast for the plain lines of text that most objects are. Undefined becomes null. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(value) ?? 'null';
}

export interface Objects {
  readonly pipeline: number;
  /** Empty for a call of PutObjects (`ias`). */
  readonly className: string;
  readonly objects: unknown[];
}

/**
 * The objects in a message `isas` or `ias`, parsed.
 * @throws InvalidArgs when the signature is another, the bytes are malformed, or a text is not one JSON text
 */
export function decodeObjects(message: IncomingMessage): Objects {
  const { signature, frame } = message;
  if (signature !== SIGNATURE && signature !== CALL_SIGNATURE) {
    throw new HotwireError('InvalidArgs', `objects come as '${SIGNATURE}' or '${CALL_SIGNATURE}', not '${signature}'`);
  }
  const parsed = parseObjects(new TextCursor(frame.bytes.subarray(frame.bodyOffset), frame.bigEndian), signature);
  return parsed ?? explain(message);
}

/** Undefined when anything at all is wrong. */
function parseObjects(cursor: TextCursor, signature: string): Objects | undefined {
  const pipeline = cursor.int32();
  const className = signature === SIGNATURE ? cursor.text() : '';
  const json = cursor.rest();
  if (className === undefined || json === undefined) return undefined;
  try {
    const objects = JSON.parse(json.text) as unknown[];
    // Texts such as `1,2` or `[3` may make an array together, but hardly of as many elements.
    return objects.length === json.count ? { pipeline, className, objects } : undefined;
  } catch {
    return undefined; // explain() finds out which text it was, and throws
  }
}

/** The slow way, which ends in an error that says what is wrong. */
function explain(message: IncomingMessage): Objects {
  const values = message.body;
  const texts = values.at(-1) as string[];
  const objects = texts.map((text, index) => {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new HotwireError('InvalidArgs', `object ${index} of ${texts.length} is not JSON`, { cause: error });
    }
  });
  return { pipeline: values[0] as number, className: values.length === 3 ? String(values[1]) : '', objects };
}

const SPACE = 0x20;
const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Reads texts without trusting their lengths. */
class TextCursor {
  readonly #bytes: Buffer;
  readonly #bigEndian: boolean;
  #at = 0;

  constructor(bytes: Buffer, bigEndian: boolean) {
    this.#bytes = bytes;
    this.#bigEndian = bigEndian;
  }

  /** 0 when it is cut short; what follows is then cut short too. */
  int32(): number {
    const value = this.#uint32(this.#at);
    this.#at += 4;
    return value | 0;
  }

  text(): string | undefined {
    const start = this.#at + 4;
    const end = this.#textEnd(this.#bytes, this.#at);
    if (end === undefined) return undefined;
    const text = this.#bytes.toString('utf8', start, end);
    this.#at = (end + 4) & ~3;
    return text.includes('\0') || text.includes('\ufffd') ? undefined : text;
  }

  /** The array of texts that fills the rest, as one JSON array. */
  rest(): { text: string; count: number } | undefined {
    const start = this.#at + 4;
    if (start > this.#bytes.length || this.#uint32(this.#at) !== this.#bytes.length - start) return undefined;
    if (start === this.#bytes.length) return { text: '[]', count: 0 };
    const bytes = Buffer.from(this.#bytes.subarray(start));
    const count = this.#toJson(bytes);
    if (count === undefined) return undefined;
    if (isAscii(bytes)) return { text: bytes.toString('latin1'), count };
    return isUtf8(bytes) ? { text: bytes.toString('utf8'), count } : undefined;
  }

  /** Puts brackets, commas and spaces where lengths, NULs and padding were. */
  #toJson(bytes: Buffer): number | undefined {
    let count = 0;
    let at = 0;
    while (at < bytes.length) {
      const padded = (at + 3) & ~3;
      const end = this.#textEnd(bytes, padded);
      if (end === undefined) return undefined;
      for (let gap = at; gap < padded + 3; gap++) bytes[gap] = SPACE;
      bytes[padded + 3] = count++ === 0 ? OPEN : COMMA;
      bytes[end] = SPACE;
      at = end + 1;
    }
    bytes[at - 1] = CLOSE;
    return count;
  }

  /** Where the text, whose length is at `at`, has its NUL. */
  #textEnd(bytes: Buffer, at: number): number | undefined {
    if (at + 4 >= bytes.length) return undefined;
    const end = at + 4 + this.#uint32(at, bytes);
    return bytes[end] === 0 ? end : undefined;
  }

  #uint32(at: number, bytes = this.#bytes): number {
    if (at + 4 > bytes.length) return 0;
    return this.#bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }
}
