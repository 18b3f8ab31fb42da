import { createHash, getHashes } from 'node:crypto';
import { isSubclass } from '../classes';
import { type Batch, type Builtin, textOf } from '../engine';
import { HotwireError } from '../errors';
import { Failures } from './lib/failures';
import { chunksOf, fileOf } from './lib/file-content';
import { type NamedFile, namedPath } from './lib/raw-path';

const DIGEST = 'hotwire.builtins.sechash.Digest';
const FILE = 'hotwire.sysdep.fs.File';
const USUAL = 'md5, sha1, sha256, sha384, sha512, sha3-256, blake2b512';

export const sechash: Builtin = {
  name: 'sechash',
  summary: 'Secure hashes of files, or of what flows in',
  help:
    'SHA-256 unless another is asked for. Of what flows in, a File stands for its content; a text is hashed as it is, in UTF-8 and ' +
    'without a line end; anything else as its JSON text. A file that can not be read is told at the end, after the others. ' +
    `Algorithms: ${USUAL}, and what else OpenSSL has. MD5 and SHA-1 no longer protect against forgery.`,
  options: [
    { name: 'md5', short: '5', summary: 'MD5' },
    { name: 'algorithm', short: 'a', value: 'name', summary: 'Another algorithm' },
  ],
  arguments: [{ name: 'file', kind: 'path', optional: true, repeated: true }],
  input: { type: 'any', optional: true, unless: ({ args }) => args.length > 0 },
  output: DIGEST,
  idempotent: true,
  examples: [
    {
      text: 'sechash a.txt | prop digest',
      shows: 'the SHA-256 of a file',
      files: { 'a.txt': 'hello\n' },
      result: ['5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'],
    },
    {
      text: 'js-eval \'["a"]\' | iter | sechash -5',
      shows: 'the MD5 of a text',
      result: [{ path: null, algorithm: 'md5', digest: '0cc175b9c0f1b6a831c399e269772661' }],
    },
    { text: 'ls | sechash -a sha512', shows: 'the files that another command found', files: { 'a.txt': '' } },
  ],
  async *run({ args, options, cwd, input, hasInput, signal, status }) {
    const algorithm = chooseAlgorithm(options);
    const failures = new Failures('sechash');
    if (args.length === 0 && !hasInput) {
      throw new HotwireError('InvalidArgs', 'sechash: name a file, or put a command before it');
    }
    const hashFile = async function* (named: NamedFile): AsyncGenerator<Batch> {
      status(named.shown, -1);
      try {
        const hash = createHash(algorithm);
        for await (const chunk of chunksOf(named, signal)) hash.update(chunk);
        yield digest(named.shown, algorithm, hash.digest('hex'));
      } catch (error) {
        signal.throwIfAborted();
        failures.add(`${named.shown}: ${(error as Error).message}`);
      }
    };
    for (const file of args) yield* hashFile(namedPath(cwd, file));
    for await (const { className, objects } of input) {
      if (isSubclass(className, FILE)) {
        for (const object of objects) yield* hashFile(fileOf('sechash', object, cwd));
      } else {
        yield { className: DIGEST, objects: objects.map((object) => ofText(object, algorithm)) };
      }
    }
    failures.throwAny();
  },
};

function digest(shown: string, algorithm: string, hex: string): Batch {
  return { className: DIGEST, objects: [{ path: shown, algorithm, digest: hex }] };
}

function ofText(value: unknown, algorithm: string): unknown {
  return { path: null, algorithm, digest: createHash(algorithm).update(textOf(value)).digest('hex') };
}

/** @throws InvalidArgs for one that there is not, naming the usual ones */
function chooseAlgorithm(options: ReadonlyMap<string, string | true>): string {
  const given = options.get('algorithm');
  if (given !== undefined && options.has('md5')) {
    throw new HotwireError('InvalidArgs', 'sechash: give -5 or --algorithm, not both');
  }
  if (given === undefined) return options.has('md5') ? 'md5' : 'sha256';
  const name = String(given).toLowerCase();
  const plain = name.replace(/^sha-/, 'sha'); // as people write it: SHA-256
  const known = [name, plain].find((candidate) => hashes().includes(candidate));
  if (known !== undefined) return known;
  throw new HotwireError('InvalidArgs', `sechash: ${given} is no algorithm: there are ${USUAL} and more`);
}

/** Those with an output of a fixed length, without OpenSSL's second names of the same. */
function hashes(): string[] {
  return getHashes().filter((name) => !/^rsa-|with|^ssl3|shake|^id-/i.test(name));
}
