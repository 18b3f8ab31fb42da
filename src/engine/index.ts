export { orAborted, untilAborted } from './abort';
export { type Batch, batchesOf } from './batch';
export type { Builtin, Example, ProcessCommand, Stage } from './builtin';
export { Context, describe, expandTilde, mergeEnvironment } from './context';
export { plan, prepare } from './engine';
export { linesOf, linesOfFile, textOf, toLines } from './lines';
export { Pipeline, type PipelineOptions, type PipelineSink } from './pipeline';
export { Registry } from './registry';
export { isFinished, nextState } from './states';
