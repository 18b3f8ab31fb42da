import { HotwireError } from '../../errors';
import { listed } from './property';

/** What went wrong with some of many things, to be told once the others are done. */
export class Failures {
  readonly #command: string;
  readonly #messages: string[] = [];

  constructor(command: string) {
    this.#command = command;
  }

  /** @param message the thing at fault and why */
  add(message: string): void {
    this.#messages.push(message);
  }

  /** @throws Failed with all of them, when there are any */
  throwAny(): void {
    if (this.#messages.length === 0) return;
    throw new HotwireError('Failed', `${this.#command}: ${listed(this.#messages)}`);
  }
}
