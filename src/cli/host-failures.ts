// How a command on many hosts ended, for the shell and for the person.
import type { HostFailure } from '../client/group-api';
import { failureLines } from '../client/host-failures';
import { EXIT } from '../errors';
import type { Screen } from './screen';

/** Tells what went wrong where on standard error. @returns the exit status */
export function tellFailures(screen: Screen, failures: readonly HostFailure[], hosts: readonly string[]): number {
  for (const line of failureLines(failures, hosts)) screen.complain(line);
  return sharedStatus(failures.map(({ error }) => error.exit));
}

/** The exit status where some hosts failed so: theirs, if that is the same one. */
export function sharedStatus(statuses: Iterable<number>): number {
  const different = new Set([...statuses].filter((status) => status !== EXIT.ok));
  const [only = EXIT.ok] = different;
  return different.size <= 1 ? only : EXIT.failed;
}
