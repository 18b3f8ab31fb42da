import { HotwireError } from '../errors';
import { excerpt } from './excerpt';
import type { Span } from './lexer';

/** What can be wrong with the text of a pipeline. */
export type ParseErrorCode =
  | 'TextTooLong'
  | 'TooManyCommands'
  | 'NulCharacter'
  | 'UnclosedQuote'
  | 'TrailingBackslash'
  | 'EmptyPipeline'
  /** A bar without a command on either side, a redirection without a command. */
  | 'UnexpectedToken'
  /** What a shell understands and this language does not: `&&`, `2>`, `$HOME`. */
  | 'ShellSyntax'
  | 'MissingTarget'
  | 'RepeatedRedirection'
  /** `<` where something is piped in; `>` before the last command. */
  | 'MisplacedRedirection'
  | 'UnknownCommand'
  /** A language prefix alone. */
  | 'MissingScript'
  | 'UnknownOption'
  | 'MissingOptionValue'
  | 'UnexpectedOptionValue'
  | 'MissingArgument'
  | 'TooManyArguments'
  /** What the command itself says of an argument or an option. */
  | 'BadArgument'
  /** Something is piped into, or redirected to, a command that takes nothing. */
  | 'NoInput'
  /** Something is piped or redirected from a command that yields nothing. */
  | 'NoOutput'
  | 'TypeMismatch';

/**
 * The text is no pipeline. `message` is what is wrong, the line of the text, a caret line under the place, and the hint
 * if there is one.
 */
export class ParseError extends HotwireError {
  override readonly name = 'ParseError';
  readonly code: ParseErrorCode;
  /** What is wrong, in one line. */
  readonly reason: string;
  readonly text: string;
  /** Within `text`; may be empty, e.g. at its end. */
  readonly span: Span;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(code: ParseErrorCode, reason: string, place: { text: string; span: Span; hint?: string | undefined }) {
    const hintLine = place.hint === undefined ? '' : `\n${place.hint}`;
    super('Parse', `${reason}\n${excerpt(place.text, place.span)}${hintLine}`);
    this.code = code;
    this.reason = reason;
    this.text = place.text;
    this.span = place.span;
    this.hint = place.hint;
  }
}
