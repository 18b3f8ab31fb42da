// Objects as rows. The first screenful waits (a moment at most) until the widths of the columns are known; what follows
// is written as it comes, in those widths.
import { DOMAIN_KEY } from '../domain-tag';
import { type Column, isRecord, tableColumns } from './columns';
import { type Layout, layOut, layOutHeader, layOutRow } from './layout';
import { isPageClass, pageOf } from './pages';
import { plainLines } from './plain';
import { type Batch, type Renderer, shownObjects, type Target } from './renderer';
import type { Schedule } from './schedule';
import { bold, visible } from './text';
import { formatValue } from './units';

/** The first rows wait for more of them at most so long, in milliseconds. */
const FIRST_ROWS_WAIT_MS = 100;
/** Rows measured where there is no screen. */
const ROWS_MEASURED = 100;
/** A cell on a terminal is cut here before it is measured, in UTF-16 units: no line is that wide. */
const LONGEST_CELL = 2000;

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

  write(batch: Batch): Promise<void> {
    const { className, objects, domain } = batch;
    if (className !== this.#className) this.#startClass(className);
    if (!isRecord(objects[0])) this.#writePlain(objects, domain);
    else if (this.#layout) this.#writeRows(shownObjects(batch), this.#layout);
    else this.#wait(shownObjects(batch));
    return this.#target.sink.ready();
  }

  end(): Promise<void> {
    this.#writeFirst();
    return this.#target.sink.flush();
  }

  #startClass(className: string): void {
    this.#writeFirst();
    this.#className = className;
    this.#layout = undefined;
  }

  #writePlain(values: readonly unknown[], domain: string | undefined): void {
    this.#writeFirst();
    this.#target.sink.push(plainLines(values, this.#target.terminal !== undefined, domain));
  }

  #wait(objects: readonly unknown[]): void {
    for (const object of objects) this.#waiting.push(object);
    if (this.#waiting.length >= (this.#target.terminal?.rows ?? ROWS_MEASURED)) this.#writeFirst();
    // one alone is a page: only the end tells
    else if (!isPageClass(this.#className))
      this.#cancelTimer ??= this.#schedule(FIRST_ROWS_WAIT_MS, () => this.#writeFirst());
  }

  /** Lays out what waits, and writes it below its header. */
  #writeFirst(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const objects = this.#waiting;
    if (objects.length === 0) return;
    this.#waiting = [];
    const page = objects.length === 1 ? pageOf(this.#className, objects[0], this.#target) : undefined;
    if (page !== undefined) this.#target.sink.push(page);
    else this.#writeTable(objects);
  }

  #writeTable(objects: readonly unknown[]): void {
    const columns = this.#columns(objects);
    const rows = objects.map((object) => this.#cells(object, columns));
    // A domain that answers later has to fit, too.
    if (columns[0]?.name === DOMAIN_KEY) rows.push(...(this.#target.domains ?? []).map((name) => [this.#safe(name)]));
    const layout = layOut(columns, rows, this.#target.terminal?.columns ?? Number.POSITIVE_INFINITY);
    this.#layout = layout;
    const header = layOutHeader(
      layout.columns.map(({ title }) => this.#safe(title)),
      layout,
    );
    this.#target.sink.push(`${bold(header, this.#target.colour)}\n`);
    this.#writeRows(objects, layout);
  }

  #writeRows(objects: readonly unknown[], layout: Layout): void {
    const lines = objects.map((object) => layOutRow(this.#cells(object, layout.columns), layout));
    this.#target.sink.push(`${lines.join('\n')}\n`);
  }

  /** What is read as pages is, in a table, names and prose. */
  #columns(objects: readonly unknown[]): Column[] {
    const columns = tableColumns(this.#className, objects);
    if (!isPageClass(this.#className)) return columns;
    return columns.map((column, index) => (index === columns.length - 1 ? { ...column, wraps: true } : column));
  }

  #cells(object: unknown, columns: readonly Column[]): string[] {
    if (!isRecord(object)) return [this.#safe(formatValue(object, undefined))];
    return columns.map(({ name, unit }) => this.#safe(formatValue(object[name], unit), unit === 'path'));
  }

  /** @param fromEnd of what is too long, keep the end */
  #safe(text: string, fromEnd = false): string {
    if (!this.#target.terminal) return text;
    return visible(fromEnd ? text.slice(-LONGEST_CELL) : text.slice(0, LONGEST_CELL));
  }
}
