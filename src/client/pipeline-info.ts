import type { Dictionary, PipelineState } from '../contract';
import type { PipelineInfo } from './api';

/** The answer of GetPipeline, and an entry of ListPipelines. */
export function pipelineInfo(description: Dictionary): PipelineInfo {
  const value = <T>(name: string) => description[name]?.value as T;
  const error = value<string>('error');
  const exit = value<string | undefined>('exit');
  return {
    id: value('id'),
    text: value('text'),
    state: value<PipelineState>('state'),
    owner: value('owner'),
    detached: value('detached'),
    started: value('started'),
    completed: value('completed'),
    outputType: value('output-type'),
    singleValue: value('single-value'),
    idempotent: value('idempotent'),
    undoable: value('undoable'),
    objects: Number(value('objects')),
    signals: Number(value('signals')),
    exit: exit ? JSON.parse(exit) : undefined,
    waiting: value<string | undefined>('waiting') ?? '',
    error: error ? JSON.parse(error) : undefined,
  };
}
