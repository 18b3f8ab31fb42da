// A pipeline of a copy, and the side that its failures are told with.
import { orAborted, untilAborted } from '../abort';
import { HotwireError } from '../errors';
import type { RemotePipeline } from './api';
import type { CopySide } from './copy';

/** A pipeline of the row, and where it runs. */
export interface Step {
  readonly side: string;
  readonly pipeline: RemotePipeline;
}

/** With these a pipeline says that it has ended: its own failure says why. */
const ENDED: ReadonlySet<string> = new Set(['InvalidState', 'NoSuchPipeline']);

/** Feeds a pipeline. Where it takes no more because it has failed, that is what is told. @throws SidedError; the signal's reason */
export async function feed(
  { side, pipeline }: Step,
  signal: AbortSignal,
  put: (pipeline: RemotePipeline) => Promise<void>,
): Promise<void> {
  try {
    await orAborted(put(pipeline), signal);
  } catch (error) {
    signal.throwIfAborted();
    if (ENDED.has(HotwireError.from(error).kind)) await orAborted(pipeline.finished, signal);
    throw sided(side, pipeline.exception ?? error);
  }
}

/** What a pipeline yields, read. @throws SidedError; the signal's reason */
export async function* batchesOf<T>(
  { side, pipeline }: Step,
  signal: AbortSignal,
  read: (object: unknown) => T,
): AsyncGenerator<T[]> {
  try {
    for await (const { objects } of untilAborted(pipeline.batches(), signal)) yield objects.map(read);
  } catch (error) {
    signal.throwIfAborted();
    throw sided(side, error);
  }
}

/** Ends a pipeline; resolves once it has ended, or is given up because its side does not answer. */
export async function end({ pipeline }: Step): Promise<void> {
  await Promise.race([pipeline.release(), pipeline.finished]);
}

export function sideName({ name, domain: { address } }: CopySide): string {
  return name ?? (address === '' ? 'this host' : address);
}

/** A failure with the side that it happened at. */
class SidedError extends HotwireError {}

export function sided(side: string, thrown: unknown): HotwireError {
  if (thrown instanceof SidedError) return thrown;
  const error = HotwireError.from(thrown);
  // one that could not be reached or was lost names itself
  const message = error.message.startsWith(`${side}: `) ? error.message : `${side}: ${error.message}`;
  return new SidedError(error.kind, message, { cause: error, busName: error.busName });
}
