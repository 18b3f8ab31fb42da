import { orAborted } from '../abort';
import { TRANSFER_WINDOW_BYTES } from '../limits';

/** What one side of a copy was told and has not answered yet, in order: whoever adds to it waits while that is too much. */
export class Backlog<T extends { readonly weight: number }> {
  readonly #items: T[] = [];
  #weight = 0;
  #lighter = () => {};

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#weight += item.weight;
  }

  shift(): T | undefined {
    const item = this.#items.shift();
    this.#weight -= item?.weight ?? 0;
    this.#lighter();
    return item;
  }

  /** Resolves once there is room for more. @throws the reason of the signal */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#weight > TRANSFER_WINDOW_BYTES) {
      const lighter = new Promise<void>((resolve) => {
        this.#lighter = resolve;
      });
      await orAborted(lighter, signal);
    }
  }
}
