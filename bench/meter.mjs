/**
 * Counts what a receiver gets in some runs of `expected` objects each. In each run the first batch starts the clock and
 * does not count itself; the last one stops it. So neither a start nor an end is measured, and short runs may be repeated.
 */
export class Meter {
  #expected;
  #runsLeft;
  #objects = 0;
  #milliseconds = 0;
  #run = { first: 0, total: 0, start: 0, last: 0 };

  constructor(expected, runs) {
    this.#expected = expected;
    this.#runsLeft = runs;
  }

  count(objects) {
    const run = this.#run;
    run.last = performance.now();
    if (run.total === 0) {
      run.start = run.last;
      run.first = objects;
    }
    run.total += objects;
  }

  /** Ends a run; whether there is to be another. After the last it prints objects a second and ends the process. */
  next() {
    const { first, total, start, last } = this.#run;
    if (total !== this.#expected) {
      console.error(`${total} objects arrived, ${this.#expected} were sent`);
      process.exit(1);
    }
    this.#objects += total - first;
    this.#milliseconds += last - start;
    this.#run = { first: 0, total: 0, start: 0, last: 0 };
    if (--this.#runsLeft > 0) return true;
    console.log((this.#objects / this.#milliseconds) * 1000);
    process.exit(0);
  }
}
