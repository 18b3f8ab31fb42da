import { Csv } from './csv';
import { JsonArray, JsonLines } from './json';
import { List } from './list';
import type { Renderer, Target } from './renderer';
import { type Schedule, schedule } from './schedule';
import { Table } from './table';

export type { Batch, Renderer, Target } from './renderer';
export { type Schedule, schedule } from './schedule';
export { OutputClosed, Sink } from './sink';
export { cut, dim, safeText, visible } from './text';
export { formatValue } from './units';

/** What a person may ask for. */
export const FORMATS = ['table', 'json', 'jsonl', 'csv', 'list'] as const;
export type Format = (typeof FORMATS)[number];

export interface RendererOptions extends Target {
  /** Undefined: a table on a terminal (a list for a single value), else JSON lines with strings as plain lines. */
  readonly format: Format | undefined;
  /** The pipeline yields exactly one object. */
  readonly singleValue: boolean;
  /** The clock of the table's first rows. */
  readonly schedule?: Schedule;
}

/** The renderer for that format and that output. */
export function createRenderer(options: RendererOptions): Renderer {
  switch (options.format ?? defaultFormat(options)) {
    case 'table':
      return new Table(options, options.schedule ?? schedule);
    case 'list':
      return new List(options);
    case 'json':
      return new JsonArray(options);
    case 'jsonl':
      return new JsonLines(options, options.format === undefined);
    case 'csv':
      return new Csv(options);
  }
}

function defaultFormat({ terminal, singleValue }: RendererOptions): Format {
  if (!terminal) return 'jsonl';
  return singleValue ? 'list' : 'table';
}
