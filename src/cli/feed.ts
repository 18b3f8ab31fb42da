import { createReadStream, fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Description, RemotePipeline } from '../client/api';
import { HotwireError } from '../errors';
import { type InputMode, readObjects } from './input';

/** What `--input` may say. */
export const INPUT_CHOICES = ['lines', 'jsonl', 'json', 'none'] as const;
export type InputChoice = (typeof INPUT_CHOICES)[number];

/**
 * How standard input is to be fed to the pipeline; undefined when it is not. A terminal is read only by a pipeline that
 * can't do without, as `cat` does.
 */
export function chooseInput(
  choice: InputChoice | undefined,
  stdinIsTerminal: boolean,
  { inputType, inputOptional }: Pick<Description, 'inputType' | 'inputOptional'>,
): InputMode | undefined {
  if (choice === 'none') return undefined;
  if (choice !== undefined) return choice;
  if (inputType === '' || (stdinIsTerminal && inputOptional)) return undefined;
  return inputType === 'string' ? 'lines' : 'jsonl';
}

/**
 * Feeds a stream to a pipeline, at the pipeline's pace, and ends its input. Resolves early once the pipeline takes no
 * more, or `ended` is aborted.
 * @throws as `readObjects`, and when the stream can't be read
 */
export async function feed(
  pipeline: Pick<RemotePipeline, 'put' | 'closeInput'>,
  stdin: Readable,
  mode: InputMode,
  ended: AbortSignal,
): Promise<void> {
  const source = sourceOf(stdin);
  const stop = () => {
    source.destroy();
    stdin.destroy();
  };
  ended.addEventListener('abort', stop, { once: true });
  try {
    for await (const objects of readObjects(source, mode)) {
      await pipeline.put(objects);
      if (ended.aborted) return;
    }
    await pipeline.closeInput();
  } catch (thrown) {
    if (!ended.aborted && !takesNoMore(thrown)) throw readable(thrown);
  } finally {
    ended.removeEventListener('abort', stop);
    stop();
  }
}

/** `head` has enough, or the pipeline has ended: how it ended is told by the pipeline itself. */
function takesNoMore(thrown: unknown): boolean {
  return thrown instanceof HotwireError && ['InvalidState', 'NoSuchPipeline', 'Cancelled'].includes(thrown.kind);
}

/** For a descriptor that it has no stream for (a directory, a disk), Node gives an empty one: that would be no input. */
function sourceOf(stdin: Readable & { readonly fd?: unknown }): Readable {
  if (typeof stdin.fd !== 'number') return stdin;
  const found = fstatSync(stdin.fd);
  if (!found.isDirectory() && !found.isBlockDevice()) return stdin;
  return createReadStream('', { fd: stdin.fd });
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a directory',
  EBADF: 'it is not open for reading',
};

function readable(thrown: unknown): HotwireError {
  if (thrown instanceof HotwireError) {
    if (thrown.kind !== 'InvalidArgs') return thrown;
    // what came can't be put: the command line is not at fault
    return new HotwireError('PipelineFailed', `standard input: ${thrown.message}`, { cause: thrown });
  }
  const reason = REASONS[(thrown as NodeJS.ErrnoException).code ?? ''] ?? HotwireError.from(thrown).message;
  return new HotwireError('Failed', `can't read standard input: ${reason}`, { cause: thrown });
}
