// How wide each column of a table is, and a row laid out in those widths.
import type { Column } from './columns';
import { cut, pad, widthOf } from './text';

/** Blanks between two columns. */
const GAP = '  ';
/** A column of text is not made narrower than this; one that can't have it is left out. */
const NARROWEST_TEXT = 8;

export interface Layout {
  /** Those that fit; the others are left out. */
  readonly columns: readonly Column[];
  /** In terminal columns, one for each. */
  readonly widths: readonly number[];
  /** Width of the line; Infinity where nothing may be cut. */
  readonly limit: number;
  readonly leftOut: boolean;
}

/** Widths for these rows of cells: their natural ones, or the widest columns of text made narrower until all fit. */
export function layOut(columns: readonly Column[], rows: readonly (readonly string[])[], limit: number): Layout {
  const natural = columns.map(({ name }, index) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), widthOf(name)),
  );
  for (let count = columns.length; count > 1; count--) {
    const leftOut = count < columns.length;
    const room = limit - (leftOut ? GAP.length + 1 : 0);
    const widths = narrow(columns.slice(0, count), natural, room);
    if (widths) return { columns: columns.slice(0, count), widths, limit, leftOut };
  }
  return { columns: columns.slice(0, 1), widths: natural.slice(0, 1), limit, leftOut: columns.length > 1 };
}

/** The widths made to fit, the widest column of text giving way first; undefined when they can't. */
function narrow(columns: readonly Column[], natural: readonly number[], limit: number): number[] | undefined {
  const widths = natural.slice(0, columns.length);
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1)) - limit;
  const canShrink = (index: number) => {
    const { name, numeric } = columns[index] as Column;
    return !numeric && (widths[index] ?? 0) > Math.max(NARROWEST_TEXT, widthOf(name));
  };
  while (excess > 0) {
    let widest = -1;
    widths.forEach((width, index) => {
      if (canShrink(index) && width > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) return undefined;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}

/** One line, without its line end. The last column of text runs to the end of the line. */
export function layOutRow(cells: readonly string[], { columns, widths, limit }: Layout): string {
  let line = '';
  columns.forEach(({ numeric }, index) => {
    const cell = cells[index] ?? '';
    const width = widths[index] ?? 0;
    if (index > 0) line += GAP;
    if (numeric) line += pad(cell, width, 'right');
    else if (index === columns.length - 1) line += cell;
    else line += pad(Number.isFinite(limit) ? cut(cell, width) : cell, width, 'left');
  });
  return Number.isFinite(limit) ? cut(line, limit) : line;
}
