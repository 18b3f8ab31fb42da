/** What many hosts write to their standard error, passed on to one place that may be slow. */
import { KIB, MIB, OBJECT_OVERHEAD_BYTES } from '../limits';
import { HostLines } from './host-lines';

/** So much may wait, in UTF-16 units: whichever host sends more is paused. */
const MAX_WAITING_UNITS = 1 * MIB;
/** So much of a text gets the host in front of its lines at once, in UTF-16 units: they may be many, and it long. */
const SLICE_UNITS = 4 * KIB;

export interface HostErrorsOptions {
  /** Takes lines; resolves once more may come. */
  readonly write: (lines: string) => Promise<void>;
  /** Asks a host for no more until that has settled. */
  readonly pause: (host: string, until: Promise<void>) => void;
}

/** In lines with their host in front, in order, and no faster than they are taken. */
export class HostErrors {
  readonly #lines = new HostLines();
  readonly #options: HostErrorsOptions;
  #waiting = 0;
  #dropped = false;
  #last: Promise<void> = Promise.resolve();

  constructor(options: HostErrorsOptions) {
    this.#options = options;
  }

  /** What has come of a host. */
  add(host: string, text: string): void {
    if (this.#dropped) return;
    const units = text.length + OBJECT_OVERHEAD_BYTES;
    this.#waiting += units;
    this.#next(async () => {
      for (let from = 0; from < text.length; from += SLICE_UNITS) {
        await this.#write(this.#lines.add(host, text.slice(from, from + SLICE_UNITS)));
      }
      this.#waiting -= units;
    });
    if (this.#waiting > MAX_WAITING_UNITS) this.#options.pause(host, this.#last);
  }

  /** Nothing more comes of a host: a line without an end is told as it is. */
  end(host: string): void {
    this.#next(() => this.#write(this.#lines.end(host)));
  }

  /** Resolves once all that came has been taken. @throws why it can't be */
  told(): Promise<void> {
    return this.#last;
  }

  /** Nobody wants what waits, or comes from now on. */
  drop(): void {
    this.#dropped = true;
  }

  #next(step: () => Promise<void>): void {
    this.#last = this.#last.then(step);
    this.#last.catch(() => this.drop()); // whoever awaits `told` next gets the error
  }

  async #write(lines: string): Promise<void> {
    if (lines !== '' && !this.#dropped) await this.#options.write(lines);
  }
}
