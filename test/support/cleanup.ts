// What a helper starts ends with the test file, also when a test fails half-way: helpers register how to end it here.

const steps: (() => unknown)[] = [];

/** Runs `step` (awaited) after the last test of the file; the newest first. Running it earlier too must do no harm. */
export function onCleanup(step: () => unknown): void {
  steps.push(step);
}

/** Runs what is registered. Jest does this by itself; the benchmarks, which share the helpers, call it. */
export async function cleanUp(): Promise<void> {
  const failures: unknown[] = [];
  for (let step = steps.pop(); step; step = steps.pop()) {
    try {
      await step();
    } catch (error) {
      failures.push(error); // the others still have to run
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'cleaning up after the tests failed');
}

if (typeof afterAll === 'function') afterAll(cleanUp);
