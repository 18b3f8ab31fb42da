import type { Batch } from '../../engine';

/** The output of a command that yields nothing: it ends once the work is done, which begins when it is asked for. */
export function noOutput(work: () => Promise<void>): AsyncIterable<Batch> {
  const next = async (): Promise<IteratorResult<Batch>> => {
    await work();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
