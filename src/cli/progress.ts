// One line on a terminal's standard error while nothing else has been written for half a second: how far the work is.
// Whatever else goes to the terminal erases it first, so the two never mix; it is drawn again only when it changed.
import { cut, dim, type Schedule, visible } from '../render';

/** Work and silence shorter than this show no progress, in milliseconds. */
const QUIET_MS = 500;
/** The line is drawn anew at most so often, in milliseconds. */
const REDRAW_MS = 200;
const ERASE = '\r\u001b[K';

export interface ProgressOptions {
  /** Writes to the terminal. */
  write(text: string): void;
  /** Width of the terminal. */
  columns(): number;
  readonly colour: boolean;
  readonly schedule: Schedule;
}

export class Progress {
  readonly #options: ProgressOptions;
  #objects = 0;
  #status = '';
  #shown = '';
  /** The cursor is not at the start of a line: other text ended without a line end, and must not be drawn over. */
  #lineOpen = false;
  #stopped = false;
  #held = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#arm(QUIET_MS);
  }

  /** So many more objects have come. */
  count(objects: number): void {
    this.#objects += objects;
  }

  /** The newest status. @param percent -1 when unknown */
  status(text: string, percent: number): void {
    this.#status = percent >= 0 ? `${text} ${Math.floor(percent)}%` : text;
  }

  /** Other text is about to go to the same terminal: erases the line. */
  makeWay(text: string): void {
    this.#erase();
    this.#lineOpen = !text.endsWith('\n');
    this.#arm(QUIET_MS);
  }

  /** Draws nothing while something else has the terminal. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) this.#erase();
  }

  /** Erases the line for good. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#erase();
  }

  #arm(milliseconds: number): void {
    this.#cancelTimer?.();
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.schedule(milliseconds, () => {
      this.#draw();
      this.#arm(REDRAW_MS);
    });
  }

  #draw(): void {
    if (this.#lineOpen || this.#held) return;
    const objects = this.#objects === 1 ? '1 object' : `${this.#objects} objects`;
    const parts = [this.#objects > 0 ? objects : 'working', visible(this.#status)].filter((part) => part !== '');
    const line = cut(parts.join('  '), this.#options.columns() - 1);
    if (line === this.#shown) return;
    this.#options.write(ERASE + dim(line, this.#options.colour));
    this.#shown = line;
  }

  #erase(): void {
    if (this.#shown === '') return;
    this.#options.write(ERASE);
    this.#shown = '';
  }
}
