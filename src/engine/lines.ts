import { HotwireError } from '../errors';
import { settings } from '../settings';
import type { Batch } from './batch';
import { describe } from './context';
import { openFile } from './files';
import type { FilesInUse } from './files-in-use';
import type { RawPath } from './raw-path';

const LINE_FEED = 10;
/** Read size of a file, in bytes: as large as what a pipe gives at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Bytes as batches of lines without their line ends. Bytes that are not UTF-8 become U+FFFD.
 * @throws LimitExceeded for a line over settings.maxLineBytes, naming `what` it came from
 */
export async function* linesOf(source: AsyncIterable<Buffer>, what: string): AsyncGenerator<Batch> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of source) {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end < 0) {
      rest.push(chunk);
      restBytes += chunk.length;
      checkLine(restBytes, what);
      continue;
    }
    const first = restBytes + chunk.indexOf(LINE_FEED);
    checkLine(first, what);
    const whole = chunk.subarray(0, end);
    const text = restBytes > 0 ? Buffer.concat([...rest, whole]).toString() : whole.toString();
    rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    restBytes = chunk.length - end - 1;
    yield { className: 'string', objects: text.split('\n') };
  }
  if (restBytes > 0) yield { className: 'string', objects: [Buffer.concat(rest).toString()] };
}

function checkLine(bytes: number, what: string): void {
  const limit = settings.maxLineBytes;
  if (bytes <= limit) return;
  throw new HotwireError('LimitExceeded', `${what}: a line is longer than ${limit} bytes (setting maxLineBytes)`);
}

/**
 * The lines of a file, read as they are asked for.
 * @param inUse the stage's: what the pipeline writes is refused
 * @throws Failed when it can't be read, naming `shown`
 */
export async function* linesOfFile(file: RawPath, shown = file.toString(), inUse?: FilesInUse): AsyncGenerator<Batch> {
  const handle = await openFile(file, 'r', shown, inUse);
  const stream = handle.createReadStream({ highWaterMark: CHUNK_BYTES });
  try {
    yield* linesOf(stream, shown);
  } catch (error) {
    if (error instanceof HotwireError) throw error;
    throw new HotwireError('Failed', `${shown}: ${describe(error as NodeJS.ErrnoException)}`, { cause: error });
  } finally {
    stream.destroy();
    await handle.close(); // a stage after this one may go on to write to it
  }
}

/** A value as text: a string as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
}

/** Values as text, each ended by a line feed unless it has one. */
export function toLines(values: readonly unknown[]): string {
  let text = '';
  for (const value of values) {
    const line = textOf(value);
    text += line.endsWith('\n') ? line : `${line}\n`;
  }
  return text;
}
