import type { Batch } from '../../engine';
import { HotwireError } from '../../errors';
import { settings } from '../../settings';

/** Makes values of the lines of a text, while they come. */
export interface TextReader {
  /**
   * The values that end in a line.
   * @param number of the line, from 1
   * @param lineEnd what it ended with: a field of a CSV may go on after it
   */
  line(text: string, number: number, lineEnd: '\r\n' | '\n'): Iterable<unknown>;
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
      for (const line of whole.replace(/\n$/, '').split('\n')) {
        this.#number++;
        if (line.endsWith('\r')) yield* reader.line(line.slice(0, -1), this.#number, '\r\n');
        else yield* reader.line(line, this.#number, '\n');
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
  const limit = settings.maxObjectBytes;
  if (units <= limit) return;
  const reason = `a value that begins in line ${line} is larger than ${limit} bytes (setting maxObjectBytes)`;
  throw new HotwireError('LimitExceeded', `from ${format}: ${reason}`);
}
