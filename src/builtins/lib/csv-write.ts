import type { Batch } from '../../engine';
import { HotwireError } from '../../errors';
import { isRecord, listed, propertyNames, propertyReader } from './property';

/** Header of values that have no properties. */
const VALUE = 'value';

/**
 * Objects as lines of a CSV (RFC 4180): a header, then a record each. Line ends are those of the text that the lines
 * become; a text with line ends of its own is in quotes.
 * @param delimiter one UTF-16 unit
 * @param properties the columns; none: the properties of the first batch
 * @throws InvalidArgs for an object that does not fit the header: a reader would never know what was left out
 */
export async function* csvLines(
  input: AsyncIterable<Batch>,
  delimiter: string,
  properties: readonly string[],
): AsyncGenerator<Batch> {
  const record = recordWriter(delimiter);
  let header = properties;
  if (header.length > 0) yield { className: 'string', objects: [record(header)] };
  for await (const batch of input) {
    const lines: string[] = [];
    if (header.length === 0) {
      header = columnsOf(batch);
      lines.push(record(header));
    }
    const rowOf = rowReader(batch, header, properties.length > 0);
    for (const object of batch.objects) lines.push(record(rowOf(object)));
    yield { className: 'string', objects: lines };
  }
}

function columnsOf({ className, objects }: Batch): string[] {
  const names = new Set(objects.flatMap((object) => (isRecord(object) ? propertyNames(object, className) : [VALUE])));
  if (names.size > 0) return [...names];
  throw new HotwireError('InvalidArgs', 'to csv: the first objects have no properties to make a header of');
}

function rowReader(
  { className }: Batch,
  header: readonly string[],
  chosen: boolean,
): (object: unknown) => readonly unknown[] {
  if (chosen) {
    const readers = header.map((name) => propertyReader('to csv', name, className));
    return (object) => readers.map((read) => read(object));
  }
  const known = new Set(header);
  return (object) => {
    const row = isRecord(object) ? object : { [VALUE]: object };
    const extra = Object.keys(row).find((name) => !known.has(name));
    if (extra === undefined) return header.map((name) => (Object.hasOwn(row, name) ? row[name] : null));
    throw new HotwireError(
      'InvalidArgs',
      `to csv: a ${className} has the property ${extra}, which the header (${listed(header)}) has not: ` +
        'name the columns, as in to csv a b, or use to jsonl',
    );
  };
}

function recordWriter(delimiter: string): (values: readonly unknown[]) => string {
  return (values) => {
    const line = values.map((value) => field(value, delimiter)).join(delimiter);
    return line === '' ? '""' : line; // an empty line would be no record
  };
}

function field(value: unknown, delimiter: string): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // U+FEFF at the start of a file would be a mark of its byte order
  const plain = !/["\r\n]|^\uFEFF/.test(text) && !text.includes(delimiter);
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}
