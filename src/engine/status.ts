import { STATUS_INTERVAL_MS } from '../limits';

type Status = readonly [text: string, percent: number];

/**
 * Progress of one command, thinned out: at most one every STATUS_INTERVAL_MS and none before the last has gone, so that
 * none queue up for a client that is slow. The newest wins, and the last is never lost.
 */
export class StatusLine {
  readonly #send: (status: Status) => Promise<void>;
  #newest: Status | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending = false;

  /** @param send never rejects */
  constructor(send: (status: Status) => Promise<void>) {
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
    if (this.#sending) return;
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
    if (newest === undefined) return;
    this.#sending = true;
    void this.#send(newest).then(() => {
      this.#sending = false;
    });
  }
}
