// Objects as rows. The first screenful waits (a moment at most) until the widths of the columns are known; what follows
// is written as it comes, in those widths.
import { blockOf } from './block';
import { type Column, isRecord, tableColumns } from './columns';
import { type Layout, layOut, layOutRow } from './layout';
import { plainLines } from './plain';
import type { Batch, Renderer, Target } from './renderer';
import type { Schedule } from './schedule';
import { bold, visible } from './text';
import { formatValue } from './units';

/** The first rows wait for more of them at most so long, in milliseconds. */
const FIRST_ROWS_WAIT_MS = 100;
/** Rows measured where there is no screen. */
const ROWS_MEASURED = 100;
/** A cell on a terminal is cut here before it is measured, in UTF-16 units: no line is that wide. */
const LONGEST_CELL = 2000;
/** One of these alone is read, not compared with others: it is shown in full. */
const PAGES = new Set(['hotwire.builtins.help.HelpItem', 'hotwire.builtins.schema.ClassDescription']);

export class Table implements Renderer {
  readonly #target: Target;
  readonly #schedule: Schedule;
  #className = '';
  /** Rows that wait for their layout. */
  #waiting: unknown[] = [];
  #layout: Layout | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(target: Target, schedule: Schedule) {
    this.#target = target;
    this.#schedule = schedule;
  }

  write({ className, objects }: Batch): Promise<void> {
    if (className !== this.#className) this.#startClass(className);
    if (!isRecord(objects[0])) this.#writePlain(objects);
    else if (this.#layout) this.#writeRows(objects, this.#layout);
    else this.#wait(objects);
    return this.#target.sink.ready();
  }

  end(): Promise<void> {
    const [first] = this.#waiting;
    if (PAGES.has(this.#className) && this.#waiting.length === 1) {
      this.#target.sink.push(blockOf(this.#className, first, this.#target));
    } else this.#writeFirst();
    return this.#target.sink.flush();
  }

  #startClass(className: string): void {
    this.#writeFirst();
    this.#className = className;
    this.#layout = undefined;
  }

  #writePlain(values: readonly unknown[]): void {
    this.#writeFirst();
    this.#target.sink.push(plainLines(values, this.#target.terminal !== undefined));
  }

  #wait(objects: readonly unknown[]): void {
    for (const object of objects) this.#waiting.push(object);
    if (this.#waiting.length >= (this.#target.terminal?.rows ?? ROWS_MEASURED)) this.#writeFirst();
    else if (!PAGES.has(this.#className))
      this.#cancelTimer ??= this.#schedule(FIRST_ROWS_WAIT_MS, () => this.#writeFirst());
  }

  /** Lays out what waits, and writes it below its header. */
  #writeFirst(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const objects = this.#waiting;
    if (objects.length === 0) return;
    this.#waiting = [];
    const columns = tableColumns(this.#className, objects);
    const rows = objects.map((object) => this.#cells(object, columns));
    const layout = layOut(columns, rows, this.#target.terminal?.columns ?? Number.POSITIVE_INFINITY);
    this.#layout = layout;
    const names = layout.columns.map(({ name }) => this.#safe(name));
    const header = layOutRow(names, layout) + (layout.leftOut ? '  …' : '');
    const lines = [bold(header.trimEnd(), this.#target.colour), ...rows.map((row) => layOutRow(row, layout).trimEnd())];
    this.#target.sink.push(`${lines.join('\n')}\n`);
  }

  #writeRows(objects: readonly unknown[], layout: Layout): void {
    const lines = objects.map((object) => layOutRow(this.#cells(object, layout.columns), layout).trimEnd());
    this.#target.sink.push(`${lines.join('\n')}\n`);
  }

  #cells(object: unknown, columns: readonly Column[]): string[] {
    if (!isRecord(object)) return [this.#safe(formatValue(object, undefined))];
    return columns.map(({ name, unit }) => this.#safe(formatValue(object[name], unit)));
  }

  #safe(text: string): string {
    return this.#target.terminal ? visible(text.slice(0, LONGEST_CELL)) : text;
  }
}
