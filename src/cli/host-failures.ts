// How a command on many hosts ended, for the shell and for the person.
import type { HostFailure } from '../client/group-api';
import { failureLines } from '../client/host-failures';
import { EXIT, type HotwireError } from '../errors';
import { failureText } from './outcome';
import type { Screen } from './screen';

/** Tells what went wrong where on standard error. @param debug with stack traces @returns the exit status */
export function tellFailures(
  screen: Screen,
  failures: readonly HostFailure[],
  hosts: readonly string[],
  debug = false,
): number {
  const traced = (error: HotwireError) => failureText(error, true) ?? error.message;
  const lines = debug ? failureLines(failures, hosts, traced) : failureLines(failures, hosts);
  for (const line of lines) screen.complain(line);
  return sharedStatus(failures.map(({ error }) => error.exit));
}

/** The exit status where some hosts failed so: theirs, if that is the same one. */
export function sharedStatus(statuses: Iterable<number>): number {
  const different = new Set([...statuses].filter((status) => status !== EXIT.ok));
  const [only = EXIT.ok] = different;
  return different.size <= 1 ? only : EXIT.failed;
}
