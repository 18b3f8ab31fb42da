/** What `pack` and `unpack` yield, as far as whoever joins them looks at it. All of it may come from a hostile side. */
import { HotwireError } from '../errors';

export type JsonRecord = Readonly<Record<string, unknown>>;

/** An entry of a list. */
export interface Listed {
  readonly number: number;
  /** For people. */
  readonly path: string;
  /** The first name of its path. */
  readonly first: Buffer;
  readonly size: number;
  readonly error: string | undefined;
  /** As it came. */
  readonly object: JsonRecord;
  /** What it takes in memory, about. */
  readonly weight: number;
}

/** What a target told of an entry. */
export interface Told {
  readonly number: number;
  readonly path: string;
  readonly state: string;
  readonly offset: number;
  readonly digest: string | null;
  readonly error: string | undefined;
}

/** Longer texts are cut, in UTF-16 units: they are for people. */
const MAX_SHOWN_UNITS = 2000;

/** @throws Failed, naming the field */
export function readListed(object: unknown): Listed {
  const record = recordOf(object);
  const error = record.kind === 'failed' ? (shown(record.error) ?? 'could not be read') : undefined;
  const size = record.kind === 'file' ? count(record, 'size') : 0;
  return {
    number: count(record, 'number'),
    path: shown(record.path) ?? '',
    first: firstName(record),
    size,
    error,
    object: record,
    weight: weightOf(record),
  };
}

/** @throws Failed, naming the field */
export function readReceipt(object: unknown): Told {
  const record = recordOf(object);
  return {
    number: count(record, 'number'),
    path: shown(record.path) ?? '',
    state: shown(record.state) ?? '',
    offset: count(record, 'offset'),
    digest: shown(record.digest) ?? null,
    error: shown(record.error),
  };
}

/** A piece as it came, and what of it counts here. */
export interface CarriedPiece {
  readonly record: JsonRecord;
  readonly number: number;
  /** Whether it begins an entry; else it is more content of one. */
  readonly begins: boolean;
  /** How much content it holds. */
  readonly bytes: number;
  /** What it takes in memory, about: one without content may be large, too. */
  readonly weight: number;
}

/** @throws Failed for what is no object, or has no number */
export function readPiece(object: unknown): CarriedPiece {
  const record = recordOf(object);
  const { data, kind } = record;
  return {
    record,
    number: count(record, 'number'),
    begins: kind !== undefined && kind !== null,
    bytes: typeof data === 'string' ? Buffer.byteLength(data, 'base64') : 0,
    weight: weightOf(record),
  };
}

/** As whoever writes it reads the path: in base64 where there is that. */
function firstName({ path, path_bytes }: JsonRecord): Buffer {
  const bytes = typeof path_bytes === 'string' ? Buffer.from(path_bytes, 'base64') : Buffer.from(String(path ?? ''));
  const slash = bytes.indexOf('/');
  return slash < 0 ? bytes : bytes.subarray(0, slash);
}

/** What an object takes beside its texts, in bytes, about. */
const OBJECT_BYTES = 200;

function weightOf(record: JsonRecord): number {
  let weight = OBJECT_BYTES;
  for (const value of Object.values(record)) {
    if (typeof value === 'string') weight += value.length;
    else if (typeof value === 'object' && value !== null) throw new HotwireError('Failed', FOREIGN);
  }
  return weight;
}

const FOREIGN = 'a transfer holds what is no part of one: is another version of hotwire there?';

function recordOf(object: unknown): JsonRecord {
  if (typeof object === 'object' && object !== null && !Array.isArray(object)) return object as JsonRecord;
  throw new HotwireError('Failed', FOREIGN);
}

function count(record: JsonRecord, name: string): number {
  const value = record[name] ?? 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new HotwireError('Failed', `a transfer has a wrong ${name}: is another version of hotwire there?`);
}

function shown(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, MAX_SHOWN_UNITS) : undefined;
}
