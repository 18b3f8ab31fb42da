// Each object as a block of `property: value` lines, with an empty line between two blocks.
import { blockOf } from './block';
import { isRecord } from './columns';
import { plainLines } from './plain';
import { type Batch, type Renderer, shownObjects, type Target } from './renderer';

export class List implements Renderer {
  readonly #target: Target;
  #started = false;

  constructor(target: Target) {
    this.#target = target;
  }

  write(batch: Batch): Promise<void> {
    const { className, objects, domain } = batch;
    const text = isRecord(objects[0])
      ? shownObjects(batch)
          .map((object) => this.#separator() + blockOf(className, object, this.#target))
          .join('')
      : plainLines(objects, this.#target.terminal !== undefined, domain);
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
