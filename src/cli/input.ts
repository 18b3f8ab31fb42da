// Standard input as objects, a piece at a time: the whole of it is never in memory, but for one JSON text.
import { StringDecoder } from 'node:string_decoder';
import { HotwireError } from '../errors';
import { parseJson } from '../json';
import { MAX_JSON_INPUT_UNITS, MAX_LINE_BYTES, MAX_OBJECT_BYTES } from '../limits';

/** How the text is read: lines as strings, a JSON text a line, or one JSON text (an array is its members). */
export type InputMode = 'lines' | 'jsonl' | 'json';

/** Most lines, and about the most UTF-16 units, that are handed on at once. */
const PIECE_LINES = 500;
const PIECE_UNITS = 64 * 1024;
const EXCERPT_UNITS = 40;

/**
 * The objects of a text, some at a time.
 * @throws PipelineFailed, naming the line, for what is no JSON or holds a number that overflows; LimitExceeded for a line or a text that is too long
 */
export async function* readObjects(chunks: AsyncIterable<Buffer>, mode: InputMode): AsyncGenerator<unknown[]> {
  if (mode === 'json') {
    yield* readJson(chunks);
    return;
  }
  const limit = mode === 'lines' ? MAX_LINE_BYTES : MAX_OBJECT_BYTES;
  let number = 0;
  for await (const lines of splitLines(chunks, limit)) {
    const { objects, failure } = mode === 'lines' ? { objects: lines } : parseLines(lines, number);
    number += lines.length;
    if (objects.length > 0) yield objects;
    if (failure !== undefined) throw failure;
  }
}

/** Lines without their line ends, some at a time: what has come is handed on before more is waited for. */
export async function* splitLines(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8');
  let number = 0;
  /** Parts of a line whose end has not come, and their length. */
  let open: string[] = [];
  let openUnits = 0;
  const keep = (part: string) => {
    open.push(part);
    openUnits += part.length;
    if (openUnits <= limit) return;
    throw new HotwireError(
      'LimitExceeded',
      `standard input: line ${number + 1} is longer than ${limit / 1024 / 1024} MiB, the most that one may have`,
    );
  };

  for await (const chunk of chunks) {
    const parts = decoder.write(chunk).split('\n');
    const last = parts.pop() ?? '';
    let piece: string[] = [];
    let units = 0;
    for (const part of parts) {
      keep(part);
      const line = open.length === 1 ? part : open.join('');
      open = [];
      openUnits = 0;
      number++;
      piece.push(line);
      units += line.length;
      if (piece.length < PIECE_LINES && units < PIECE_UNITS) continue;
      yield piece;
      piece = [];
      units = 0;
    }
    if (piece.length > 0) yield piece;
    keep(last);
  }
  keep(decoder.end());
  if (openUnits > 0) yield [open.join('')];
}

/**
 * @param before lines that came before these
 * @returns with the failure, the objects of the lines before it
 */
function parseLines(lines: readonly string[], before: number): { objects: unknown[]; failure?: unknown } {
  const objects: unknown[] = [];
  try {
    lines.forEach((line, index) => {
      if (line.trim() !== '') objects.push(parse(line, `line ${before + index + 1}`, '--input lines for plain text'));
    });
  } catch (failure) {
    return { objects, failure };
  }
  return { objects };
}

async function* readJson(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown[]> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.write(chunk);
    if (text.length <= MAX_JSON_INPUT_UNITS) continue;
    throw new HotwireError(
      'LimitExceeded',
      `standard input: the JSON text is longer than ${MAX_JSON_INPUT_UNITS / 1024 / 1024} MiB; give it as a value a line, with --input jsonl`,
    );
  }
  text += decoder.end();
  if (text.trim() === '') return;
  const value = parse(text, 'the text', '--input jsonl for one JSON value a line');
  const values = Array.isArray(value) ? value : [value];
  for (let index = 0; index < values.length; index += PIECE_LINES) yield values.slice(index, index + PIECE_LINES);
}

function parse(text: string, where: string, instead: string): unknown {
  try {
    return parseJson(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (cause) {
    const words =
      cause instanceof HotwireError ? `: ${cause.message}` : ` is not JSON: ${excerpt(text)} (use ${instead})`;
    throw new HotwireError('PipelineFailed', `standard input: ${where}${words}`, { cause });
  }
}

function excerpt(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > EXCERPT_UNITS ? `${trimmed.slice(0, EXCERPT_UNITS)}…` : trimmed;
}
