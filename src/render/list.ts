// Each object as a block of `property: value` lines, with an empty line between two blocks.
import { blockOf } from './block';
import { isRecord } from './columns';
import { plainLines } from './plain';
import type { Batch, Renderer, Target } from './renderer';

export class List implements Renderer {
  readonly #target: Target;
  #started = false;

  constructor(target: Target) {
    this.#target = target;
  }

  write({ className, objects }: Batch): Promise<void> {
    const text = isRecord(objects[0])
      ? objects.map((object) => this.#separator() + blockOf(className, object, this.#target)).join('')
      : plainLines(objects, this.#target.terminal !== undefined);
    this.#target.sink.push(text);
    return this.#target.sink.ready();
  }

  end(): Promise<void> {
    return this.#target.sink.flush();
  }

  #separator(): string {
    const separator = this.#started ? '\n' : '';
    this.#started = true;
    return separator;
  }
}
