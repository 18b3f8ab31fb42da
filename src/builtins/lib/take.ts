import type { Batch, Builtin, Given } from '../../engine';
import { HotwireError } from '../../errors';
import { lookAt } from './check';

/** A count that was given to a command. @throws InvalidArgs */
export function readCount(command: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new HotwireError('InvalidArgs', `${command}: ${text} is no count: give a whole number, as in ${command} 3`);
}

/** The first objects of a stream, which is stopped as soon as it has yielded enough. */
export async function* takeFirst(count: number, batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  let missing = count;
  if (missing === 0) return;
  for await (const { className, objects } of batches) {
    yield { className, objects: objects.length > missing ? objects.slice(0, missing) : objects };
    missing -= objects.length;
    if (missing <= 0) return;
  }
}

/** What a command declares that takes a count, as an argument or as -N. */
export const COUNT_DECLARATION = {
  options: [{ name: 'count', short: 'n', value: 'count', numeric: true, summary: 'How many' }],
  arguments: [{ name: 'count', kind: 'number', optional: true }],
} as const satisfies Partial<Builtin>;

/** The count that a command with one optional argument and the option -N was given, else 1. */
export function countGiven(
  command: string,
  { args, options }: { args: readonly string[]; options: ReadonlyMap<string, string | true> },
): number {
  return readCount(command, String(options.get('count') ?? args[0] ?? '1'));
}

/** The check of a command that takes such a count. */
export function checkCount(command: string, given: Given): void {
  lookAt(given.options.has('count') ? 'count' : 0, () => countGiven(command, given));
}
