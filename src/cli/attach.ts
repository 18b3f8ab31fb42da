// `hotwire attach`: follows a detached pipeline, from where it is told, to its end.
import { orAborted } from '../abort';
import type { Domain } from '../client/api';
import { notDescribed } from '../client/describe';
import type { Format } from '../render';
import { type Errand, type ErrandOptions, onErrand } from './errand';
import { Follower } from './follow';
import { Interrupted } from './interrupt';
import type { Surroundings } from './surroundings';

export interface AttachOptions extends ErrandOptions {
  readonly format?: Format;
  /** Number of the first signal that is wanted. */
  readonly from: number;
}

/** Shows what it has yielded and what it yields; leaving does not end it. @returns the exit status */
export function attach(id: number, options: AttachOptions, surroundings: Surroundings): Promise<number> {
  return onErrand(surroundings, options, (domain, errand) => follow(id, options, domain, errand));
}

async function follow(id: number, options: AttachOptions, domain: Domain, errand: Errand): Promise<number> {
  const { halt, screen, links } = errand;
  const { text } = await orAborted(domain.pipeline(id), halt.signal);
  // In the context of now: a file or program that the text names may have gone meanwhile.
  const description = await orAborted(domain.describe(text).catch(notDescribed), halt.signal);
  // Nothing else is awaited once it is attached to: what has been waiting for us comes at once.
  const pipeline = await orAborted(domain.attach(id, options.from), halt.signal);
  // It goes on without us: what ends is only the connection.
  const follower = new Follower({ ...errand, format: options.format, leave: async () => undefined });
  try {
    const status = await follower.follow(pipeline, description);
    await orAborted(links.settle(domain, { trusted: false, stdinIsFree: false }), halt.signal);
    return status;
  } catch (thrown) {
    if (thrown instanceof Interrupted) {
      screen.close();
      screen.complain(
        `pipeline ${id} goes on; to follow it from here: hotwire attach ${where(options)}${id} --from ${pipeline.signals}`,
      );
    }
    throw thrown;
  }
}

/** The options that lead to the same domain again, each with a blank behind it. */
function where({ hosts, domain = [] }: AttachOptions): string {
  const words = [...(hosts === undefined ? [] : ['-H', hosts]), ...domain.flatMap((address) => ['-t', address])];
  return words.map((word) => `${/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word)} `).join('');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
