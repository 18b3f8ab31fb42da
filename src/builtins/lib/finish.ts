import type { Stage } from '../../engine';

/** Runs work of a stage; see `finisher`. */
export type Finish = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * For what must not be left half done: a cancelled pipeline has ended only when the work that runs then has, with what it
 * cleans up and the undo steps that it records. The work looks at stage.signal itself; none begins once that is aborted.
 * @param cleanUp what else has to be done by then, once no work runs; may be called again
 */
export function finisher(
  { signal, started }: Pick<Stage, 'signal' | 'started'>,
  cleanUp?: () => Promise<void>,
): Finish {
  let running: Promise<unknown> = Promise.resolve();
  started({
    stop: async () => {
      await running;
      await cleanUp?.();
    },
  });
  return (work) => {
    signal.throwIfAborted();
    const done = work();
    running = done.catch(() => undefined); // whoever called gets the failure
    return done;
  };
}
