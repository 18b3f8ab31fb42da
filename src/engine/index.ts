export { ArgumentError, type ArgumentPlace, didYouMean, type Given, isUndoable, nearest, quote } from '../language';
export { excerpt } from '../language/excerpt';
export { type Batch, batchesOf } from './batch';
export type { Builtin, Example, ProcessCommand, Running, Stage } from './builtin';
export { type Completion, complete } from './complete';
export { Context, describe, expandTilde, homeOf, mergeEnvironment } from './context';
export { plan, prepare } from './engine';
export type { FarDomains, FarRunOptions } from './far-domains';
export { openFile } from './files';
export { FilesInUse } from './files-in-use';
export { linesOf, linesOfFile, textOf, toLines } from './lines';
export { runNested } from './nested';
export { Pipeline, type PipelineOptions, type PipelineSink } from './pipeline';
export { Processes } from './processes';
export { directoriesOf } from './programs';
export {
  absolutePath,
  argumentOf,
  assertText,
  type RawPath,
  rawPath,
  readDirectory,
  shownArgument,
  toRaw,
} from './raw-path';
export { Registry } from './registry';
export { isFinished, nextState } from './states';
export { Turns } from './turns';
export { UndoImpossible } from './undo-steps';
