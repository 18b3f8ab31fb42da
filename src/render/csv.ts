// RFC 4180: one header, CRLF line ends, a quote doubled inside quotes. A CSV has one shape: what does not fit the header
// is an error, since a reader of the file would never know what was left out.
import { HotwireError } from '../errors';
import { allColumns, isRecord } from './columns';
import { type Batch, type Renderer, shownObjects, type Target } from './renderer';
import { visible } from './text';

/** Header of values that have no properties. */
const VALUE = 'value';

export class Csv implements Renderer {
  readonly #target: Target;
  #className = '';
  #header: ReadonlySet<string> | undefined;

  constructor(target: Target) {
    this.#target = target;
  }

  /** @throws NotSupported for an object that has a property the header has not */
  async write(batch: Batch): Promise<void> {
    const { className } = batch;
    const rows = shownObjects(batch).map((object) => (isRecord(object) ? object : { [VALUE]: object }));
    let text = '';
    if (!this.#header) {
      this.#className = className;
      const names = isRecord(shownObjects(batch)[0]) ? allColumns(className, rows).map(({ name }) => name) : [VALUE];
      this.#header = new Set(names);
      text = this.#record(names);
    }
    for (const row of rows) text += this.#row(row, className, this.#header);
    this.#target.sink.push(text);
    await this.#target.sink.ready();
  }

  end(): Promise<void> {
    return this.#target.sink.flush();
  }

  #row(row: Readonly<Record<string, unknown>>, className: string, header: ReadonlySet<string>): string {
    for (const name of Object.keys(row)) {
      if (!header.has(name)) {
        throw new HotwireError(
          'NotSupported',
          `CSV: a ${className} has the property '${name}', which the header (of ${this.#className}) has not; ` +
            'give all objects the same properties, or use --format jsonl',
        );
      }
    }
    return this.#record([...header].map((name) => row[name]));
  }

  #record(values: readonly unknown[]): string {
    return `${values.map((value) => this.#field(value)).join(',')}\r\n`;
  }

  #field(value: unknown): string {
    if (value === null || value === undefined) return '';
    const raw = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const text = this.#target.terminal ? visible(raw) : raw;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
}
