/** Counts objects from the first batch, which starts the clock and does not count itself, to the last. */
export class Meter {
  #expected;
  #first = 0;
  #total = 0;
  #start = 0;
  #last = 0;

  constructor(expected) {
    this.#expected = expected;
  }

  count(objects) {
    this.#last = performance.now();
    if (this.#total === 0) {
      this.#start = this.#last;
      this.#first = objects;
    }
    this.#total += objects;
  }

  /** Prints objects a second and ends the process; a wrong number of objects is a failure. */
  end() {
    const lost = this.#expected - this.#total;
    if (lost !== 0) console.error(`${this.#total} objects arrived, ${this.#expected} were sent`);
    else console.log((this.#total - this.#first) / ((this.#last - this.#start) / 1000));
    process.exit(lost === 0 ? 0 : 1);
  }
}
