/** What hosts write to their standard error, as whole lines with the host in front: parts of lines wait for their end. */
export class HostLines {
  readonly #open = new Map<string, string>();

  /** The lines that a text ends. */
  add(host: string, text: string): string {
    const lines = ((this.#open.get(host) ?? '') + text).split('\n');
    this.#open.set(host, lines.pop() ?? '');
    return lines.map((line) => `${host}: ${line}\n`).join('');
  }

  /** The line whose end never came. */
  end(host: string): string {
    const line = this.#open.get(host) ?? '';
    this.#open.delete(host);
    return line === '' ? '' : `${host}: ${line}\n`;
  }
}
