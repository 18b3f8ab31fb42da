import { HotwireError } from '../errors';
import type { Description } from './api';

/**
 * A text that does not parse for DescribePipeline: running it tells why, or succeeds with the environment that its
 * options set. Nothing is then known of it.
 */
export function notDescribed(thrown: unknown): Description {
  if (!(thrown instanceof HotwireError && thrown.kind === 'Parse')) throw thrown;
  return {
    inputType: '',
    inputOptional: true,
    outputType: '',
    singleValue: false,
    idempotent: false,
    undoable: false,
    commands: [],
  };
}
