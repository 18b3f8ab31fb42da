// How wide each column of a table is, and a row laid out in those widths.
import type { Column } from './columns';
import { cut, cutPath, pad, widthOf, wrap } from './text';

/** Blanks between two columns. */
const GAP = '  ';
/** What tells that columns are left out, behind the header. */
const LEFT_OUT = `${GAP}…`;
/** A column of text is not made narrower than this; the table goes without one that can't have it. */
const NARROWEST_TEXT = 10;
/** The same for prose that is broken at words. */
const NARROWEST_PROSE = 20;
/** The same for the column that identifies the objects: other columns go first. */
const NARROWEST_IDENTITY = 24;

export interface Layout {
  /** Those that fit; the others are left out. */
  readonly columns: readonly Column[];
  /** In terminal columns, one for each. */
  readonly widths: readonly number[];
  /** Width of the line; Infinity where nothing may be cut. */
  readonly limit: number;
  readonly leftOut: boolean;
}

/**
 * Widths for these rows of cells: their natural ones, or columns of text made narrower until all fit, the one that
 * identifies the objects last. Where that is not enough the least important column goes.
 */
export function layOut(columns: readonly Column[], rows: readonly (readonly string[])[], limit: number): Layout {
  const natural = new Map(
    columns.map((column, index) => [
      column,
      rows.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), widthOf(column.title)),
    ]),
  );
  let left = [...columns];
  for (;;) {
    const leftOut = left.length < columns.length;
    const widths = narrow(left, natural, limit - (leftOut ? widthOf(LEFT_OUT) : 0));
    if (widths || left.length <= 1) {
      return { columns: left, widths: widths ?? left.map((column) => natural.get(column) ?? 0), limit, leftOut };
    }
    const least = left.reduce((found, column) => (column.importance < found.importance ? column : found));
    left = left.filter((column) => column !== least);
  }
}

/** The widths made to fit, the widest column giving way first; undefined when they can't. */
function narrow(columns: readonly Column[], natural: ReadonlyMap<Column, number>, limit: number): number[] | undefined {
  const widths = columns.map((column) => natural.get(column) ?? 0);
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1)) - limit;
  for (const identity of [false, true]) {
    while (excess > 0) {
      let widest = -1;
      columns.forEach((column, index) => {
        const width = widths[index] ?? 0;
        if (column.identity !== identity || width <= leastWidth(column)) return;
        if (width > (widths[widest] ?? 0)) widest = index;
      });
      if (widest < 0) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
      excess--;
    }
  }
  return excess > 0 ? undefined : widths;
}

function leastWidth({ whole, identity, wraps, title }: Column): number {
  if (whole) return Number.POSITIVE_INFINITY;
  if (identity) return NARROWEST_IDENTITY;
  return Math.max(wraps ? NARROWEST_PROSE : NARROWEST_TEXT, widthOf(title));
}

/** The titles of the columns as a line, without its line end. */
export function layOutHeader(titles: readonly string[], layout: Layout): string {
  if (!layout.leftOut) return layOutRow(titles, layout);
  return layOutRow(titles, { ...layout, limit: layout.limit - widthOf(LEFT_OUT) }) + LEFT_OUT;
}

/**
 * One line, without its line end; several where the last column is prose. The last column of text runs to the end of
 * the line.
 */
export function layOutRow(cells: readonly string[], { columns, widths, limit }: Layout): string {
  let line = '';
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? '';
    const width = widths[index] ?? 0;
    if (index > 0) line += GAP;
    if (column.right) line += pad(cell, width, 'right');
    else if (index < columns.length - 1) line += pad(fitted(cell, column, limit, width), width, 'left');
    else if (column.wraps && Number.isFinite(limit)) return line + hang(cell, widthOf(line), limit);
    else line += fitted(cell, column, limit, Math.max(1, limit - widthOf(line)));
  }
  return (Number.isFinite(limit) ? cut(line, limit) : line).trimEnd();
}

function fitted(cell: string, { whole, unit }: Column, limit: number, width: number): string {
  if (whole || !Number.isFinite(limit)) return cell;
  return unit === 'path' ? cutPath(cell, width) : cut(cell, width);
}

/** Prose from column `start` on; its other lines begin there too. */
function hang(text: string, start: number, limit: number): string {
  return wrap(text, Math.max(NARROWEST_PROSE, limit - start)).join(`\n${' '.repeat(start)}`);
}
