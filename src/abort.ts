/**
 * Passes `source` on until `signal` aborts, then throws its reason at once, even while `source` is waiting for
 * something; `source` is told to stop and ends in its own time.
 */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let interrupt: ((reason: unknown) => void) | undefined;
  const onAbort = () => interrupt?.(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let ended = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const result = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = reject;
        iterator.next().then(resolve, reject);
      });
      if (result.done) {
        ended = true;
        return;
      }
      yield result.value;
    }
  } finally {
    interrupt = undefined;
    signal.removeEventListener('abort', onAbort);
    if (!ended) {
      // A source that left off by itself has cleaned up before we go on. An aborted one may be stuck: whoever aborted
      // it must not wait for it (processes are waited for in another way, see Pipeline).
      const stopped = iterator.return?.();
      if (signal.aborted) stopped?.catch(() => undefined);
      else await stopped;
    }
  }
}

/** `promise`, or the signal's reason as soon as it aborts; `promise` then goes on unheeded. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    // Also when it is aborted already: what it then rejects with must not be an unhandled rejection.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}
