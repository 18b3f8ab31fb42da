// JSON: one array, or one value a line.
import { plainLines } from './plain';
import { type Batch, type Renderer, shownObjects, type Target } from './renderer';
import { safeJson } from './text';

/** One array of everything, one value a line; `[]` when nothing came. */
export class JsonArray implements Renderer {
  readonly #target: Target;
  #started = false;

  constructor(target: Target) {
    this.#target = target;
  }

  write(batch: Batch): Promise<void> {
    const separator = this.#started ? ',\n' : '[\n';
    this.#started = true;
    this.#target.sink.push(separator + jsonTexts(shownObjects(batch), this.#target).join(',\n'));
    return this.#target.sink.ready();
  }

  end(): Promise<void> {
    this.#target.sink.push(this.#started ? '\n]\n' : '[]\n');
    return this.#target.sink.flush();
  }
}

/** One JSON text a line. */
export class JsonLines implements Renderer {
  readonly #target: Target;
  readonly #plainStrings: boolean;

  /** @param plainStrings strings as they are, one a line: what the next program of a shell's pipe reads */
  constructor(target: Target, plainStrings: boolean) {
    this.#target = target;
    this.#plainStrings = plainStrings;
  }

  write(batch: Batch): Promise<void> {
    const { objects, domain } = batch;
    const plain = this.#plainStrings && typeof objects[0] === 'string';
    this.#target.sink.push(
      plain
        ? plainLines(objects, this.#target.terminal !== undefined, domain)
        : `${jsonTexts(shownObjects(batch), this.#target).join('\n')}\n`,
    );
    return this.#target.sink.ready();
  }

  end(): Promise<void> {
    return this.#target.sink.flush();
  }
}

function jsonTexts(objects: readonly unknown[], { terminal }: Target): string[] {
  return objects.map((object) => (terminal ? safeJson(JSON.stringify(object)) : JSON.stringify(object)));
}
