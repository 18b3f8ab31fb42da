import { orAborted } from '../abort';
import { HotwireError } from '../errors';
import { MAX_BATCH_OBJECTS } from '../limits';
import type { ObjectSource, RemotePipeline } from './api';

/** The pipeline has all that it wants, or has ended: how, it tells itself. */
const TAKES_NO_MORE: readonly string[] = [
  'InvalidState',
  'NoSuchPipeline',
  'Cancelled',
  'Domain.Closed',
  'Disconnected',
];

/**
 * Feeds all of a source to a pipeline, at the pipeline's pace, and ends its input. Each object is on its way at once; what
 * comes while the far end is busy goes together. Once the pipeline takes no more, the source is told to stop.
 * @throws what the source throws; InvalidArgs for an object that is no JSON data; LimitExceeded
 */
export async function feedFrom(
  source: ObjectSource,
  pipeline: Pick<RemotePipeline, 'put' | 'closeInput'> & { readonly finished: Promise<unknown> },
): Promise<void> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const stop = new AbortController();
  void pipeline.finished.then(() => stop.abort(new HotwireError('Cancelled', 'the pipeline has ended')));
  let waiting: unknown[] = [];
  let sending: Promise<void> | undefined;
  const send = async () => {
    while (waiting.length > 0 && !stop.signal.aborted) await pipeline.put(waiting.splice(0));
    sending = undefined;
  };
  try {
    for (;;) {
      const { done, value } = await orAborted(Promise.resolve(iterator.next()), stop.signal);
      if (done) break;
      waiting.push(value);
      sending ??= send();
      sending.catch((error: unknown) => stop.abort(error));
      if (waiting.length >= MAX_BATCH_OBJECTS) await orAborted(sending, stop.signal);
    }
    await sending;
    await pipeline.closeInput();
  } catch (thrown) {
    // Not awaited: a source that is waiting for something ends in its own time.
    if (stop.signal.aborted) Promise.resolve(iterator.return?.()).catch(() => undefined);
    waiting = [];
    if (!takesNoMore(thrown)) throw thrown;
  }
}

/** Whether it says no more than that the pipeline has ended or has enough. */
export function takesNoMore(thrown: unknown): boolean {
  return thrown instanceof HotwireError && TAKES_NO_MORE.includes(thrown.kind);
}
