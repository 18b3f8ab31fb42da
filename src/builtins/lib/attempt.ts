import { describe } from '../../engine';
import { HotwireError } from '../../errors';

/** Runs `action`; what the system has against it becomes a failure of the command that names the file. */
export async function attempt<T>(command: string, shown: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const ours = error instanceof HotwireError ? error : undefined;
    const why = ours?.message ?? describe(error as NodeJS.ErrnoException);
    throw new HotwireError(ours?.kind ?? 'Failed', `${command}: ${shown}: ${why}`, { cause: error });
  }
}
