import { STATUS_INTERVAL_MS } from '../limits';

type Status = readonly [text: string, percent: number];

/** Progress of one command, thinned out: at most one every STATUS_INTERVAL_MS, the newest wins, the last is never lost. */
export class StatusLine {
  readonly #send: (status: Status) => void;
  #newest: Status | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (status: Status) => void) {
    this.#send = send;
  }

  update(text: string, percent: number): void {
    this.#newest = [text, percent];
    if (this.#timer !== undefined) return;
    this.#sendNewest();
    this.#timer = setInterval(() => this.#tick(), STATUS_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Sends what was held back, and ends. */
  end(): void {
    this.drop();
    this.#sendNewest();
  }

  /** Ends without sending what was held back. */
  drop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#newest !== undefined) {
      this.#sendNewest();
    } else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #sendNewest(): void {
    const newest = this.#newest;
    this.#newest = undefined;
    if (newest !== undefined) this.#send(newest);
  }
}
