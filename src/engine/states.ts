import type { PipelineState } from '../contract';
import { HotwireError } from '../errors';

export type PipelineEvent = 'execute' | 'finish' | 'cancel' | 'fail' | 'undo';

/**
 * The states of a pipeline as one table. An event that is missing in a row is a mistake of the caller, except that
 * cancel is idempotent once a pipeline has finished (DESIGN, section 4).
 */
const TABLE: Readonly<Record<PipelineState, Partial<Record<PipelineEvent, PipelineState>>>> = {
  waiting: { execute: 'executing', cancel: 'cancelled', fail: 'exception' },
  executing: { finish: 'complete', cancel: 'cancelled', fail: 'exception' },
  complete: { undo: 'undone', cancel: 'complete' },
  cancelled: { undo: 'undone', cancel: 'cancelled' },
  exception: { undo: 'undone', cancel: 'exception' },
  undone: { cancel: 'undone' },
};

/**
 * The state after `event`.
 * @throws InvalidState when the event makes no sense in `state`
 */
export function nextState(state: PipelineState, event: PipelineEvent): PipelineState {
  const next = TABLE[state][event];
  if (next === undefined) throw new HotwireError('InvalidState', `can't ${event} a pipeline that is ${state}`);
  return next;
}

/** Whether the pipeline runs no more. */
export function isFinished(state: PipelineState): boolean {
  return state !== 'waiting' && state !== 'executing';
}
