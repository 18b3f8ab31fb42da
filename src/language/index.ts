/** The language of pipelines: text → typed plan → text. Pure: no I/O, no clock. */

export { ArgumentError, type ArgumentPlace } from './argument-error';
export * from './declaration';
export { format } from './format';
export type { Operator, Piece, Span, Token, Word } from './lexer';
export { tokenize } from './lexer';
export { didYouMean, nearest } from './near';
export { isUndoable, leavesNothing, parse } from './parse';
export { ParseError, type ParseErrorCode } from './parse-error';
export {
  classInto,
  commandOf,
  locate,
  type PartialStage,
  type Place,
  type Slot,
  slotAfter,
} from './partial';
export type { Plan, PlannedArgument, StagePlan } from './plan';
export { prefixes } from './prefix';
export { type QuoteStyle, quote, quoteAs } from './quote';
