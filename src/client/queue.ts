/**
 * What has arrived and was not consumed yet: one reader waits for it, and credit goes back to the sender as the reader
 * consumes, half a window at a time.
 */
export class CreditQueue<T> {
  readonly #giveBack: (count: number) => void;
  readonly #step: number;
  #items: T[] = [];
  #consumed = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  /** @param giveBack tells the sender that so many more may come */
  constructor(window: number, giveBack: (count: number) => void) {
    this.#giveBack = giveBack;
    this.#step = Math.max(1, Math.floor(window / 2));
  }

  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** Nothing more will come; what came is still to be had. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Drops what came. */
  clear(): void {
    this.#items = [];
  }

  /** The next item, or undefined at the end. */
  async next(): Promise<T | undefined> {
    while (this.#items.length === 0) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.consumed();
    return this.#items.shift();
  }

  /** Counts something that needed no queue, e.g. an event that was passed on at once. */
  consumed(): void {
    this.#consumed += 1;
    if (this.#consumed < this.#step || this.#ended) return;
    this.#giveBack(this.#consumed);
    this.#consumed = 0;
  }
}
