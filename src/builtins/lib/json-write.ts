import type { Batch } from '../../engine';

/** Objects as the lines of one JSON list, an object a line, written while they come. */
export async function* jsonLines(input: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  let held: string | undefined; // the last one is followed by no comma, and nobody knows yet which that is
  yield { className: 'string', objects: ['['] };
  for await (const { objects } of input) {
    const lines: string[] = [];
    for (const object of objects) {
      if (held !== undefined) lines.push(`${held},`);
      held = JSON.stringify(object);
    }
    if (lines.length > 0) yield { className: 'string', objects: lines };
  }
  yield { className: 'string', objects: held === undefined ? [']'] : [held, ']'] };
}
