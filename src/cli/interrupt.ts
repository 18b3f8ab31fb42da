import type { Surroundings } from './surroundings';

/** Exit statuses of a command that was told to stop: 128 and the signal's number. */
const STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** A person or the system told the command to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** Exit status. */
  readonly status: number;

  constructor(status: number) {
    super('interrupted');
    this.status = status;
  }
}

/**
 * The first signal asks the work to stop, in good order; any later one leaves at once.
 * @returns what ends the listening
 */
export function onInterrupt(
  signals: Surroundings['signals'],
  stop: (reason: Interrupted) => void,
  leave: (status: number) => void,
): () => void {
  let asked = false;
  const listeners = Object.entries(STATUS).map(([signal, status]) => {
    const listener = () => {
      if (asked) leave(status);
      else stop(new Interrupted(status));
      asked = true;
    };
    signals.on(signal, listener);
    return { signal, listener };
  });
  return () => {
    for (const { signal, listener } of listeners) signals.off(signal, listener);
  };
}
