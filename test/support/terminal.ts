// A command on a terminal of its own, as a person has it.
import path from 'node:path';
import { type Running, start } from './process';
import { ROOT } from './slave';
import { waitFor } from './wait';

const PYTHON = '/usr/bin/python3';
const DRIVER = path.join(ROOT, 'test', 'support', 'python', 'on_terminal.py');

export class Terminal {
  readonly running: Running;
  /** How much of what it showed has been answered. */
  #seen = 0;

  constructor(words: readonly string[], env: NodeJS.ProcessEnv) {
    this.running = start(PYTHON, [DRIVER, ...words], { env });
  }

  /** Types once what it has shown since the last time matches: a prompt ends no line. */
  async answer(prompt: RegExp, typed: string): Promise<void> {
    await waitFor(() => prompt.test(this.#unseen()), `${prompt} on the terminal: ${this.running.stdout}`);
    this.#seen = this.running.stdout.length;
    this.running.stdin.write(typed);
  }

  /** How it ended, and all that was shown, with line ends as in a file. */
  async exit(): Promise<{ code: number | null; shown: string }> {
    const { code, stdout } = await this.running.exit();
    return { code, shown: stdout.replaceAll('\r\n', '\n') };
  }

  #unseen(): string {
    return this.running.stdout.slice(this.#seen);
  }
}
