/** Calls back once nobody has been there for a while. */
export class IdleTimer {
  readonly #seconds: number | undefined;
  readonly #callback: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param seconds undefined: never */
  constructor(seconds: number | undefined, callback: () => void) {
    this.#seconds = seconds;
    this.#callback = callback;
  }

  start(): void {
    this.stop();
    if (this.#seconds !== undefined) this.#timer = setTimeout(this.#callback, this.#seconds * 1000);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
