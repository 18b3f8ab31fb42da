import { type Dictionary, RUN_OPTIONS } from '../contract';
import { type Context, mergeEnvironment, type PipelineOptions } from '../engine';
import { HotwireError } from '../errors';
import { EVALUATE_MAX_BYTES, MAX_ARRAY_BYTES, MAX_TIMER_MS } from '../limits';

/** Options of RunPipelineWithOptions and Evaluate, checked. */
export interface RunOptions extends PipelineOptions {
  /** Credit in signals; undefined: paced by Ping. */
  readonly window?: number;
  readonly detached: boolean;
  /** For Evaluate: most bytes in the answer. D-Bus itself allows MAX_ARRAY_BYTES. */
  readonly maxBytes: number;
}

/** setTimeout takes no more, in seconds. */
const MAX_TIMEOUT_S = Math.floor(MAX_TIMER_MS / 1000);

/**
 * Checks the options, and goes on with them: at once, unless a directory has to be looked at. So what a client sends next
 * does not come before.
 * @throws InvalidArgs naming the option that is unknown, of a wrong type, or of a value that makes no sense
 */
export function withRunOptions<T>(
  given: Dictionary,
  context: Context,
  goOn: (options: RunOptions) => T | Promise<T>,
): T | Promise<T> {
  const options = runOptions(given);
  if (options.cwd === undefined) return goOn(options);
  return existingDirectory(options.cwd, context).then((cwd) => goOn({ ...options, cwd }));
}

function runOptions(given: Dictionary): RunOptions {
  for (const [name, variant] of Object.entries(given)) checkType(name, variant.signature);
  const value = <T>(name: keyof typeof RUN_OPTIONS) => given[name]?.value as T | undefined;
  const cwd = value<string>('cwd');
  const env = value<Record<string, string>>('env');
  const timeout = value<number>('timeout');
  const window = value<number>('window');
  const maxBytes = value<number | bigint>('max-bytes');
  if (env) mergeEnvironment({}, env);
  if (timeout !== undefined && !(timeout > 0 && timeout <= MAX_TIMEOUT_S)) {
    throw invalid('timeout', `must be more than 0 and at most ${MAX_TIMEOUT_S} seconds, not ${timeout}`);
  }
  if (window === 0) throw invalid('window', 'must be at least 1 signal');
  return {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(window === undefined ? {} : { window }),
    input: value<boolean>('input') ?? false,
    detached: value<boolean>('detached') ?? false,
    maxBytes: Math.min(Number(maxBytes ?? EVALUATE_MAX_BYTES), MAX_ARRAY_BYTES),
  };
}

function checkType(name: string, signature: string): void {
  const expected = Object.hasOwn(RUN_OPTIONS, name) ? RUN_OPTIONS[name as keyof typeof RUN_OPTIONS] : undefined;
  if (expected === undefined) {
    throw new HotwireError('InvalidArgs', `unknown option '${name}' (known: ${Object.keys(RUN_OPTIONS).join(', ')})`);
  }
  if (signature !== expected) throw invalid(name, `must have the D-Bus type ${expected}, not ${signature}`);
}

function existingDirectory(directory: string, context: Context): Promise<string> {
  return context.directory(directory).catch((error: Error) => {
    throw invalid('cwd', error.message);
  });
}

function invalid(name: string, reason: string): HotwireError {
  return new HotwireError('InvalidArgs', `option ${name} ${reason}`);
}
