// Bounds for waiting. A wait that is not met fails the test and says what was waited for; nothing waits for a fixed time.
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that a test waits for something before it fails: generous, as the machine may be busy. */
export const PATIENCE_MS = 15_000;
const POLL_MS = 10;

/**
 * `promise`, or a rejection that names `what` once `patience` milliseconds have passed.
 * @param detail asked only then, e.g. for what a process printed so far
 */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  patience = PATIENCE_MS,
  detail = () => '',
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${patience} ms\n${detail()}`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `predicate` is true, for what tells of itself by no event (e.g. /proc). The only place that polls. */
export async function waitFor(
  predicate: () => boolean | Promise<boolean>,
  what: string,
  patience = PATIENCE_MS,
): Promise<void> {
  const end = performance.now() + patience;
  while (!(await predicate())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${patience} ms`);
    await sleep(POLL_MS);
  }
}
