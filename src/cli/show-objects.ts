// Objects of our own, as `hotwire run` shows those of a pipeline, and what went wrong instead.
import { EXIT } from '../errors';
import { createRenderer, type Format, OutputClosed, safeText } from '../render';
import { failureStatus, failureText } from './outcome';
import { Screen } from './screen';
import type { Surroundings } from './surroundings';

/** Does something for a command that runs no pipeline; a failure is told on standard error. @returns the exit status */
export async function attempt(
  surroundings: Surroundings,
  work: (screen: Screen) => Promise<void> | void,
): Promise<number> {
  const screen = new Screen(surroundings, { color: 'auto', progress: false, outputFailed: () => {} });
  try {
    await work(screen);
    return EXIT.ok;
  } catch (thrown) {
    const words = failureText(thrown, false);
    if (words !== undefined) screen.complain(words);
    return failureStatus(thrown);
  } finally {
    await screen.flushErrors();
  }
}

/** Writes objects of one class to standard output, some at a time. @throws as a renderer */
export async function showObjects(
  screen: Screen,
  className: string,
  pages: Iterable<readonly object[]>,
  format: Format | undefined,
  domains?: readonly string[],
): Promise<void> {
  const renderer = createRenderer({ ...screen.target, ...(domains && { domains }), format, singleValue: false });
  try {
    for (const objects of pages) if (objects.length > 0) await renderer.write({ className, objects });
  } catch (thrown) {
    if (!(thrown instanceof OutputClosed)) await renderer.end();
    throw thrown;
  }
  await renderer.end();
}

/** Writes lines of text to standard output. @throws when they can't be written */
export async function showLines({ target: { sink, terminal } }: Screen, lines: readonly string[]): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join('');
  sink.push(terminal ? safeText(text) : text);
  await sink.flush();
}
