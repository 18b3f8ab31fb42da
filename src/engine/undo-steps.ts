import { HotwireError } from '../errors';

export type UndoStep = () => Promise<void>;

/** Why a step can't be done, now or ever: trying it again makes no sense. */
export class UndoImpossible extends HotwireError {
  constructor(message: string) {
    super('Failed', message);
  }
}

/** Failures that are told by their words; of more only the number. */
const MOST_TOLD = 10;

/** How to take back what a pipeline did. One step that fails keeps none of the others from being done. */
export class UndoSteps {
  #steps: UndoStep[] = [];

  add(step: UndoStep): void {
    this.#steps.push(step);
  }

  /**
   * Does all steps, the newest first. Those that fail are kept, to be tried again once what is in the way is gone, but
   * for those that never can be done.
   * @throws Failed with all that went wrong
   */
  async run(): Promise<void> {
    const steps = this.#steps;
    this.#steps = [];
    const left: UndoStep[] = [];
    const messages: string[] = [];
    for (const step of steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        if (!isImpossible(error)) left.unshift(step);
        messages.push(HotwireError.from(error).message);
      }
    }
    this.#steps = [...left, ...this.#steps];
    if (messages.length > 0)
      throw new HotwireError('Failed', told(messages, steps.length - messages.length, left.length));
  }
}

/** The commands wrap errors, to name the file. */
function isImpossible(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof UndoImpossible) return true;
  return false;
}

function told(messages: readonly string[], done: number, left: number): string {
  const more = messages.length - MOST_TOLD;
  const words = messages.slice(0, MOST_TOLD).join('\n') + (more > 0 ? `\nand ${more} more` : '');
  const rest = [
    ...(done > 0 ? [`${counted(done)} taken back`] : []),
    ...(left > 0 ? [`${counted(left)} left: undo again tries them`] : ['undo again ends it without what is lost']),
  ];
  return `${words}\n(${rest.join('; ')})`;
}

function counted(steps: number): string {
  return steps === 1 ? '1 change is' : `${steps} changes are`;
}
