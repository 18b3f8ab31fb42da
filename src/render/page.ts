// Headings, paragraphs and tables, wrapped at words to the terminal.
import { type Column, isRecord, type JsonRecord } from './columns';
import { layOut, layOutHeader, layOutRow } from './layout';
import type { Target } from './renderer';
import { bold, visible, wrap } from './text';

/** Longer lines are hard to read, however wide the terminal is. */
const WIDEST = 100;
/** Width where there is no terminal. */
const DEFAULT_WIDTH = 80;
const INDENT = '  ';

export class Page {
  readonly #target: Target;
  readonly #width: number;
  #lines: string[] = [];

  constructor(target: Target) {
    this.#target = target;
    this.#width = Math.min(target.terminal?.columns ?? DEFAULT_WIDTH, WIDEST);
  }

  /** Begins a part, below an empty line. */
  heading(text: string): void {
    this.gap();
    this.#lines.push(bold(this.#safe(text), this.#target.colour));
  }

  /** An empty line, unless nothing stands above it. */
  gap(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
  }

  /** Text whose line ends stay. @param depth how far it is indented; its wrapped lines `hanging` columns more */
  prose(text: string, depth = 0, hanging = 0): void {
    const indent = INDENT.repeat(depth);
    for (const line of text.trimEnd().split('\n')) {
      const wrapped = wrap(this.#safe(line), this.#width - indent.length - hanging);
      wrapped.forEach((part, index) => {
        this.#lines.push(indent + (index > 0 ? ' '.repeat(hanging) : '') + part);
      });
      if (wrapped.length === 0) this.gap();
    }
  }

  /** A line that somebody may want to copy: never broken. */
  line(text: string, depth: number): void {
    this.#lines.push(INDENT.repeat(depth) + this.#safe(text));
  }

  /** Indented rows; with a header if it is asked for. Where they are too wide the last cell stands below the others. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], withHeader = false): void {
    const cells = rows.map((row) => row.map((cell) => this.#safe(cell)));
    const layout = layOut(columns, cells, this.#width - INDENT.length);
    if (layout.leftOut) {
      for (const row of rows) this.#stack(row);
      return;
    }
    if (withHeader) {
      const titles = columns.map(({ title }) => title);
      this.#lines.push(INDENT + bold(layOutHeader(titles, layout), this.#target.colour));
    }
    for (const row of cells) {
      for (const line of layOutRow(row, layout).split('\n')) this.#lines.push(INDENT + line);
    }
  }

  #stack(row: readonly string[]): void {
    this.line(
      row
        .slice(0, -1)
        .filter((cell) => cell !== '')
        .join(INDENT),
      1,
    );
    this.prose(row.at(-1) ?? '', 3);
  }

  /** All of it, each line with its line end. */
  text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  #safe(text: string): string {
    return this.#target.terminal ? visible(text) : text;
  }
}

/** What a property holds, as text; a page shows what it is given, though another version of hotwire may have made it. */
export function textIn(object: JsonRecord, property: string): string {
  const value = object[property];
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function textsIn(object: JsonRecord, property: string): string[] {
  const value = object[property];
  return Array.isArray(value) ? value.map(String) : [];
}

export function recordsIn(object: JsonRecord, property: string): JsonRecord[] {
  const value = object[property];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
