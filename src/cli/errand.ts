// What every command that has to do with a pipeline shares: a screen, a reason to stop early, a domain, an exit status.
import { orAborted } from '../abort';
import type { Domain } from '../client/api';
import { HotwireError } from '../errors';
import { onInterrupt } from './interrupt';
import { Links } from './links';
import { failureStatus, failureText } from './outcome';
import { type ColourChoice, Screen } from './screen';
import type { Surroundings } from './surroundings';

/** Options of every command that speaks to a slave. */
export interface DomainOptions {
  /** Address of the bus. */
  readonly bus?: string;
  readonly embedded?: boolean;
}

export interface ErrandOptions extends DomainOptions {
  readonly color: ColourChoice;
  readonly progress: boolean;
  readonly debug?: boolean;
}

/** One command, from its start to its exit status. */
export interface Errand {
  readonly surroundings: Surroundings;
  readonly screen: Screen;
  /** Aborted with the reason to stop early: a signal, or that nobody reads the output any more. */
  readonly halt: AbortController;
  readonly links: Links;
}

/**
 * Does something with a domain; a failure is told on standard error, and what the pipeline asked of its display is done.
 * @param hint a line more for the person, when it has failed so
 * @returns the exit status
 */
export async function onErrand(
  surroundings: Surroundings,
  options: ErrandOptions,
  work: (domain: Domain, errand: Errand) => Promise<number>,
  hint: (error: unknown) => string | undefined = () => undefined,
): Promise<number> {
  const halt = new AbortController();
  const screen = new Screen(surroundings, { ...options, outputFailed: (failure) => halt.abort(failure) });
  const stopListening = onInterrupt(
    surroundings.signals,
    (reason) => halt.abort(reason),
    (status) => {
      screen.close();
      surroundings.leave(status);
    },
  );
  const links = new Links(surroundings, (message) => screen.complain(message));
  let status: number;
  try {
    status = await inDomain(options, { surroundings, screen, halt, links }, work);
  } catch (thrown) {
    screen.close();
    for (const words of [failureText(thrown, options.debug === true), hint(thrown)]) {
      if (words !== undefined) screen.complain(words);
    }
    return failureStatus(thrown);
  } finally {
    screen.close();
    stopListening();
    await screen.flushErrors();
  }
  status = await links.follow(status);
  await screen.flushErrors();
  return status;
}

async function inDomain(
  { bus, embedded = false }: DomainOptions,
  errand: Errand,
  work: (domain: Domain, errand: Errand) => Promise<number>,
): Promise<number> {
  const { halt, screen, surroundings } = errand;
  const { connect, environment } = surroundings;
  const options = { environment, embedded, ...(bus !== undefined && { bus }) };
  const domain = await orAborted(connect('', options), halt.signal);
  try {
    return await work(domain, errand);
  } finally {
    await domain.close().catch((error: unknown) => {
      screen.complain(`can't close the connection: ${HotwireError.from(error).message}`);
    });
  }
}
