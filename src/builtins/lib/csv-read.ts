import { shownDelimiter } from './csv-delimiter';
import { checkValue, type TextReader, textError } from './text-reader';

/** Records of a CSV (RFC 4180) as objects of texts; line ends inside of quotes stay as they are. Blank lines between records are passed over. */
export class CsvReader implements TextReader {
  readonly #delimiter: string;
  #header: readonly string[] | undefined;
  /** Fields of the record that is being read; it begins in line #start. */
  #fields: string[] = [];
  #start = 0;
  /** The field in quotes that goes on in the next line. */
  #open: string | undefined;

  /**
   * @param delimiter one UTF-16 unit
   * @param names of the columns; none: the first record has them
   */
  constructor(delimiter: string, names: readonly string[]) {
    this.#delimiter = delimiter;
    if (names.length > 0) this.#header = checkHeader(names, 0);
  }

  *line(text: string, number: number, lineEnd: string): Generator<unknown> {
    if (this.#open === undefined) {
      if (text === '') return;
      this.#fields = [];
      this.#start = number;
    }
    if (!this.#readFields(text, number, lineEnd)) return;
    if (this.#header === undefined) this.#header = checkHeader(this.#fields, number);
    else yield this.#record(this.#header);
  }

  end(): readonly unknown[] {
    if (this.#open === undefined) return [];
    throw textError('csv', this.#start, 'a quote of the record that begins here is not closed');
  }

  /** @returns whether the record ends in this line */
  #readFields(text: string, number: number, lineEnd: string): boolean {
    for (let at = 0; ; at++) {
      if (this.#open === undefined && text[at] === '"') {
        this.#open = '';
        at++;
      }
      const delimiter = text.indexOf(this.#delimiter, at);
      let end = delimiter < 0 ? text.length : delimiter;
      if (this.#open === undefined) {
        const field = text.slice(at, end);
        if (field.includes('"')) throw textError('csv', number, `a quote inside the field ${field.slice(0, 40)}`);
        this.#fields.push(field);
      } else {
        end = this.#readQuoted(text, at, lineEnd);
        if (end < 0) return false;
        if (end < text.length && text[end] !== this.#delimiter) {
          throw textError(
            'csv',
            number,
            `a ${shownDelimiter(this.#delimiter)} is missing before ${text.slice(end, end + 20)}`,
          );
        }
      }
      if (end === text.length) return true;
      at = end;
    }
  }

  /** Reads on in a field in quotes. @returns the place after it, or -1 when it goes on in the next line */
  #readQuoted(text: string, from: number, lineEnd: string): number {
    let field = this.#open ?? ''; // added to, not joined: each join would copy all lines before
    for (let at = from; ; ) {
      const quote = text.indexOf('"', at);
      field += text.slice(at, quote < 0 ? undefined : quote);
      if (quote >= 0 && text[quote + 1] === '"') {
        field += '"';
        at = quote + 2;
        continue;
      }
      checkValue('csv', this.#start, field.length);
      this.#open = quote < 0 ? field + lineEnd : undefined;
      if (quote >= 0) this.#fields.push(field);
      return quote < 0 ? -1 : quote + 1;
    }
  }

  #record(header: readonly string[]): Readonly<Record<string, string>> {
    const fields = this.#fields;
    if (fields.length !== header.length) {
      throw textError('csv', this.#start, `${fields.length} fields, but the header has ${header.length}`);
    }
    return Object.fromEntries(header.map((name, index) => [name, fields[index] ?? ''])); // __proto__ is a name like any
  }
}

function checkHeader(names: readonly string[], line: number): readonly string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw textError('csv', line, `two columns are called ${twice}: give each a name of its own`);
}
