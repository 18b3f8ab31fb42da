/** Hands something on; resolves once it has been taken and more is wanted. */
export type Emit<T> = (item: T) => Promise<void>;

/**
 * What `work` hands on, at the pace of who reads: for work that calls back instead of yielding. When the reader leaves
 * early, `emit` rejects, and the end of the work is waited for.
 * @throws what the work throws
 */
export async function* produced<T>(work: (emit: Emit<T>) => Promise<void>): AsyncGenerator<T> {
  const waiting: { item: T; taken: () => void; refuse: (error: Error) => void }[] = [];
  let wake = () => {};
  let isDone = false;
  let hasLeft = false;
  const emit: Emit<T> = (item) =>
    new Promise((taken, refuse) => {
      if (hasLeft) refuse(new ReaderLeft());
      else waiting.push({ item, taken, refuse });
      wake();
    });
  const working = work(emit).finally(() => {
    isDone = true;
    wake();
  });
  working.catch(() => undefined); // thrown below
  try {
    for (;;) {
      const next = waiting[0];
      if (next !== undefined) {
        yield next.item;
        waiting.shift()?.taken();
      } else if (isDone) {
        break;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    hasLeft = true;
    for (const { refuse } of waiting) refuse(new ReaderLeft());
    await working.catch((error) => {
      if (!(error instanceof ReaderLeft)) throw error;
    });
  }
}

class ReaderLeft extends Error {
  override readonly name = 'ReaderLeft';
}
