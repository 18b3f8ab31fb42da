/** The slave as one file, to be sent to where there is only node. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { HotwireError } from '../errors';

/** Made by scripts/build.mjs. */
const BUILT = path.join('dist', 'hotwire-slave.js.br');
/** A slave that was sent itself runs from a file of this name (loader.ts). */
const SENT = /\/[0-9a-f]{64}\.cjs$/;
/** It is compressed again within some 30 ms. */
const QUICK_QUALITY = 4;

export interface Bundle {
  /** SHA-256 of the program, in hexadecimal digits. */
  readonly hash: string;
  readonly compressed: Buffer;
}

let bundle: Promise<Bundle> | undefined;

/** That of this installation, or of this slave where it was sent itself. @throws Domain.ProgramMissing */
export function slaveBundle(): Promise<Bundle> {
  bundle ??= load().catch((error: unknown) => {
    bundle = undefined;
    throw error;
  });
  return bundle;
}

async function load(): Promise<Bundle> {
  const own = process.argv[1] ?? '';
  if (SENT.test(own)) {
    const program = await readFile(own).catch((cause: unknown) => {
      throw missing(`this slave was sent here, and its file is gone (${own})`, cause);
    });
    const params = { [constants.BROTLI_PARAM_QUALITY]: QUICK_QUALITY };
    return { hash: hashOf(program), compressed: await promisify(brotliCompress)(program, { params }) };
  }
  for (let directory = __dirname; ; directory = path.dirname(directory)) {
    const compressed = await readFile(path.join(directory, BUILT)).catch(() => undefined);
    if (compressed !== undefined) return { hash: hashOf(await promisify(brotliDecompress)(compressed)), compressed };
    if (directory === path.dirname(directory)) break;
  }
  const whose = own === '' ? 'this slave was sent here and could not be kept in ~/.cache' : `${BUILT} is missing here`;
  throw missing(`${whose}: install hotwire on this host`);
}

function missing(reason: string, cause?: unknown): HotwireError {
  return new HotwireError('Domain.ProgramMissing', `there is no slave to send: ${reason}`, { cause });
}

function hashOf(program: Buffer): string {
  return createHash('sha256').update(program).digest('hex');
}
