import { type PipelineState, STATES } from '../../src/contract';
import { nextState, type PipelineEvent } from '../../src/engine/states';
import { HotwireError } from '../../src/errors';

const EVENTS: readonly PipelineEvent[] = ['execute', 'finish', 'cancel', 'fail', 'undo'];

/** What follows, or '-' where the event is a mistake. In the order of EVENTS. */
const EXPECTED: Readonly<Record<PipelineState, readonly (PipelineState | '-')[]>> = {
  waiting: ['executing', '-', 'cancelled', 'exception', '-'],
  executing: ['-', 'complete', 'cancelled', 'exception', '-'],
  complete: ['-', '-', 'complete', '-', 'undone'],
  cancelled: ['-', '-', 'cancelled', '-', 'undone'],
  exception: ['-', '-', 'exception', '-', 'undone'],
  undone: ['-', '-', 'undone', '-', '-'],
};

describe('the states of a pipeline', () => {
  const cases = STATES.flatMap((state) =>
    EVENTS.map((event, index) => [state, event, EXPECTED[state][index]] as const),
  );

  test.each(cases)('%s, %s → %s', (state, event, expected) => {
    if (expected !== '-') return expect(nextState(state, event)).toBe(expected);
    expect(() => nextState(state, event)).toThrow(HotwireError);
    expect(() => nextState(state, event)).toThrow(`can't ${event} a pipeline that is ${state}`);
  });
});
