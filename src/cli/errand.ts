// What every command that has to do with a pipeline shares: a screen, a reason to stop early, a domain or many, an exit
// status.
import type { ConnectOptions, Domain } from '../client/api';
import type { DomainGroup } from '../client/group-api';
import { HotwireError } from '../errors';
import { type DomainOptions, typedDomain } from './domain-options';
import { onInterrupt } from './interrupt';
import { Links } from './links';
import { logIn } from './login';
import { failureStatus, failureText } from './outcome';
import { type ColourChoice, Screen } from './screen';
import type { Surroundings } from './surroundings';

export type { DomainOptions } from './domain-options';

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

/** What is done in one domain, with its exit status. */
type Work = (domain: Domain, errand: Errand) => Promise<number>;
/** What is done in many. */
type GroupWork = (group: DomainGroup, errand: Errand) => Promise<number>;

/**
 * Does something with a domain; a failure is told on standard error, and what the pipeline asked of its display is done.
 * @param hint a line more for the person, when it has failed so
 * @param many what is done where several domains are named; without it, that is refused
 * @returns the exit status
 */
export async function onErrand(
  surroundings: Surroundings,
  options: ErrandOptions,
  work: Work,
  hint: (error: unknown) => string | undefined = () => undefined,
  many?: GroupWork,
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
    status = await inDomains(options, { surroundings, screen, halt, links }, work, many);
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

async function inDomains(
  options: DomainOptions,
  errand: Errand,
  work: Work,
  many: GroupWork | undefined,
): Promise<number> {
  const { halt, screen, surroundings } = errand;
  const named = await domainsOf(options, surroundings.environment);
  if (named.length <= 1) {
    const domain = await openDomain(named[0]?.address ?? '', options, surroundings, { screen, signal: halt.signal });
    return whileOpen(domain, screen, () => work(domain, errand));
  }
  if (many === undefined) {
    const words = `this is done in one domain, and '${typedDomain(options)}' are ${named.length}: name one`;
    throw new HotwireError('InvalidArgs', words);
  }
  const group = surroundings.connectAll(
    named.map(({ name }) => name),
    {
      ...connectOptions(options, surroundings),
      signal: halt.signal,
      ...(options.fanout !== undefined && { fanout: options.fanout }),
      keep: false,
      login: ({ address }, error) => logIn(address, error, surroundings, screen),
    },
  );
  const opened = await group;
  return whileOpen(opened, screen, () => many(opened, errand));
}

/**
 * Opens the one domain that is meant; where that takes a login, somebody at this terminal is asked.
 * @throws the error of the kind `Domain.…` or D-Bus that says why it can't be had
 */
export async function openDomain(
  address: string,
  options: DomainOptions,
  surroundings: Surroundings,
  { screen, signal }: { screen: Screen; signal: AbortSignal },
): Promise<Domain> {
  const open = () => surroundings.connect(address, { ...connectOptions(options, surroundings), signal });
  try {
    return await open();
  } catch (thrown) {
    const helped = thrown instanceof HotwireError && (await logIn(address, thrown, surroundings, screen));
    signal.throwIfAborted();
    if (!helped) throw thrown;
    return open();
  }
}

/** The domains that -H and -t name; none for this machine. @throws Domain.BadAddress */
export async function domainsOf(
  { hosts, domain = [] }: DomainOptions,
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly name: string; readonly address: string }[]> {
  if (hosts === undefined && domain.length === 0) return [];
  const { checkAddress, resolveHosts } = await import('../client/hosts');
  domain.forEach(checkAddress);
  const byName = hosts === undefined ? [] : resolveHosts(hosts, environment);
  return [...byName, ...(domain.length === 0 ? [] : resolveHosts(domain, environment))];
}

function connectOptions({ bus, embedded = false }: DomainOptions, { environment }: Surroundings): ConnectOptions {
  return { environment, embedded, ...(bus !== undefined && { bus }) };
}

async function whileOpen(
  opened: { close(): Promise<void> },
  screen: Screen,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } finally {
    await opened.close().catch((error: unknown) => {
      screen.complain(`can't close the connection: ${HotwireError.from(error).message}`);
    });
  }
}
