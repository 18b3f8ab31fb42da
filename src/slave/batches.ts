import type { Batch } from '../engine';
import { HotwireError } from '../errors';
import { MAX_BATCH_BYTES, MAX_BATCH_OBJECTS } from '../limits';
import { settings } from '../settings';
import { jsonText } from '../wire';

/** Some objects of one class as JSON texts, small enough for one signal (unless a single object is larger). */
export interface EncodedBatch {
  readonly className: string;
  readonly texts: string[];
  /** Length of all texts, in UTF-16 units: their size in bytes where they are ASCII. */
  readonly units: number;
}

/**
 * A batch as JSON texts, cut to what one signal may hold. Lazy: the next part is made when the one before is sent.
 * @throws LimitExceeded for an object over settings.maxObjectBytes; Failed for one that is no JSON data
 */
export function* encodeBatch({ className, objects }: Batch): Generator<EncodedBatch> {
  let texts: string[] = [];
  let units = 0;
  for (const object of objects) {
    const text = toJson(object, className);
    if (texts.length > 0 && (units + text.length > MAX_BATCH_BYTES || texts.length >= MAX_BATCH_OBJECTS)) {
      yield { className, texts, units };
      texts = [];
      units = 0;
    }
    texts.push(text);
    units += text.length;
  }
  if (texts.length > 0) yield { className, texts, units };
}

/** Bytes of UTF-8 that one UTF-16 unit takes at most. */
const MAX_UTF8_BYTES_PER_UNIT = 3;

function toJson(object: unknown, className: string): string {
  let text: string;
  try {
    text = jsonText(object);
  } catch (error) {
    const reason = (error as Error).message;
    throw new HotwireError('Failed', `an object of class ${className} is no JSON data: ${reason}`, { cause: error });
  }
  const limit = settings.maxObjectBytes;
  if (text.length * MAX_UTF8_BYTES_PER_UNIT > limit && Buffer.byteLength(text) > limit) {
    throw new HotwireError(
      'LimitExceeded',
      `an object of class ${className} is over ${limit} bytes as JSON (setting maxObjectBytes)`,
    );
  }
  return text;
}
