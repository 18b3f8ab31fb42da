import { HotwireError } from '../errors';
import type { CommandDeclaration, Given } from './declaration';
import { end, type Span } from './lexer';
import { ParseError } from './parse-error';
import type { PlannedArgument } from './plan';

/** Which of the things given to a command: an argument by its index, with a part of its text, or an option by its name. */
export type ArgumentPlace = { readonly argument: number; readonly within?: Span } | { readonly option: string };

/** What the check of a command finds wrong with something that it is given. */
export class ArgumentError extends HotwireError {
  readonly place: ArgumentPlace;

  constructor(reason: string, place: ArgumentPlace) {
    super('InvalidArgs', reason);
    this.place = place;
  }
}

/** A command with what was written after it. */
interface Checked {
  readonly text: string;
  readonly command: CommandDeclaration;
  /** Where its name is. */
  readonly span: Span;
  readonly given: Given;
  readonly args: readonly PlannedArgument[];
  readonly optionSpans: ReadonlyMap<string, Span>;
}

/**
 * Has a command look at what it is given.
 * @throws ParseError with the place of what it finds
 */
export function checkGiven(checked: Checked, inputType: string | null): void {
  try {
    checked.command.check?.(checked.given, inputType);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw new ParseError('BadArgument', error.message, { text: checked.text, span: spanOf(error.place, checked) });
  }
}

function spanOf(place: ArgumentPlace, { text, span, args, optionSpans }: Checked): Span {
  if ('option' in place) return optionSpans.get(place.option) ?? span;
  const argument = args[place.argument];
  if (argument === undefined) return span;
  if (place.within === undefined) return argument.span;
  // A part has a place of its own where the text is written as it is, but for quotes around all of it.
  const written = text.slice(argument.span.start, end(argument.span));
  const before = [written, written.slice(1, -1)].indexOf(argument.text);
  if (before < 0) return argument.span;
  return { start: argument.span.start + before + place.within.start, length: place.within.length };
}
