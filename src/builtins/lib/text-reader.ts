import type { Batch } from '../../engine';
import { HotwireError } from '../../errors';
import { MAX_OBJECT_BYTES } from '../../limits';

/** Makes values of the lines of a text, while they come. */
export interface TextReader {
  /** The values that end in a line. @param number of the line, from 1 */
  line(text: string, number: number): Iterable<unknown>;
  /** Those that end with the text. @throws InvalidArgs when it ends too early */
  end(): Iterable<unknown>;
}

/** Counts lines over all batches; a text may hold several. */
export class TextLines {
  #number = 0;

  *read({ objects }: Batch, reader: TextReader): Generator<unknown> {
    for (const object of objects) {
      const text = String(object);
      const whole = this.#number === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text; // a byte order mark
      for (const line of whole.replace(/\r?\n$/, '').split('\n')) {
        this.#number++;
        yield* reader.line(line.endsWith('\r') ? line.slice(0, -1) : line, this.#number);
      }
    }
  }
}

/** What is wrong with a text, and in which line. */
export function textError(format: string, line: number, reason: string): HotwireError {
  return new HotwireError('InvalidArgs', `from ${format}: line ${line}: ${reason}`);
}

/** @throws LimitExceeded for a value of so many UTF-16 units */
export function checkValue(format: string, line: number, units: number): void {
  if (units <= MAX_OBJECT_BYTES) return;
  const reason = `a value that begins in line ${line} is larger than ${MAX_OBJECT_BYTES} bytes`;
  throw new HotwireError('LimitExceeded', `from ${format}: ${reason}`);
}
