/**
 * What has arrived and was not consumed yet, in order: one reader waits for it, and credit goes back to the sender as the
 * reader consumes, half a window at a time. An item counts as consumed when the reader asks for the next one.
 */
export class CreditQueue<T> {
  readonly #giveBack: (count: number) => void;
  readonly #step: number;
  readonly #eager: boolean;
  #entries: { readonly item?: T; readonly credited: boolean }[] = [];
  /** What the reader was given and may still be at. */
  #held = false;
  #consumed = 0;
  #credit = 0;
  #pauses = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  /**
   * @param giveBack tells the sender that so many more may come
   * @param eager also when nothing more is there: the sender may be waiting for all that it sent to be consumed
   */
  constructor(window: number, giveBack: (count: number) => void, eager = false) {
    this.#giveBack = giveBack;
    this.#eager = eager;
    this.#step = Math.max(1, Math.floor(window / 2));
  }

  /** Arrivals that were consumed, counted up to the first that was not. */
  get consumed(): number {
    return this.#consumed;
  }

  push(item: T): void {
    this.#entries.push({ item, credited: true });
    this.#wake?.();
  }

  /** Something that the reader does not get, e.g. an event that was passed on: it counts once all before it is consumed. */
  pass(credited: boolean): void {
    if (this.#entries.length === 0 && !this.#held) this.#count(credited);
    else this.#entries.push({ credited });
  }

  /** Gives no credit back until `until` has settled: whoever was passed something has to get on with it first. */
  pause(until: Promise<unknown>): void {
    this.#pauses += 1;
    const resume = () => {
      this.#pauses -= 1;
      if (this.#eager || this.#credit >= this.#step) this.#flush();
    };
    until.then(resume, resume);
  }

  /** Nothing more will come; what came is still to be had. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Drops what came. */
  clear(): void {
    this.#entries = [];
  }

  /** The next item, or undefined at the end. */
  async next(): Promise<T | undefined> {
    if (this.#held) this.#count(true);
    this.#held = false;
    for (;;) {
      const entry = this.#entries.shift();
      if (entry?.item !== undefined) {
        this.#held = true;
        return entry.item;
      }
      if (entry !== undefined) {
        this.#count(entry.credited);
        continue;
      }
      if (this.#ended) return undefined;
      if (this.#eager) this.#flush();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #count(credited: boolean): void {
    this.#consumed += 1;
    if (!credited) return;
    this.#credit += 1;
    if (this.#credit >= this.#step) this.#flush();
  }

  #flush(): void {
    if (this.#credit === 0 || this.#pauses > 0 || this.#ended) return;
    this.#giveBack(this.#credit);
    this.#credit = 0;
  }
}
