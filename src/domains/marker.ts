/** Finds the lines that are for us in what a place prints before its slave is there. */
import type { Readable } from 'node:stream';
import { KIB } from '../limits';

/** More than that before a marker is no login script's greeting, in bytes. */
export const MAX_NOISE_BYTES = 64 * KIB;
/** A PATH may be long, but not longer, in bytes. */
const MAX_MARKER_BYTES = 16 * KIB;

export interface Marker {
  readonly word: string;
  /** What follows it on the line. */
  readonly text: string;
}

export type Arrival = Marker | 'ended' | 'noise';

/** Reads a stream marker by marker. What comes behind the last one is left in the stream. */
export class MarkerReader {
  readonly #stream: Readable;
  readonly #mark: Buffer;
  #bytes: Buffer = Buffer.alloc(0);
  #heard = false;

  constructor(stream: Readable, mark: string) {
    this.#stream = stream;
    this.#mark = Buffer.from(`${mark} `);
    stream.pause();
  }

  /** What came and was no marker. */
  get noise(): string {
    return this.#bytes.toString('utf8', 0, MAX_NOISE_BYTES);
  }

  /** Whether anything came at all. */
  get heard(): boolean {
    return this.#heard;
  }

  /** The next marker; or that the stream has ended, or has said too much, before one. */
  next(): Promise<Arrival> {
    return new Promise((resolve) => {
      const settle = (arrival: Arrival) => {
        this.#stream.pause();
        this.#stream.off('data', data).off('end', ended).off('close', ended);
        resolve(arrival);
      };
      const data = (chunk: Buffer) => {
        this.#heard = true;
        this.#bytes = Buffer.concat([this.#bytes, chunk]);
        const marker = this.#take();
        if (marker !== undefined) settle(marker);
      };
      const ended = () => settle('ended');
      const rest = this.#bytes.length > 0 ? this.#take() : undefined;
      if (rest !== undefined) return resolve(rest);
      if (this.#stream.readableEnded || this.#stream.destroyed) return resolve('ended');
      this.#stream.on('data', data).on('end', ended).on('close', ended);
      this.#stream.resume();
    });
  }

  /** Gives back what has been read and is not ours. */
  release(): void {
    if (this.#bytes.length > 0) this.#stream.unshift(this.#bytes);
    this.#bytes = Buffer.alloc(0);
  }

  #take(): Marker | 'noise' | undefined {
    const start = this.#bytes.indexOf(this.#mark);
    if (start > MAX_NOISE_BYTES || (start < 0 && this.#bytes.length > MAX_NOISE_BYTES + this.#mark.length))
      return 'noise';
    if (start < 0) return undefined;
    const end = this.#bytes.indexOf('\n', start);
    if (end < 0) return this.#bytes.length - start > MAX_MARKER_BYTES ? 'noise' : undefined;
    const [word = '', ...text] = this.#bytes
      .toString('utf8', start + this.#mark.length, end)
      .trim()
      .split(' ');
    this.#bytes = this.#bytes.subarray(end + 1);
    return { word, text: text.join(' ') };
  }
}
