/** What all spools of a user may take together. */
export class SpoolBudget {
  readonly limit: number;
  #used = 0;
  readonly #waiting = new Set<() => void>();

  /** @param limit bytes */
  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
    for (const wake of [...this.#waiting]) wake();
  }

  onRoom(wake: () => void): void {
    this.#waiting.add(wake);
  }

  off(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}
