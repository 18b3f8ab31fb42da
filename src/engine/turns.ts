import { orAborted } from '../abort';

/**
 * Lets so many pipelines at once use something dear; the others wait for their turn. A pipeline that has its turn may
 * take it again (its stages run together: none must wait for another's).
 */
export class Turns {
  readonly #limit: number;
  /** Pipelines, by their signals, and how often each has taken its turn. */
  readonly #holders = new Map<AbortSignal, number>();
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when it is the pipeline's turn. @throws the signal's reason when it aborts meanwhile */
  async take(pipeline: AbortSignal): Promise<void> {
    while (!this.#holders.has(pipeline) && this.#holders.size >= this.#limit) {
      await orAborted(new Promise<void>((resolve) => this.#waiting.push(resolve)), pipeline);
    }
    this.#holders.set(pipeline, (this.#holders.get(pipeline) ?? 0) + 1);
  }

  /** Gives back one that was taken. */
  leave(pipeline: AbortSignal): void {
    const left = (this.#holders.get(pipeline) ?? 0) - 1;
    if (left > 0) {
      this.#holders.set(pipeline, left);
    } else {
      this.#holders.delete(pipeline);
      for (const wake of this.#waiting.splice(0)) wake(); // in the order of asking; who finds no room waits again
    }
  }
}
