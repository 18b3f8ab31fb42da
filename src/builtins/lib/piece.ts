/** What `pack` yields and `unpack` takes, as the class hotwire.transfer.Piece has it. All that comes is checked. */
import { type RawPath, toRaw } from '../../engine';
import { HotwireError } from '../../errors';
import { MAX_TRANSFER_PATH_BYTES } from '../../limits';
import { isRecord } from './property';

export const PIECE = 'hotwire.transfer.Piece';
export const RECEIPT = 'hotwire.transfer.Receipt';

const KINDS = ['file', 'directory', 'link', 'failed'] as const;
export type Kind = (typeof KINDS)[number];

/** A file, directory or link on its way. */
export interface Entry {
  readonly number: number;
  readonly kind: Kind;
  /** Directory at the source that `names` start from. */
  readonly root: RawPath;
  /** Names of the directories down to it, and its own: none of them empty, a dot or two, or with a slash or a NUL. */
  readonly names: readonly Buffer[];
  readonly mode: number;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** What a link holds. */
  readonly target?: RawPath;
  /** Where the content that follows begins: what is before that is there. */
  readonly offset: number;
  /** SHA-256: of the whole content in a list; of what is there, of one that is wanted from an offset on. */
  readonly digest?: string;
  /** Of a directory that is a source itself: see identityOf. */
  readonly identity?: string;
  readonly error?: string;
}

/** Which bits of a mode come along: none that change who a program runs as. */
const FILE_BITS = 0o777;
/** In a sticky directory, as /tmp is one, everybody removes only what is theirs. */
const DIRECTORY_BITS = 0o1777;

/** The bits of a mode that a copy gets. */
export function copiedMode(kind: Kind, mode: number): number {
  return mode & (kind === 'directory' ? DIRECTORY_BITS : FILE_BITS);
}

/** When a copy is told to have been used (now) and changed: Node takes a number before 1970 for now, and a text as it is. */
export function timesOf({ mtime }: Entry): [atime: number, mtime: string] {
  return [Date.now() / 1000, String(mtime)];
}

/** The next part of a file's content. */
export interface Part {
  readonly number: number;
  readonly offset: number;
  readonly data: Buffer;
  /** SHA-256 of the whole: this part is the last one. */
  readonly digest?: string;
  /** Nothing more comes, and why. */
  readonly error?: string;
}

/** See the class hotwire.transfer.Receipt. */
export interface Receipt {
  readonly number: number;
  readonly path: string;
  readonly state: 'wanted' | 'same' | 'placed' | 'unreadable' | 'failed';
  readonly offset: number;
  readonly digest: string | null;
  readonly error: string | null;
}

export function receiptOf(
  entry: Entry,
  state: Receipt['state'],
  rest: Partial<Pick<Receipt, 'offset' | 'digest' | 'error'>> = {},
): Receipt {
  return { number: entry.number, path: shownPath(entry), state, offset: 0, digest: null, error: null, ...rest };
}

/** Of a longer path a message has the end. */
const MAX_SHOWN_UNITS = 1000;

/** The path of an entry for people. */
export function shownPath({ names }: Pick<Entry, 'names'>): string {
  const text = names.join('/');
  return text.length > MAX_SHOWN_UNITS ? `…${text.slice(-MAX_SHOWN_UNITS)}` : text;
}

export function pieceOfEntry({ names, root, target, ...entry }: Entry): Record<string, unknown> {
  return {
    ...entry,
    ...pathFields('path', toRaw(Buffer.from(Buffer.concat(joined(names))))),
    ...pathFields('root', root),
    ...(target !== undefined && pathFields('target', target)),
  };
}

export function pieceOfPart({ data, ...part }: Part): Record<string, unknown> {
  return { ...part, data: data.toString('base64') };
}

const SLASH = Buffer.from('/');

function joined(names: readonly Buffer[]): Buffer[] {
  return names.flatMap((name, index) => (index === 0 ? [name] : [SLASH, name]));
}

function pathFields(name: 'path' | 'root' | 'target', file: RawPath): Record<string, string> {
  return { [name]: file.toString(), ...(typeof file !== 'string' && { [`${name}_bytes`]: file.toString('base64') }) };
}

/** Whether a piece begins an entry; else it is a part of one. */
export function beginsEntry(piece: unknown): boolean {
  return isRecord(piece) && piece.kind !== undefined && piece.kind !== null;
}

/** @throws InvalidArgs for what no `pack` yields, naming the field */
export function readEntry(piece: unknown): Entry {
  const fields = new Fields(piece);
  const kind = KINDS.find((known) => known === fields.get('kind'));
  if (kind === undefined) throw fields.wrong('kind');
  const target = kind === 'link' ? fields.path('target') : undefined;
  return {
    number: fields.count('number'),
    kind,
    root: fields.path('root'),
    names: namesOf(Buffer.from(fields.path('path')), fields),
    mode: fields.count('mode'),
    size: fields.count('size'),
    mtime: fields.time('mtime'),
    offset: fields.count('offset'),
    ...(target !== undefined && { target }),
    ...fields.texts('digest', 'identity', 'error'),
  };
}

/** @throws InvalidArgs for what no `pack` yields, naming the field */
export function readPart(piece: unknown): Part {
  const fields = new Fields(piece);
  const data = fields.get('data') ?? '';
  if (typeof data !== 'string') throw fields.wrong('data');
  return {
    number: fields.count('number'),
    offset: fields.count('offset'),
    data: Buffer.from(data, 'base64'),
    ...fields.texts('digest', 'error'),
  };
}

/** A path that could lead elsewhere than down is refused: nobody writes outside of the target. */
function namesOf(path: Buffer, fields: Fields): Buffer[] {
  const names: Buffer[] = [];
  for (let start = 0; start <= path.length; ) {
    const slash = path.indexOf(SLASH, start);
    const end = slash < 0 ? path.length : slash;
    names.push(path.subarray(start, end));
    start = end + 1;
  }
  const isBad = (name: Buffer) =>
    name.length === 0 || name.includes(0) || ['.', '..'].includes(name.toString('latin1'));
  if (names.some(isBad)) throw fields.wrong('path');
  return names;
}

class Fields {
  readonly #piece: Readonly<Record<string, unknown>>;

  constructor(piece: unknown) {
    if (!isRecord(piece)) throw new HotwireError('InvalidArgs', 'objects as pack yields them are needed');
    this.#piece = piece;
  }

  get(name: string): unknown {
    return this.#piece[name];
  }

  wrong(name: string): HotwireError {
    const shown = JSON.stringify(this.#piece[name])?.slice(0, MAX_SHOWN_UNITS);
    return new HotwireError('InvalidArgs', `a piece has ${shown} as its ${name}: pack yields no such thing`);
  }

  count(name: string): number {
    const value = this.#piece[name] ?? 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.wrong(name);
  }

  time(name: string): number {
    const value = this.#piece[name] ?? 0;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.wrong(name);
  }

  path(name: string): RawPath {
    const text = this.#piece[name];
    const bytes = this.#piece[`${name}_bytes`];
    const file = typeof bytes === 'string' ? toRaw(Buffer.from(bytes, 'base64')) : text;
    const isPath = typeof file === 'string' || Buffer.isBuffer(file);
    if (!isPath || file.length === 0 || file.length > MAX_TRANSFER_PATH_BYTES || file.includes('\0')) {
      throw this.wrong(name);
    }
    return file;
  }

  /** Those of the texts that there are. */
  texts<N extends string>(...names: readonly N[]): Partial<Record<N, string>> {
    const found: Partial<Record<N, string>> = {};
    for (const name of names) {
      const value = this.#piece[name];
      if (typeof value === 'string') found[name] = value;
      else if (value !== undefined && value !== null) throw this.wrong(name);
    }
    return found;
  }
}
