/** Many writers and one reader: whoever has put something waits until it has been taken. Turns are in order of arrival. */
export class Merge<T> {
  #waiting: { item: T; taken: () => void }[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  /** Resolves once the reader has taken it, or nobody reads any more. */
  put(item: T): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((taken) => {
      this.#waiting.push({ item, taken });
      this.#wake?.();
    });
  }

  /** Nothing more comes; what waits is dropped. */
  end(): void {
    this.#ended = true;
    for (const { taken } of this.#waiting.splice(0)) taken();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        try {
          yield next.item;
        } finally {
          next.taken(); // only when the next is asked for: until then the reader is at it
        }
      } else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    }
  }
}
