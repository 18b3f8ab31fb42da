// How a pipeline ended, for the shell and for the person.
import { constants } from 'node:os';
import type { RemotePipeline } from '../client/api';
import { EXIT, HotwireError } from '../errors';
import { OutputClosed } from '../render';
import { Interrupted } from './interrupt';

/** How the process of a command ended, as `hotwire.exit` tells. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A value of `hotwire.exit`; undefined when it has not that shape. */
export function processExit(value: unknown): ProcessExit | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, signal } = value as Record<string, unknown>;
  return { code: typeof code === 'number' ? code : null, signal: typeof signal === 'string' ? signal : null };
}

/** Exit status of a process as a shell has it: its code, or 128 and the number of the signal that ended it. */
export function shellStatus({ code, signal }: ProcessExit): number {
  if (signal === null) return code ?? EXIT.failed;
  return 128 + ((constants.signals as Partial<Record<string, number>>)[signal] ?? 0);
}

/** Exit status after a pipeline that ended by itself; `last` is the process of its last command, if that was one. */
export function exitStatus(state: RemotePipeline['state'], last: ProcessExit | undefined): number {
  if (state === 'cancelled') return EXIT.cancelled;
  if (last) return shellStatus(last);
  return state === 'exception' ? EXIT.failed : EXIT.ok;
}

/**
 * Exit status after something was thrown. How the last command's process ended does not count here: it was ended because
 * the pipeline failed.
 */
export function failureStatus(thrown: unknown): number {
  if (thrown instanceof Interrupted) return thrown.status;
  if (thrown instanceof OutputClosed) return EXIT.brokenPipe;
  return HotwireError.from(thrown).exit;
}

/** What a person is told of it; undefined when there is nothing to tell. */
export function failureText(thrown: unknown, debug: boolean): string | undefined {
  if (thrown instanceof Interrupted || thrown instanceof OutputClosed) return undefined;
  const error: HotwireError & { readonly detail?: string } = HotwireError.from(thrown);
  if (debug) return error.detail ?? stackOf(error);
  if (isClosedOutput(error)) return 'standard output is closed: there is nowhere to write to';
  return error.kind === 'PipelineFailed' ? error.message.split('\n', 1)[0] : error.message;
}

/** Whoever started us closed standard output, or opened it for reading alone (bin/hotwire makes that of the former). */
function isClosedOutput({ cause }: HotwireError): boolean {
  const { code, syscall } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === 'EBADF' && syscall === 'write';
}

function stackOf(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}
