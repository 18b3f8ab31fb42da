import type { Batch, Pipeline, PipelineSink } from '../engine';
import { HotwireError } from '../errors';
import { OBJECT_OVERHEAD_BYTES } from '../limits';
import { encodeBatch } from './batches';

/**
 * Runs a pipeline to its end and collects everything, as (class name, JSON texts) in order.
 * @param maxBytes most bytes of JSON text, with OBJECT_OVERHEAD_BYTES for each object
 * @throws PipelineFailed with the first line of the traceback; LimitExceeded, TimedOut and Cancelled as such
 */
export async function evaluate(pipeline: Pipeline, maxBytes: number): Promise<[string, string[]][]> {
  const batches: [string, string[]][] = [];
  let bytes = 0;
  let failure: HotwireError | undefined;
  const sink: PipelineSink = {
    state: () => undefined,
    metadata: async () => undefined,
    aborted: () => undefined,
    exception: (error, traceback) => {
      failure = FORWARDED.includes(error.kind) ? error : new HotwireError('PipelineFailed', firstLine(traceback));
    },
    objects: async (batch: Batch) => {
      for (const { className, texts } of encodeBatch(batch)) {
        for (const text of texts) bytes += Buffer.byteLength(text) + OBJECT_OVERHEAD_BYTES;
        if (bytes > maxBytes) {
          throw new HotwireError('LimitExceeded', `the result is over ${maxBytes} bytes (option max-bytes)`);
        }
        const last = batches.at(-1);
        if (last?.[0] === className) last[1].push(...texts);
        else batches.push([className, texts]);
      }
    },
  };
  const state = await pipeline.run(sink);
  if (failure !== undefined) throw failure;
  if (state === 'cancelled') throw new HotwireError('Cancelled', 'the pipeline was cancelled');
  return batches;
}

/** Kinds that keep their own D-Bus name; any other failure is PipelineFailed. */
const FORWARDED: readonly string[] = ['LimitExceeded', 'TimedOut'];

function firstLine(text: string): string {
  return text.slice(0, text.indexOf('\n'));
}
