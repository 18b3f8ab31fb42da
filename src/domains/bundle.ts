/** The slave as one file, to be sent to where there is only node. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { HotwireError } from '../errors';

/** Made by scripts/build.mjs: the hash, then the compressed program. */
const BUILT = path.join('dist', 'hotwire-slave.js.bundle');
const HASH_DIGITS = 64;
/** A slave that was sent itself runs from a file of this name (loader.ts). */
const SENT = /\/[0-9a-f]{64}\.cjs$/;
/** It is compressed again within some 30 ms. */
const QUICK_QUALITY = 4;

export interface Bundle {
  /** SHA-256 of the program, in hexadecimal digits. */
  readonly hash: string;
  /** Of the compressed program, in bytes. */
  readonly size: number;
  /** The compressed program, which few places ask for. @throws Domain.ProgramMissing when another was installed since */
  compressed(): Promise<Buffer>;
}

/** Of this slave, where it was sent itself. */
let sent: Promise<Bundle> | undefined;

/** That of this installation, or of this slave where it was sent itself. @throws Domain.ProgramMissing */
export async function slaveBundle(): Promise<Bundle> {
  const own = process.argv[1] ?? '';
  if (SENT.test(own)) {
    sent ??= compress(own).catch((error: unknown) => {
      sent = undefined;
      throw error;
    });
    return sent;
  }
  for (let directory = __dirname; ; directory = path.dirname(directory)) {
    const bundle = await bundleIn(path.join(directory, BUILT));
    if (bundle !== undefined) return bundle;
    if (directory === path.dirname(directory)) break;
  }
  const whose = own === '' ? 'this slave was sent here and could not be kept in ~/.cache' : `${BUILT} is missing here`;
  throw missing(`${whose}: install hotwire on this host`);
}

async function compress(own: string): Promise<Bundle> {
  const program = await readFile(own).catch((cause: unknown) => {
    throw missing(`this slave was sent here, and its file is gone (${own})`, cause);
  });
  const params = { [constants.BROTLI_PARAM_QUALITY]: QUICK_QUALITY };
  const compressed = await promisify(brotliCompress)(program, { params });
  const hash = createHash('sha256').update(program).digest('hex');
  return { hash, size: compressed.length, compressed: async () => compressed };
}

/**
 * What scripts/build.mjs has made, if it has. Another may be installed at any time, so it is looked at for each place anew;
 * of the program itself that is told once it is asked for.
 */
export async function bundleIn(file: string): Promise<Bundle | undefined> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const [{ size }, { buffer }] = await Promise.all([
      handle.stat(),
      handle.read(Buffer.alloc(HASH_DIGITS), 0, HASH_DIGITS, 0),
    ]);
    const hash = buffer.toString('latin1');
    const compressed = async () => {
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw missing(`${BUILT} is gone: install hotwire again`, cause);
      });
      if (bytes.length === size && bytes.toString('latin1', 0, HASH_DIGITS) === hash)
        return bytes.subarray(HASH_DIGITS);
      throw missing('another hotwire has just been installed: try again');
    };
    return { hash, size: size - HASH_DIGITS, compressed };
  } finally {
    await handle.close();
  }
}

function missing(reason: string, cause?: unknown): HotwireError {
  return new HotwireError('Domain.ProgramMissing', `there is no slave to send: ${reason}`, { cause });
}
