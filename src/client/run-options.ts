/** Options of a pipeline as the contract has them. */
import type { Dictionary } from '../contract';
import { CLIENT_CREDIT_SIGNALS } from '../limits';
import { Variant } from '../wire';
import type { RunOptions } from './api';

export function runOptions(options: RunOptions): Dictionary {
  const credit = { window: new Variant('u', CLIENT_CREDIT_SIGNALS) };
  return { ...wireOptions(options), ...credit, ...(options.input && { input: new Variant('b', true) }) };
}

export function wireOptions(options: RunOptions): Dictionary {
  return {
    ...(options.cwd === undefined ? {} : { cwd: new Variant('s', options.cwd) }),
    ...(options.env === undefined ? {} : { env: new Variant('a{ss}', options.env) }),
    ...(options.timeout === undefined ? {} : { timeout: new Variant('d', options.timeout) }),
  };
}
